"""Ask the council's system for a change: kept with its case in one transaction, and sent after it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import (
    Account,
    Case,
    Conflict,
    clock,
    deliver,
    get_case,
    get_joined,
    joined_records,
    keep_file,
    limit,
    open_case,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.client import system
from services.council_tax.models import AskedChange
from services.council_tax.settings import CouncilTaxSettings
from services.council_tax.workflow import RECORD, SERVICE, type_of

ACT: Final = "change"
DAY: Final = 24 * 3600
SHOWN_DIGITS: Final = 2
_CHANGE: Final[TypeAdapter[Change]] = TypeAdapter(Change)
ENDS: Final = "_end"
"""With what the kind of a change ends that takes back another."""
_KEEP = insert(AskedChange).on_conflict_do_nothing().returning(AskedChange.case_id)
_LAST = (
    select(AskedChange.case_id, AskedChange.kind, AskedChange.change, AskedChange.files)
    .where(
        AskedChange.account_id == bindparam("account"),
        AskedChange.reference == bindparam("ref"),
        AskedChange.kind.in_(bindparam("kinds", expanding=True)),
        AskedChange.case_id != bindparam("this"),
        AskedChange.closed_at.is_(None),
    )
    .order_by(AskedChange.created_at.desc(), AskedChange.case_id)
    .limit(1)
)


def ask_change(
    account: Account,
    *,
    reference: str,
    change: Change,
    case_type: str,
    key: str,
    facts: Mapping[str, str] | None = None,
    documents: Sequence[UUID] = (),
    words: Mapping[str, str] | None = None,
) -> Case:
    """Keep a change for the council's system and open its case; it is sent once the page's transaction is committed.

    `reference` is an account that the resident has joined, or empty for somebody who moves in and has none. `key`
    names the request (use the draft's id): the same again, from another tab or by a second press, gives the same case
    and is sent once. `facts` are codes for routing; `documents` are the resident's own stored files, kept as evidence.
    `words` are kept beside the change and not sent: what its codes mean, such as the address of a property's number.
    Raises NotFound when the account is not theirs; TooMany, and Conflict when they have asked for the very same and it
    is not answered yet: then nothing of it is kept.
    """
    person_id = _known_as(account, reference)
    routed_by = {"kind": change.kind, **(facts or {})}
    with session().begin_nested():  # of what is one too many nothing stays, whatever the page commits after it
        case = open_case(account, case_type=type_of(case_type), key=key, summary=change.kind, facts=routed_by)
        payload = {"person_id": person_id, "reference": reference, "change": change.model_dump(mode="json")}
        about = f"{RECORD}:{reference}" if reference else None
        delivery = deliver(
            account, service=SERVICE, act=ACT, payload=payload, key=str(case.id), about=about, case_id=case.id
        )
        now = clock.now()
        kept = {
            "case_id": case.id,
            "account_id": account.id,
            "reference": reference,
            "kind": change.kind,
            "change": {**shown(change), **(words or {})},
            "files": list(documents),
            "sent_as": delivery.id,
            "with_officer": False,
            "followed_at": now,
            "created_at": now,
            "closed_at": None,
        }
        if session().scalar(_KEEP, kept) is None:
            return case  # asked before under this key: nothing is added to it
        _refuse_the_same(kept)
        limit(f"council_tax.change:{account.id}", limit=settings_of(CouncilTaxSettings).changes_a_day, seconds=DAY)
        for file_id in documents:
            keep_file(account.id, file_id)
        return case


def send_change(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:  # plain JSON both, as it is kept
    """Hand one change over to the council's system. Raises Unavailable, NotFound, OfficeRefused."""
    change = _CHANGE.validate_python(payload["change"])
    answer = system(patient=True).change(payload["person_id"], payload["reference"], change, key)
    return answer.model_dump(mode="json")


def _known_as(account: Account, reference: str) -> str:
    """What the system calls them on this account. Who moves into one that is not there yet is whom all their accounts
    name: by two names one may be a relative's, and the move would be booked on the wrong person.
    """
    if reference:
        return get_joined(account, SERVICE, reference).person_key
    names = {each.person_key for each in joined_records(account, SERVICE)}
    return names.pop() if len(names) == 1 else ""


def _refuse_the_same(kept: Mapping[str, Any]) -> None:  # a row of an asked change
    """What they asked last about that is not asked once more; on, off and on again are three changes."""
    base = str(kept["kind"]).removesuffix(ENDS)
    asked = {"account": kept["account_id"], "ref": kept["reference"], "kinds": [base, f"{base}{ENDS}"]}
    last = session().execute(_LAST, {**asked, "this": kept["case_id"]}).one_or_none()
    if last is not None and all(getattr(last, name) == kept[name] for name in ("kind", "change", "files")):
        same = get_case(kept["account_id"], last.case_id).reference
        raise Conflict(_("You have asked for this already. Your reference is %(reference)s.", reference=same))


def shown(change: Change) -> dict[str, Any]:  # the fields of a change, plain JSON
    """The change as it is shown again later: of a bank account only the last two digits."""
    told = change.model_dump(mode="json")
    told.pop("sort_code", None)
    if number := told.pop("account_number", None):
        told["account_ending"] = number[-SHOWN_DIGITS:]
    return told
