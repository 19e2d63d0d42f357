"""One of each thing of visitors' and business parking that an address of the portal can name."""

import uuid
from collections.abc import Mapping

from sqlalchemy import select

from portal.accounts.values import Account
from portal.db.session import session
from services.permits.models.businesses import BusinessInvitation
from services.permits.operations.businesses import begin_business, invite, register_business
from services.permits.operations.visits import start_visit
from services.permits.queries.businesses import get_business_draft
from services.permits.tests import parked

POSTCODE = "W14 0AA"


def visit_things(account: Account) -> Mapping[str, str]:
    """A visitor who is there, hours to use, a business with a code for a colleague, and one that is half registered."""
    zone = parked.zone("V")
    parked.permit(account, "", kind="visitor", zone_code=zone, days=365)
    parked.balance(account, minutes=600, zone_code=zone)
    visit = start_visit(account, registration="VV11SIT", hours=1, key=uuid.uuid4(), zone=zone)
    session().commit()  # addresses are looked up, which no transaction waits for
    business_id = _business(account, zone)
    invite(account, business_id=business_id, role="driver")
    invitation = session().scalars(select(BusinessInvitation.id)).first()
    session().commit()
    draft_id = begin_business(account, name="Half a shop", number="", postcode=POSTCODE)
    session().commit()
    return {
        "visit_id": str(visit.id),
        "business_id": str(business_id),
        "invitation_id": str(invitation),
        "member_id": str(account.id),
        "permits.business_address.draft_id": str(draft_id),
        "permits.enforcement_look_up.registration": "VV11SIT",
    }


def _business(account: Account, zone: str) -> uuid.UUID:
    draft_id = begin_business(account, name="Shop", number="", postcode=POSTCODE)
    found = get_business_draft(account, draft_id).answers["details"]["found"][0]
    parked.place(found["uprn"], zone)
    return register_business(account, draft_id=draft_id, uprn=found["uprn"])
