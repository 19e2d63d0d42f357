"""Open a case, move it on, and forget who asked for it."""

import uuid

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy import case as sql_case
from sqlalchemy.dialects.postgresql import insert as insert_if_absent

from portal import clock
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.cases.models import CaseEventRow, CaseRow, DraftRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.references import new_reference
from portal.cases.types import find_type
from portal.cases.values import CHANNELS, Case, CaseType, Channel, kind_of
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.web.languages import gettext as _

LONGEST_KEY = 80
LONGEST_REASON = 2000
_TRIES = 5

# Both unique constraints end here: the key that came before, and the reference that was given before.
_OPEN = insert_if_absent(CaseRow).on_conflict_do_nothing().returning(*CASE_COLUMNS)
_BY_KEY = select(*CASE_COLUMNS).where(
    CaseRow.account_id == bindparam("account"), CaseRow.idempotency_key == bindparam("key")
)
_LOCK = select(*CASE_COLUMNS).where(CaseRow.id == bindparam("case")).with_for_update()


def open_case(account: Account, *, case_type: CaseType, key: str, summary: str = "", channel: Channel = "web") -> Case:
    """The resident's new case of that type, in its first status.

    The same `key` again, even at the same time, gives the case that is there already and adds nothing: use the
    draft's id. `summary` is a short phrase or code of the service's own, never what the resident typed.
    Raises Conflict when the key opened a case of another type.
    """
    if not key or len(key) > LONGEST_KEY or len(summary) > 120:
        raise ValueError("a case needs a key of at most 80 characters and a summary of at most 120")
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
                "channel": channel,
                "area": "",
                "team": "",
                "waits_for": "council" if case_type.first.open else "nobody",
                "reopened": 0,
                "rating_words": "",
                "opened_by": f"account:{account.id}",
                "identity_check": "",
                "search": "",
            },
        )
        opened = found.one_or_none()
        if opened is not None:
            case = case_from(opened)
            _add_event(case, kind="opened", actor=f"account:{account.id}", channel=channel, reason="")
            return case
        before = session().execute(_BY_KEY, {"account": account.id, "key": key}).one_or_none()
        if before is not None:
            return _same_type(case_from(before), case_type)
    raise Conflict(_("We could not give this a reference. Send it again."))


def move_case(
    case_id: uuid.UUID,
    *,
    to: str,
    actor: str,
    channel: Channel,
    reason: str = "",
    expected_version: int | None = None,
) -> Case:
    """Move a case to the status `to`; the one place where moves are checked, under a lock.

    `actor` is `account:<id>`, `staff:<id>` or `system:<room>`; `reason` is shown to the resident. Raises NotFound (no
    such case, or a resident who is not its owner), Conflict when it is no longer at `expected_version`, Refused when
    its type has no such move for this kind of actor.
    """
    kind = kind_of(actor)
    if channel not in CHANNELS or len(reason) > LONGEST_REASON:
        raise ValueError(f"the channel is one of {', '.join(CHANNELS)}, the reason has at most {LONGEST_REASON}")
    row = session().execute(_LOCK, {"case": case_id}).one_or_none()
    if row is None:
        raise NotFound
    case = case_from(row)
    if kind == "resident" and actor != f"account:{case.account_id}":
        raise NotFound
    if expected_version is not None and expected_version != case.version:
        raise Conflict(_("This has changed since you opened the page. Look at it again before you go on."))
    case_type = find_type(case.service, case.type)
    move = case_type.find_move(case.status, to) if case_type else None
    target = case_type.find_status(to) if case_type else None
    if move is None or target is None or kind not in move.by:
        raise Refused(_("This cannot be done at the stage it has reached."))
    return _moved(case, to=to, still_open=target.open, actor=actor, channel=channel, reason=reason)


def forget(account_id: uuid.UUID) -> None:
    """Keep the cases without the person: nothing in the ledger leads to them any more. Drafts go altogether."""
    forgotten = sql_case((CaseEventRow.actor == f"account:{account_id}", "account:forgotten"), else_=CaseEventRow.actor)
    session().execute(delete(DraftRow).where(DraftRow.account_id == account_id))
    session().execute(
        update(CaseEventRow)
        .where(CaseEventRow.account_id == account_id)
        .values(account_id=None, actor=forgotten, reason="")
    )
    session().execute(
        update(CaseRow).where(CaseRow.account_id == account_id).values(account_id=None, idempotency_key=None)
    )


def _moved(case: Case, *, to: str, still_open: bool, actor: str, channel: Channel, reason: str) -> Case:
    now = clock.now()
    closed_at = None if still_open else now
    changed = session().execute(
        update(CaseRow)
        .where(CaseRow.id == case.id)
        .values(status=to, version=case.version + 1, updated_at=now, closed_at=closed_at)
        .returning(*CASE_COLUMNS)
    )
    moved = case_from(changed.one())
    _add_event(moved, kind="moved", actor=actor, channel=channel, reason=reason, source=case.status)
    return moved


def _add_event(case: Case, *, kind: str, actor: str, channel: Channel, reason: str, source: str = "") -> None:
    session().execute(
        insert(CaseEventRow).values(
            case_id=case.id,
            account_id=case.account_id,
            at=case.updated_at,
            kind=kind,
            status=case.status,
            actor=actor,
            channel=channel,
            reason=reason,
            visible=True,
            details={},
        )
    )
    record(
        f"case.{kind}",
        actor=actor,
        subject=f"case:{case.id}",
        account_id=case.account_id,
        service=case.service,
        channel=channel,
        source=source,
        target=case.status,
    )


def _same_type(case: Case, case_type: CaseType) -> Case:
    if (case.service, case.type) != (case_type.service, case_type.slug):
        raise Conflict(_("This was already sent as something else."))
    return case
