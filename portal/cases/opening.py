"""Open a case."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert as insert_if_absent

from portal import clock
from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.cases.declared import CaseType
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.routing import Choice, Facts
from portal.cases.routing_rules import route
from portal.cases.service_levels import promised_at
from portal.cases.values import Case, Channel
from portal.cases.writing import write_opened
from portal.db.session import session
from portal.errors import Conflict
from portal.identity.sessions import current_actor, current_channel, current_identity_check, current_session_or_none
from portal.references import new_reference
from portal.staff.narrow_visits import require_opening
from portal.web.languages import gettext as _

LONGEST_KEY: Final = 80
LONGEST_SUMMARY: Final = 120
LONGEST_AREA: Final = 40
_TRIES = 5

_VALUES: Final = (
    "id", "service", "type", "reference", "account_id", "idempotency_key", "status", "summary", "opened_at",
    "updated_at", "closed_at", "version", "channel", "area", "team", "waits_for", "due_at", "reopened",
    "rating_words", "opened_by", "identity_check",
)  # fmt: skip
_TABLE = cast(Table, CaseRow.__table__)
# None for an account that is closed, perhaps while we wait: whoever claims it holds it until all it had is theirs.
_OPEN_ACCOUNT = AccountRow.id == bindparam("account_id"), AccountRow.closed_at.is_(None)
_CASE_OF = (
    select(*(bindparam(name, type_=_TABLE.c[name].type) for name in _VALUES))
    .select_from(AccountRow)
    .where(*_OPEN_ACCOUNT)
    .with_for_update(read=True, key_share=True)
)
# Both unique constraints end here: the key that came before, and the reference that was given before.
_OPEN = (
    insert_if_absent(_TABLE)
    .from_select(_VALUES, _CASE_OF, include_defaults=False)
    .on_conflict_do_nothing()
    .returning(*CASE_COLUMNS)
)
_IS_OPEN = select(AccountRow.id).where(*_OPEN_ACCOUNT)
_BY_KEY = select(*CASE_COLUMNS).where(
    CaseRow.account_id == bindparam("account"), CaseRow.idempotency_key == bindparam("key")
)


def open_case(
    account: Account,
    *,
    case_type: CaseType,
    key: str,
    summary: str = "",
    area: str = "",
    facts: Mapping[str, str] | None = None,
    channel: Channel | None = None,
) -> Case:
    """The resident's new case of that type, in its first status, with the team that routing gives it.

    The same `key` again, even at the same time, gives the case that is there already and adds nothing: use the
    draft's id. `summary` is a short phrase or code of the service's own, never what the resident typed. `area` is the
    ward or the like that it is about; `facts` are further codes that routing rules may ask for, and are not kept.
    Who fills it in and how it came is known from the session, unless `channel` says otherwise.
    Raises Conflict when the key opened a case of another type, or when the account is closed or claimed meanwhile;
    Refused for staff in the resident's place who may not help with such a case.
    """
    if not key or len(key) > LONGEST_KEY or len(summary) > LONGEST_SUMMARY or len(area) > LONGEST_AREA:
        raise ValueError("a case needs a key of at most 80 characters, a summary of at most 120, an area of at most 40")
    if not set(facts or ()) <= set(case_type.facts):
        raise ValueError("facts of a case are those that its type declares")
    by = _by(account, channel)
    known = Facts(
        service=case_type.service,
        type=case_type.slug,
        area=area,
        channel=by.channel,
        summary=summary,
        more=facts,
    )
    choice = route(case_type, known)
    require_opening(account.id, _Place(case_type.service, case_type.slug, area, choice.team))
    now = clock.now()
    for _attempt in range(_TRIES):
        found = session().execute(
            _OPEN,
            {
                "id": uuid.uuid4(),
                "service": case_type.service,
                "type": case_type.slug,
                "reference": new_reference(),
                "account_id": account.id,
                "idempotency_key": key,
                "status": case_type.first.code,
                "summary": summary,
                "opened_at": now,
                "updated_at": now,
                "closed_at": None if case_type.first.open else now,
                "version": 1,
                "channel": by.channel,
                "area": area,
                "team": choice.team,
                "waits_for": case_type.first.turn,
                "due_at": promised_at(now, case_type.promise_of(summary)) if case_type.first.open else None,
                "reopened": 0,
                "rating_words": "",
                "opened_by": by.actor,
                "identity_check": by.identity_check,
            },
        )
        opened = found.one_or_none()
        if opened is not None:
            case = case_from(opened)
            write_opened(case, actor=by.actor, details=_reasons(choice))
            return case
        before = session().execute(_BY_KEY, {"account": account.id, "key": key}).one_or_none()
        if before is not None:
            return _same_type(case_from(before), case_type)
        if session().execute(_IS_OPEN, {"account_id": account.id}).one_or_none() is None:
            raise Conflict(_("This account is no longer in use, so nothing was sent from it."))
    raise Conflict(_("We could not give this a reference. Send it again."))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a case will be: what a right is about."""

    service: str
    type: str
    area: str
    team: str


@dataclass(frozen=True, slots=True)
class _By:
    """Who opens a case, how it came, and how staff made sure of a caller."""

    actor: str
    channel: Channel
    identity_check: str


def _by(account: Account, channel: Channel | None) -> _By:
    """The resident, or staff who fill in the form for them. Where nobody is signed in, the account itself."""
    live = current_session_or_none()
    if live is None or live.account.id != account.id:
        return _By(f"account:{account.id}", channel or "web", "")
    came_by = cast(Channel, current_channel())  # the same words, said where channels are not known
    return _By(current_actor(), channel or came_by, current_identity_check())


def _reasons(choice: Choice) -> dict[str, str]:
    """Why the team got it, for the ledger."""
    if choice.rule is None:
        return {"team": choice.team} if choice.team else {}
    return {"team": choice.team, "rule": str(choice.rule.id)}


def _same_type(case: Case, case_type: CaseType) -> Case:
    if (case.service, case.type) != (case_type.service, case_type.slug):
        raise Conflict(_("This was already sent as something else."))
    return case
