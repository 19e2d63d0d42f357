"""The records that residents have joined to their accounts: read them, join one, let one go."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import has_app_context
from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.backoffices import leaving
from portal.db.session import session
from portal.errors import Conflict, NotFound
from portal.identity.sessions import current_session_or_none
from portal.joining.models import JoinedRecordRow
from portal.joining.values import How, JoinedRecord
from portal.web.languages import gettext as _

FIRST_ID: Final = uuid.UUID(int=0)

_COLUMNS = (
    JoinedRecordRow.id,
    JoinedRecordRow.account_id,
    JoinedRecordRow.service,
    JoinedRecordRow.kind,
    JoinedRecordRow.key,
    JoinedRecordRow.person_key,
    JoinedRecordRow.role,
    JoinedRecordRow.protected,
    JoinedRecordRow.how,
    JoinedRecordRow.joined_at,
)
_ALL = select(*_COLUMNS).where(JoinedRecordRow.account_id == bindparam("account"))
_EVERY = _ALL.order_by(JoinedRecordRow.service, JoinedRecordRow.joined_at, JoinedRecordRow.id)
_OF_SERVICE = _EVERY.where(JoinedRecordRow.service == bindparam("service"))
_ONE = _OF_SERVICE.where(JoinedRecordRow.key == bindparam("key")).limit(1)
_OF_KIND = _ONE.where(JoinedRecordRow.kind == bindparam("kind"))
_BY_ACCOUNT = (
    select(*_COLUMNS)
    .where(
        JoinedRecordRow.service == bindparam("service"),
        JoinedRecordRow.account_id.in_(
            select(JoinedRecordRow.account_id)
            .where(JoinedRecordRow.service == bindparam("service"), JoinedRecordRow.account_id > bindparam("after"))
            .group_by(JoinedRecordRow.account_id)
            .order_by(JoinedRecordRow.account_id)
            .limit(bindparam("many"))
        ),
    )
    .order_by(JoinedRecordRow.account_id, JoinedRecordRow.joined_at, JoinedRecordRow.id)
)
_HOLDERS = (
    select(*_COLUMNS)
    .where(
        JoinedRecordRow.service == bindparam("service"),
        JoinedRecordRow.kind == bindparam("kind"),
        JoinedRecordRow.key == bindparam("key"),
    )
    .order_by(JoinedRecordRow.joined_at, JoinedRecordRow.id)
)
_JOIN = insert(JoinedRecordRow).on_conflict_do_nothing().returning(*_COLUMNS)
_LEAVE = (
    delete(JoinedRecordRow)
    .where(
        JoinedRecordRow.account_id == bindparam("account"),
        JoinedRecordRow.service == bindparam("service"),
        JoinedRecordRow.kind == bindparam("of_kind"),
        JoinedRecordRow.key == bindparam("of_key"),
    )
    .returning(*_COLUMNS)
)
_PROTECT = (
    update(JoinedRecordRow)
    .where(
        JoinedRecordRow.service == bindparam("of_service"),
        JoinedRecordRow.kind == bindparam("of_kind"),
        JoinedRecordRow.key == bindparam("of_key"),
        JoinedRecordRow.protected != bindparam("flag"),
    )
    .values(protected=bindparam("flag"))
    .returning(JoinedRecordRow.id, JoinedRecordRow.account_id)
)
_UNSEEN: Final = {"synchronize_session": False}


def joined_records(account: Account, service: str) -> Sequence[JoinedRecord]:
    """The records of a service that the resident has joined, in the order in which they did."""
    return _seen(session().execute(_OF_SERVICE, {"account": account.id, "service": service}))


def all_joined(account_id: uuid.UUID) -> Sequence[JoinedRecord]:
    """The records of every service that somebody has joined, by service."""
    return _seen(session().execute(_EVERY, {"account": account_id}))


def find_joined(account: Account, service: str, key: str) -> JoinedRecord | None:
    """The resident's own joined record of that reference, if there is one. An address may hold any characters."""
    if "\0" in key:  # PostgreSQL's text cannot hold it, so no record can have it
        return None
    found = _seen(session().execute(_ONE, {"account": account.id, "service": service, "key": key}))
    return found[0] if found else None


