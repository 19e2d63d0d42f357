"""What the stand-in knows: tables in a schema of its own, which nobody else reads. Made when they are first needed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.db.session import db, session

SCHEMA: Final = "notify_standin"
PAGE: Final = 250
RETENTION: Final = timedelta(days=7)

metadata = MetaData(schema=SCHEMA)
_moment = DateTime(timezone=True)
notification = Table(
    "notification",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text),
    Column("kind", String(10), nullable=False),
    Column("address", JSONB, nullable=False),
    Column("template_id", Uuid, nullable=False),
    Column("subject", Text),
    Column("body", Text, nullable=False),
    Column("status", String(30), nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("sent_at", _moment),
    Column("completed_at", _moment),
    Index("ix_notification_newest", "created_at", "id"),
    Index("ix_notification_reference", "reference"),
)
receipt = Table(
    "receipt",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("notification_id", Uuid, nullable=False),
    Column("status", String(30), nullable=False),
    Column("completed_at", _moment, nullable=False),
    Column("due_at", _moment, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
)
control = Table("control", metadata, Column("id", Integer, primary_key=True), Column("how", JSONB, nullable=False))


def make_tables() -> None:
    """The schema with its tables, unless they are there. Needs the application's context."""
    with db.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtext('notify_standin'))"))
        connection.execute(text(f"create schema if not exists {SCHEMA}"))
        metadata.create_all(connection)


def keep(values: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> None:
    """A new notification, with the receipts that will be sent for it. What Notify would have forgotten goes."""
    session().execute(delete(notification).where(notification.c.created_at < clock.now() - RETENTION))
    session().execute(insert(notification).values(**values))
    for each in receipts:
        session().execute(insert(receipt).values(id=uuid.uuid4(), notification_id=values["id"], **each))


def find(notification_id: uuid.UUID) -> RowMapping | None:
    """One notification."""
    query = select(notification).where(notification.c.id == notification_id)
    return session().execute(query).mappings().one_or_none()


def newest(filters: Mapping[str, Any], older_than: uuid.UUID | None) -> Sequence[RowMapping]:
    """A page of notifications, newest first. `filters` are columns and the values that they may have."""
    query = select(notification).order_by(notification.c.created_at.desc(), notification.c.id.desc()).limit(PAGE)
    for name, values in filters.items():
        query = query.where(notification.c[name].in_(values))
    if older_than is not None:
        last = find(older_than)
        if last is None:
            return []
        query = query.where(
            tuple_(notification.c.created_at, notification.c.id) < tuple_(last["created_at"], last["id"])
        )
    return session().execute(query).mappings().all()


def count_since(moment: datetime, kind: str | None = None) -> int:
    """How many were sent since then."""
    query = select(func.count()).select_from(notification).where(notification.c.created_at >= moment)
    return session().execute(query if kind is None else query.where(notification.c.kind == kind)).scalar_one()


def due_receipt(moment: datetime) -> tuple[RowMapping, RowMapping] | None:
    """The receipt that is due first, locked, and its notification."""
    query = select(receipt).where(receipt.c.due_at <= moment).order_by(receipt.c.due_at, receipt.c.id).limit(1)
    row = session().execute(query.with_for_update(skip_locked=True)).mappings().one_or_none()
    if row is None:
        return None
    about = find(row["notification_id"])
    return (row, about) if about is not None else None


def next_due() -> datetime | None:
    """When the next receipt is due."""
    found: datetime | None = session().execute(select(func.min(receipt.c.due_at))).scalar_one()
    return found


def arrive(notification_id: uuid.UUID, status: str, completed_at: datetime) -> None:
    """The notification has come to this end, unless it came to a later one before."""
    earlier = notification.c.completed_at.is_(None) | (notification.c.completed_at <= completed_at)
    session().execute(
        update(notification)
        .where(notification.c.id == notification_id, earlier)
        .values(status=status, completed_at=completed_at)
    )


def put_off(receipt_id: uuid.UUID, due_at: datetime) -> None:
    """The callback did not take it: again later."""
    session().execute(
        update(receipt).where(receipt.c.id == receipt_id).values(due_at=due_at, attempts=receipt.c.attempts + 1)
    )


def drop(receipt_id: uuid.UUID) -> None:
    """The callback took it, or never will."""
    session().execute(delete(receipt).where(receipt.c.id == receipt_id))


def how() -> dict[str, Any]:
    """How it was told to behave; empty when it was told nothing."""
    found = session().execute(select(control.c.how).where(control.c.id == 1)).scalar_one_or_none()
    return dict(found or {})


def tell(told: Mapping[str, Any]) -> None:
    """Behave like that from now on."""
    made = upsert(control).values(id=1, how=dict(told))
    session().execute(made.on_conflict_do_update(index_elements=["id"], set_={"how": made.excluded.how}))
