"""What residents asked for: the facts of a case, and what still waits to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from portal.kit import Account, Case, Fact, Lazy, deliveries_of, format_date, money, session
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.models import AskedChange
from services.council_tax.rules.claim_words import answer_shown, claimed_called, question_called
from services.council_tax.workflow import SERVICE

LABELS: Final[Mapping[str, Lazy]] = {
    "payer_name": _l("Name on the bank account"),
    "payee_name": _l("Name on the bank account"),
    "account_ending": _l("Bank account"),
    "day": _l("Day of the month"),
    "on": _l("Paperless bills"),
    "code": _l("What you asked for"),
    "since_on": _l("From"),
    "until_on": _l("Until"),
    "ended_on": _l("Last day"),
    "everybody": _l("Everybody on the account moves"),
    "left_on": _l("Left the old home on"),
    "moved_on": _l("Moved on"),
    "home": _l("New home"),
    "names": _l("Who pays"),
    "adults": _l("Adults in the home"),
    "tenure": _l("The home is"),
    "forwarding": _l("New address"),
    "pence": _l("Amount"),
    "months": _l("Months"),
    "many": _l("Payments a year"),
}
"""Fields that have a value of their own on the page, in their order. What else was asked is in `answers`."""
TENURES: Final[Mapping[str, Lazy]] = {
    "owner": _l("Owned"),
    "tenant": _l("Rented"),
    "other": _l("Neither owned nor rented"),
}
_BY_CASE = select(AskedChange).where(AskedChange.case_id == bindparam("case"))
_WAITING = select(
    AskedChange.case_id,
    AskedChange.reference,
    AskedChange.kind,
    AskedChange.created_at.label("asked_at"),
    AskedChange.with_officer,
).where(
    AskedChange.account_id == bindparam("account"),
    AskedChange.closed_at.is_(None),
    or_(AskedChange.with_officer, AskedChange.case_id.in_(bindparam("cases", expanding=True))),
)


@dataclass(frozen=True, slots=True)
class WaitingChange:
    """A change that is not made yet: the system has not got it, or (`with_officer`) somebody there is to decide.

    `reference` is the council tax account, `kind` that of the change.
    """

    case_id: UUID
    reference: str
    kind: str
    asked_at: datetime
    with_officer: bool


def waiting_changes(account: Account, reference: str | None = None) -> Sequence[WaitingChange]:
    """What the resident has asked for and is not made yet, newest first; of one account, if named."""
    waiting = [each.case_id for each in deliveries_of(account.id, SERVICE) if each.case_id]
    rows = session().execute(_WAITING, {"account": account.id, "cases": waiting})
    found = [WaitingChange(**row._mapping) for row in rows]
    ours = [each for each in found if reference is None or each.reference == reference]
    return sorted(ours, key=lambda each: each.asked_at, reverse=True)


def case_facts(case: Case) -> Sequence[Fact]:
    """What was asked for, for resident and staff alike; nothing once that is forgotten."""
    row = session().execute(_BY_CASE, {"case": case.id}).scalar_one_or_none()
    if row is None or row.account_id is None:
        return ()
    facts = [Fact(_("Council tax account"), row.reference)] if row.reference else []
    facts += [
        Fact(label, _shown(row.kind, name, row.change[name]))
        for name, label in LABELS.items()
        if row.change.get(name) not in (None, "", [])
    ]
    answers = row.change.get("answers", {})
    facts += [Fact(question_called(name), answer_shown(name, str(value))) for name, value in answers.items() if value]
    facts += [Fact(_("Evidence"), "", file_id=file_id) for file_id in row.files]
    return facts


def _shown(kind: str, name: str, value: Any) -> str | Sequence[str]:  # a field of a change, plain JSON
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "pence":
        return money(value)
    if name.endswith("_on"):
        return format_date(date.fromisoformat(value))
    if name == "account_ending":
        return _("The one that ends in %(digits)s", digits=value)
    if isinstance(value, list):
        return [str(each) for each in value]
    if name == "code":
        return claimed_called(kind, value) or _words(value)
    return str(TENURES.get(value, value)) if name == "tenure" else str(value)


def _words(code: str) -> str:
    """A code of the rules as words, where no page says it better."""
    return code.replace("_", " ").capitalize()
