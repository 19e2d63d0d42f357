"""What an application does about a resident, and what a resident does about an application."""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Final, cast

from sqlalchemy import DateTime, Table, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import NotFound
from portal.linkouts.models import LinkOutErasureRow, LinkOutItemRow, LinkOutPersonRow
from portal.linkouts.queries import ITEM, STRANGER
from portal.linkouts.values import Item, Kind, LinkOut, NotTaken

MOST: Final[dict[Kind, int]] = {"card": 12, "task": 20, "activity": 100}
"""Of one application about one resident. Of activity the oldest makes room."""

_NOW = bindparam("now", type_=DateTime(timezone=True))
_PERSON = (
    # Locked: two calls about one resident count what there is one after the other, and none comes after their erasure.
    select(LinkOutPersonRow.stopped_at)
    .where(LinkOutPersonRow.id == bindparam("person"), LinkOutPersonRow.slug == bindparam("slug"))
    .with_for_update()
)
_WHOSE = (
    LinkOutPersonRow.account_id == bindparam("account"),
    LinkOutPersonRow.slug == bindparam("slug"),
)
_STOPPED = select(LinkOutPersonRow.stopped_at).where(*_WHOSE)
_MINE = select(LinkOutPersonRow.id).where(*_WHOSE).with_for_update()
_OF_PERSON = LinkOutItemRow.person_id == bindparam("person")
_ONE = _OF_PERSON & (LinkOutItemRow.kind == bindparam("of")) & (LinkOutItemRow.key == bindparam("named"))
_FIND = select(*ITEM).where(_ONE)
_TAKE = delete(LinkOutItemRow).where(_ONE).returning(LinkOutItemRow.key)
_COUNT = select(func.count()).where(
    _OF_PERSON, LinkOutItemRow.kind == bindparam("of"), LinkOutItemRow.expires_at > _NOW
)
_OLDEST = (
    select(LinkOutItemRow.key)
    .where(_OF_PERSON, LinkOutItemRow.kind == "activity")
    .order_by(LinkOutItemRow.at.desc(), LinkOutItemRow.key)
    .offset(MOST["activity"])
)
_TRIM = delete(LinkOutItemRow).where(
    _OF_PERSON, LinkOutItemRow.kind == "activity", LinkOutItemRow.key.in_(_OLDEST.scalar_subquery())
)
_WORD = cast(Table, LinkOutErasureRow.__table__)
_LEAVE = insert(_WORD).from_select(
    ["id", "slug", "erased_at"],
    select(LinkOutPersonRow.id, LinkOutPersonRow.slug, _NOW).where(LinkOutPersonRow.account_id == bindparam("account")),
)


def know(link_out: LinkOut, account_id: uuid.UUID) -> tuple[uuid.UUID, bool]:
    """Note that somebody has signed in to the application: what it calls them from now on, and whether that is new.

    Raises NotTaken when they let it write nothing.
    """
    asked = {"account": account_id, "slug": link_out.slug}
    _refuse_stopped(session().scalar(_STOPPED, asked))
    now, new_id = clock.now(), uuid.uuid4()
    made = insert(LinkOutPersonRow).values(
        id=new_id, account_id=account_id, slug=link_out.slug, known_at=now, seen_at=now
    )
    known = made.on_conflict_do_update(
        index_elements=[LinkOutPersonRow.account_id, LinkOutPersonRow.slug], set_={"seen_at": now}
    ).returning(LinkOutPersonRow.id)
    person_id = session().execute(known).scalar_one()
    if person_id == new_id:
        record("link_out.known", actor=link_out.actor, account_id=account_id, link_out=link_out.slug)
    return person_id, person_id == new_id


def put(link_out: LinkOut, person_id: uuid.UUID, item: Item) -> bool:
    """Keep a card or a task in the place of the one of the same key. Whether there was none.

    Raises NotTaken for somebody whom the application may not write about, too many, or a card older than the one kept.
    """
    _lock_person(link_out, person_id)
    kept = _find(person_id, item.kind, item.key)
    if kept is not None and item.kind == "card" and item.at < kept.at:
        raise NotTaken("older", "The card that is kept says something newer. Its as_of is later than yours.")
    if kept is None:
        _refuse_too_many(person_id, item.kind)
    values = asdict(item)
    session().execute(
        insert(LinkOutItemRow)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id", "kind", "key"], set_=values)
    )
    return kept is None


