"""Which applications there are, what they have for a resident, and what is kept of either."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import DateTime, and_, bindparam, func, select

from portal import clock
from portal.db.session import session
from portal.identity.secret_values import kept_as
from portal.linkouts.models import LinkOutErasureRow, LinkOutItemRow, LinkOutPersonRow, LinkOutRow
from portal.linkouts.values import Item, Known, LinkOut, NotTaken, Shown

MOST_ERASURES: Final = 100
STRANGER: Final = "This application knows no such resident."

APPLICATION = tuple(getattr(LinkOutRow, name) for name in LinkOut.__dataclass_fields__)
ITEM = tuple(getattr(LinkOutItemRow, name) for name in Item.__dataclass_fields__)
_NOW = bindparam("now", type_=DateTime(timezone=True))

_ALL = select(*APPLICATION).order_by(LinkOutRow.slug)
_BY_TOKEN = select(*APPLICATION).where(LinkOutRow.token_hash == bindparam("token_hash"))
_BY_SLUG = select(*APPLICATION).where(LinkOutRow.slug == bindparam("slug"))
_LIVE = and_(
    LinkOutItemRow.person_id == LinkOutPersonRow.id,
    LinkOutItemRow.expires_at > _NOW,
    LinkOutItemRow.done_at.is_(None),
)
_SHOWN = (
    select(*APPLICATION, *ITEM)
    .join(
        LinkOutPersonRow,
        and_(
            LinkOutPersonRow.slug == LinkOutRow.slug,
            LinkOutPersonRow.account_id == bindparam("account"),
            LinkOutPersonRow.stopped_at.is_(None),
        ),
        isouter=True,
    )
    .join(LinkOutItemRow, _LIVE, isouter=True)
    .order_by(LinkOutRow.slug, LinkOutItemRow.kind, LinkOutItemRow.key)
)
_ITEMS = (
    select(*ITEM)
    .where(LinkOutItemRow.person_id == bindparam("person"), LinkOutItemRow.expires_at > _NOW)
    .order_by(LinkOutItemRow.kind, LinkOutItemRow.key)
)
_IS_KNOWN = select(LinkOutPersonRow.id).where(
    LinkOutPersonRow.id == bindparam("person"), LinkOutPersonRow.slug == bindparam("slug")
)
_COUNT = (
    select(func.count())
    .where(LinkOutItemRow.person_id == LinkOutPersonRow.id, LinkOutItemRow.expires_at > _NOW)
    .scalar_subquery()
)
_KNOWN = (
    select(*APPLICATION, LinkOutPersonRow.id, LinkOutPersonRow.known_at, LinkOutPersonRow.stopped_at, _COUNT)
    .join(LinkOutPersonRow, LinkOutPersonRow.slug == LinkOutRow.slug)
    .where(LinkOutPersonRow.account_id == bindparam("account"))
    .order_by(LinkOutRow.slug)
)
_ERASURES = (
    select(LinkOutErasureRow.id, LinkOutErasureRow.erased_at)
    .where(LinkOutErasureRow.slug == bindparam("slug"))
    .order_by(LinkOutErasureRow.erased_at, LinkOutErasureRow.id)
    .limit(MOST_ERASURES)
)
_SIZES = select(
    LinkOutRow.slug,
    select(func.count()).where(LinkOutPersonRow.slug == LinkOutRow.slug).scalar_subquery(),
    select(func.count()).where(LinkOutErasureRow.slug == LinkOutRow.slug).scalar_subquery(),
)
_ABOUT = (
    select(LinkOutPersonRow.slug, LinkOutRow.title, LinkOutPersonRow.known_at, LinkOutPersonRow.seen_at)
    .add_columns(LinkOutPersonRow.stopped_at, *ITEM)
    .join(LinkOutRow, LinkOutRow.slug == LinkOutPersonRow.slug)
    .join(LinkOutItemRow, LinkOutItemRow.person_id == LinkOutPersonRow.id, isouter=True)
    .where(LinkOutPersonRow.account_id == bindparam("account"))
    .order_by(LinkOutPersonRow.slug, LinkOutItemRow.kind, LinkOutItemRow.key)
)


def link_outs() -> Sequence[LinkOut]:
    """Every application, by slug."""
    return [_application(row) for row in session().execute(_ALL)]


def find_link_out(slug: str) -> LinkOut | None:
    """The application of that slug."""
    row = session().execute(_BY_SLUG, {"slug": slug}).one_or_none()
    return _application(row) if row is not None else None


def find_by_token(token: str) -> LinkOut | None:
    """The application that calls with this token."""
    row = session().execute(_BY_TOKEN, {"token_hash": kept_as(token)}).one_or_none()
    return _application(row) if row is not None else None


def shown_to(account_id: uuid.UUID) -> Sequence[Shown]:
    """Every application with what it has for this resident, in one query; by slug."""
    rows = session().execute(_SHOWN, {"account": account_id, "now": clock.now()}).all()
    parts = groupby(rows, key=lambda row: row[0])
    return [_shown(list(part)) for _slug, part in parts]


def items_of(link_out: LinkOut, person_id: uuid.UUID) -> Sequence[Item]:
    """What an application keeps here about one resident, done tasks too; by kind and key.

    Raises NotTaken: another application's resident looks like none.
    """
    if session().scalar(_IS_KNOWN, {"person": person_id, "slug": link_out.slug}) is None:
        raise NotTaken("unknown_resident", STRANGER)
    return [Item(**row._mapping) for row in session().execute(_ITEMS, {"person": person_id, "now": clock.now()})]


def known_to(account_id: uuid.UUID) -> Sequence[Known]:
    """The applications that this resident has signed in to; by slug."""
    rows = session().execute(_KNOWN, {"account": account_id, "now": clock.now()})
    width = len(APPLICATION)
    return [Known(_application(row), *row[width:]) for row in rows]


def erasures(slug: str) -> Sequence[tuple[uuid.UUID, datetime]]:
    """Whom an application has yet to forget, and since when: the first hundred, the oldest first."""
    return [(row.id, row.erased_at) for row in session().execute(_ERASURES, {"slug": slug})]


def sizes() -> dict[str, tuple[int, int]]:
    """By slug: how many residents the application knows, and how many it has yet to forget."""
    return {slug: (people, erased) for slug, people, erased in session().execute(_SIZES)}


def everything_about(account_id: uuid.UUID) -> list[dict[str, Any]]:
    """Each application that knows a resident, with all that it sent, for the copy of their data."""
    rows = session().execute(_ABOUT, {"account": account_id}).all()
    return [_told(list(part)) for _slug, part in groupby(rows, key=lambda row: row.slug)]


def _told(rows: Sequence[Any]) -> dict[str, Any]:
    first = rows[0]
    known = {name: getattr(first, name) for name in ("slug", "title", "known_at", "seen_at", "stopped_at")}
    items = [dict(zip(Item.__dataclass_fields__, row[5:], strict=True)) for row in rows if row.kind is not None]
    return {**known, "sent": items}


def _shown(rows: Sequence[Any]) -> Shown:
    width = len(APPLICATION)
    items = [row[width:] for row in rows if row[width] is not None]
    names = Item.__dataclass_fields__
    return Shown(_application(rows[0]), [Item(**dict(zip(names, item, strict=True))) for item in items])


def _application(row: Sequence[Any]) -> LinkOut:
    """From a row that begins with the columns of `APPLICATION`, in the order of the value's fields."""
    return LinkOut(**dict(zip(LinkOut.__dataclass_fields__, row, strict=False)))