def get_joined(account: Account, service: str, key: str) -> JoinedRecord:
    """The same. Raises NotFound, alike when there is no such record and when it is somebody else's."""
    found = find_joined(account, service, key)
    if found is None:
        raise NotFound(_("There is nothing here, or it is not in your account."))
    return found


def joined_after(service: str, after: uuid.UUID | None, many: int) -> Sequence[JoinedRecord]:
    """What the next `many` accounts after this one have joined, by account: for reminders and other rounds."""
    values = {"service": service, "after": after or FIRST_ID, "many": many}
    return [_joined(row) for row in session().execute(_BY_ACCOUNT, values)]


def holders_of(service: str, kind: str, key: str) -> Sequence[JoinedRecord]:
    """Everybody who has joined a record, the first one first: one for each person on it."""
    return [_joined(row) for row in session().execute(_HOLDERS, {"service": service, "kind": kind, "key": key})]


def join_record(
    account: Account,
    *,
    service: str,
    kind: str,
    key: str,
    person_key: str,
    role: str = "",
    protected: bool = False,
    how: How = "answers",
    actor: str | None = None,
) -> JoinedRecord:
    """Join a record to the account; joined already, it stays as it is. For who has made sure that it is theirs.

    Raises Conflict when another account has joined it for the same person.
    """
    values = {
        "id": uuid.uuid4(),
        "account_id": account.id,
        "service": service,
        "kind": kind,
        "key": key,
        "person_key": person_key,
        "role": role,
        "protected": protected,
        "how": how,
        "joined_at": clock.now(),
    }
    made = session().execute(_JOIN, values).one_or_none()
    if made is None:
        return _own(account, service, kind, key)
    record(
        "record.joined",
        actor=actor or f"account:{account.id}",
        account_id=account.id,
        subject=f"record:{made.id}",
        service=service,
        kind=kind,
        how=how,
    )
    return _joined(made)


def leave_record(account: Account, *, service: str, kind: str, key: str, actor: str | None = None) -> JoinedRecord:
    """Take a record out of the account; it stays with the council. Raises NotFound.

    What waits to be sent about it is not sent any more, and what the council's system said of it is forgotten.
    """
    values = {"account": account.id, "service": service, "of_kind": kind, "of_key": key}
    gone = session().execute(_LEAVE, values, execution_options=_UNSEEN).one_or_none()
    if gone is None:
        raise NotFound(_("There is nothing here, or it is not in your account."))
    who = actor or f"account:{account.id}"
    subject = f"record:{gone.id}"
    record("record.left", actor=who, account_id=account.id, subject=subject, service=service, kind=kind)
    leaving.let_go(account.id, service=service, kind=kind, key=key, person_key=gone.person_key)
    return _joined(gone)


def protect(service: str, kind: str, key: str, *, protected: bool, actor: str) -> None:
    """Keep a record's address from others from now on, or no longer: for everybody who has joined it."""
    values = {"of_service": service, "of_kind": kind, "of_key": key, "flag": protected}
    for changed in session().execute(_PROTECT, values, execution_options=_UNSEEN).all():
        subject = f"record:{changed.id}"
        record("record.protected", actor=actor, account_id=changed.account_id, subject=subject, protected=protected)


def _own(account: Account, service: str, kind: str, key: str) -> JoinedRecord:
    values = {"account": account.id, "service": service, "kind": kind, "key": key}
    row = session().execute(_OF_KIND, values).one_or_none()
    if row is None:
        raise Conflict(_("This is in another account already."))
    return _joined(row)


def _seen(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[JoinedRecord]:
    """But for protected ones while staff are in the resident's place to fill in a form.

    They have told nobody why they need to see one. Who looks at the portal as the resident does has had to.
    """
    live = current_session_or_none() if has_app_context() else None
    helped = live is not None and live.visit is not None and live.visit.mode == "assist"
    found = [_joined(row) for row in rows]
    return [each for each in found if not (helped and each.protected)]


def _joined(row: Row[*tuple[Any, ...]]) -> JoinedRecord:  # a row of `_COLUMNS`
    return JoinedRecord(**row._mapping)