def post(link_out: LinkOut, person_id: uuid.UUID, item: Item) -> bool:
    """Keep an activity, once. Whether it was new.

    Raises NotTaken for somebody whom the application may not write about, or when the key says something else.
    """
    _lock_person(link_out, person_id)
    kept = _find(person_id, "activity", item.key)
    if kept is not None:
        if kept != item:
            raise NotTaken("different", "Something else was sent under this key. What happened does not change.")
        return False
    session().execute(insert(LinkOutItemRow).values(person_id=person_id, **asdict(item)))
    session().execute(_TRIM, {"person": person_id})
    return True


def take_back(link_out: LinkOut, person_id: uuid.UUID, kind: Kind, key: str) -> bool:
    """Keep it no longer. Whether it was there. Also for somebody who has turned the application off."""
    _lock_person(link_out, person_id, though_stopped=True)
    return session().scalar(_TAKE, {"person": person_id, "of": kind, "named": key}) is not None


def let_go_of(link_out: LinkOut, person_id: uuid.UUID) -> None:
    """The application knows this resident no longer, and all that it sent is gone. Raises NotTaken for a stranger."""
    _lock_person(link_out, person_id, though_stopped=True)
    gone = delete(LinkOutPersonRow).where(LinkOutPersonRow.id == person_id).returning(LinkOutPersonRow.account_id)
    record("link_out.let_go", actor=link_out.actor, account_id=session().scalar(gone), link_out=link_out.slug)


def confirm_erased(link_out: LinkOut, person_id: uuid.UUID) -> None:
    """The application says that it has forgotten them too. Doing it twice is doing it once."""
    asked = LinkOutErasureRow.id == person_id, LinkOutErasureRow.slug == link_out.slug
    if session().scalar(delete(LinkOutErasureRow).where(*asked).returning(LinkOutErasureRow.id)) is not None:
        record("link_out.erasure_confirmed", actor=link_out.actor, link_out=link_out.slug)


def stop(account: Account, slug: str) -> None:
    """Let an application write nothing more; what it has sent is gone at once. Raises NotFound."""
    person_id = _set_stopped(account, slug, clock.now())
    session().execute(delete(LinkOutItemRow).where(LinkOutItemRow.person_id == person_id))
    record("link_out.stopped", actor=f"account:{account.id}", account_id=account.id, link_out=slug)


def allow(account: Account, slug: str) -> None:
    """Let it write again. Raises NotFound."""
    _set_stopped(account, slug, None)
    record("link_out.allowed", actor=f"account:{account.id}", account_id=account.id, link_out=slug)


def forget(account_id: uuid.UUID) -> None:
    """Erase what applications sent about a person, and leave word for each that it has somebody to forget."""
    session().execute(_LEAVE, {"account": account_id, "now": clock.now()})
    session().execute(delete(LinkOutPersonRow).where(LinkOutPersonRow.account_id == account_id))


def _set_stopped(account: Account, slug: str, moment: datetime | None) -> uuid.UUID:
    person_id: uuid.UUID | None = session().scalar(_MINE, {"account": account.id, "slug": slug})
    if person_id is None:
        raise NotFound
    session().execute(update(LinkOutPersonRow).where(LinkOutPersonRow.id == person_id).values(stopped_at=moment))
    return person_id


def _find(person_id: uuid.UUID, kind: Kind, key: str) -> Item | None:
    row = session().execute(_FIND, {"person": person_id, "of": kind, "named": key}).one_or_none()
    return Item(**row._mapping) if row is not None else None


def _lock_person(link_out: LinkOut, person_id: uuid.UUID, *, though_stopped: bool = False) -> None:
    """Make sure that the application may write about them. Raises NotTaken: another's resident looks like none."""
    row = session().execute(_PERSON, {"person": person_id, "slug": link_out.slug}).one_or_none()
    if row is None:
        raise NotTaken("unknown_resident", STRANGER)
    if not though_stopped:
        _refuse_stopped(row.stopped_at)


def _refuse_too_many(person_id: uuid.UUID, kind: Kind) -> None:
    many = session().scalar(_COUNT, {"person": person_id, "of": kind, "now": clock.now()})
    if (many or 0) >= MOST[kind]:
        raise NotTaken("full", f"There are {MOST[kind]} of this kind for this resident already. Take one back first.")


def _refuse_stopped(stopped_at: datetime | None) -> None:
    if stopped_at is not None:
        raise NotTaken("stopped", "The resident lets this application write nothing to their home.")
