"""What letters about reports lead to, and a photo that everybody may see."""

import io
import re
import uuid

from sqlalchemy import select

from portal.accounts.values import Account
from portal.cases.values import Case
from portal.db.session import session
from portal.kit import letter_token
from services.reporting.models.reports import Photo
from services.reporting.operations import alerting, asking_fixed, following
from services.reporting.operations.moderating import moderate_photo
from services.reporting.operations.photos import add_photo_to
from services.reporting.queries.public import get_public
from services.reporting.rules.wanted import WantedAlert
from tests.support.outbox import letters
from tests.support.photos import photo
from tests.support.worker import work

EMAIL = "follower@tests.example"


def followed_things(account: Account, case: Case) -> dict[str, str]:
    """Of this resident's report, by the names in the addresses."""
    report = get_public(case.reference)
    add_photo_to(account, report_id=report.id, stream=io.BytesIO(photo()))
    session().commit()
    following.follow_by_email(report, email=EMAIL, come_from="127.0.0.1")
    alerting.ask_by_email(WantedAlert(called="A ward", ward="riverside"), email=EMAIL, come_from="127.0.0.1")
    session().commit()
    work()
    shown = session().scalars(select(Photo).where(Photo.report_id == report.id)).one()
    moderate_photo("staff:00000000-0000-4000-8000-000000000007", photo_id=shown.id, shown=True)
    session().commit()
    return {
        "problem": case.reference,
        "position": str(shown.position),
        "alert_id": str(uuid.uuid4()),
        "follow_id": str(uuid.uuid4()),
        "reporting.followed_by_letter.token": _token_in(following.LETTER),
        "reporting.alert_by_letter.token": _token_in(alerting.LETTER),
        "reporting.fixed.token": letter_token(asking_fixed.PURPOSE, report.id),
        "reporting.guest_letter.token": "no-letter-of-ours",
    }


def _token_in(template: str) -> str:
    found = re.search(r"/(?:following|alerts/letters)/(\S+)", letters(template)[-1].body)
    assert found is not None
    return found[1]
