"""What stands beside a claim: what the account has already, and what was asked for before."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import bindparam, select

from portal.kit import Account as Resident
from portal.kit import Case, clock, get_case, last_answer, session
from services.council_tax.backoffice.client import SERVICE
from services.council_tax.backoffice.values import Account, Adjustment
from services.council_tax.models import AskedChange
from services.council_tax.queries.bills import account_key, get_own
from services.council_tax.queries.debits import asked_row
from services.council_tax.rules.demo_scheme import DemoScheme
from services.council_tax.rules.reduction import Calculator

SCHEME: Final[Calculator] = DemoScheme()
"""The council tax reduction scheme. A council puts its own here; pages say that the demo's is an example."""
ENDS_BY_US: Final = frozenset({"premium"})
"""What no resident asks to end: a premium ends with what caused it, which they tell us of in another way."""
_OPEN = (
    select(AskedChange.case_id, AskedChange.change)
    .where(
        AskedChange.account_id == bindparam("account"),
        AskedChange.reference == bindparam("ref"),
        AskedChange.kind == bindparam("kind"),
        AskedChange.closed_at.is_(None),
    )
    .order_by(AskedChange.created_at, AskedChange.case_id)
)


def last_known(resident: Resident, reference: str) -> Account | None:
    """The account as the system last told it, without asking again: a question's page waits for nobody.

    Raises NotFound for an account that is not theirs.
    """
    get_own(resident, reference)
    return last_answer(resident.id, service=SERVICE, key=account_key(reference), kind=Account).value


def find_same_claim(resident: Resident, reference: str, kind: str, code: str = "", who: str = "") -> Case | None:
    """What the resident asked for of that kind and code, for the same person, and is not decided."""
    rows = session().execute(_OPEN, {"account": resident.id, "ref": reference, "kind": kind})
    same = next((row.case_id for row in rows if _subject(row.change) == (code, who.casefold())), None)
    return get_case(resident.id, same) if same else None


def find_held(account: Account, code: str, on: date) -> Adjustment | None:
    """What the account has of this code on a day or later."""
    return next(
        (one for one in account.adjustments if one.code == code and (one.until_on is None or one.until_on >= on)), None
    )


def holding(account: Account) -> Sequence[Adjustment]:
    """What changes the charge now or later and can be said to have ended, the oldest first."""
    today = clock.today()
    held = (
        one
        for one in account.adjustments
        if one.kind not in ENDS_BY_US and (one.until_on is None or one.until_on >= today)
    )
    return sorted(held, key=lambda one: (one.since_on, one.id))


def band_pence(account: Account) -> int:
    """The year's charge for the band, before anything lowers or raises it."""
    return sum(part.pence for part in account.parts)


def get_sent_claim(
    resident: Resident, reference: str, case_reference: str, kind: str
) -> tuple[Case, Mapping[str, object]]:
    """A claim that was sent, and what was asked. Raises NotFound."""
    case, row = asked_row(resident, reference, case_reference, kinds=(kind,))
    return case, row.change


def _subject(asked: Mapping[str, object]) -> tuple[str, str]:
    answers = asked.get("answers")
    who = answers.get("who", "") if isinstance(answers, Mapping) else ""
    return str(asked.get("code", "")), str(who).casefold()
