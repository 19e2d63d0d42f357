"""What a remote application is answered. The OpenAPI document is made from these classes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from portal.api.link_out_shapes import Activity, Card, Key, Moment, Shape, Task
from portal.linkouts.values import Item, Kind


class Resident(Shape):
    """What the application calls a resident from now on. No other application has the same name for them."""

    resident: UUID


class KeptCard(Card):
    """A card as it is kept."""

    key: Key
    expires: Moment


class KeptTask(Task):
    """A task as it is kept."""

    key: Key
    expires: Moment


class Kept(Shape):
    """All that an application keeps here about one resident."""

    resident: UUID
    cards: list[KeptCard]
    tasks: list[KeptTask]
    activity: list[Activity]


class Erasure(Shape):
    """Somebody to forget."""

    resident: UUID
    erased_at: Moment


class Erasures(Shape):
    """Whom the application has yet to forget: the first hundred, the oldest first."""

    erasures: list[Erasure]


class Fault(Shape):
    """One member of the body that is wrong: a JSON Pointer (RFC 6901), and how."""

    pointer: str
    detail: str


class Problem(Shape):
    """A no (RFC 9457). `code` is for programs; `detail` for their developers."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault] = []


def kept(resident: UUID, items: Sequence[Item]) -> Kept:
    """What is kept, in the form in which it was sent."""
    return Kept(
        resident=resident,
        cards=[
            KeptCard(as_of=each.at, expires=each.expires_at, **_same(each, Card)) for each in items if _is(each, "card")
        ],
        tasks=[
            KeptTask(done=each.done_at is not None, expires=each.expires_at, **_same(each, Task))
            for each in items
            if _is(each, "task")
        ],
        activity=[Activity(**_same(each, Activity)) for each in items if _is(each, "activity")],
    )


def _is(item: Item, kind: Kind) -> bool:
    return item.kind == kind


def _same(item: Item, shape: type[Shape]) -> dict[str, Any]:  # the item's own values, of several types
    """What item and shape call the same, and the key."""
    return {name: getattr(item, name) for name in {"key", *shape.model_fields} if name in Item.__dataclass_fields__}
