"""What others see of back offices: an answer with its time, a delivery, an office's health, and a refusal."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from portal.errors import Refused

T = TypeVar("T")
DeliveryState = Literal["waiting", "delivered", "undeliverable"]
Json = Mapping[str, Any]  # plain JSON values: whatever a service sends to its own back office


class OfficeRefused(Refused):
    """The back office has understood and says no. `code` is its reason in its own terms, never words for a resident."""

    def __init__(self, code: str) -> None:
        super().__init__("")
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a back office said, now or (`fresh` is False) the last time it could.

    `value` and `as_of_at` are None when it cannot be reached and never said anything that is still kept.
    """

    value: T | None
    as_of_at: datetime | None
    fresh: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that was kept for a back office. What it says is sealed, and erased once it has been answered.

    `id` goes with it as its idempotency key. `attempts` is how often it was tried.
    """

    id: uuid.UUID
    account_id: uuid.UUID
    service: str
    act: str
    key: str
    case_id: uuid.UUID | None
    state: DeliveryState
    made_at: datetime
    attempts: int
    tried_at: datetime | None
    done_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be sent."""
        return self.state == "waiting"


@dataclass(frozen=True, slots=True)
class OfficeHealth:
    """How a back office was last met by any process, and what waits for it. Its name is its service's slug."""

    name: str
    state: Literal["closed", "open"]
    """Of the circuit breaker that changed last: `open` means that calls are not even tried for a while."""
    state_at: datetime | None
    last_good_at: datetime | None
    last_bad_at: datetime | None
    last_fault: str
    waiting: int
    """How many deliveries wait for it, counted up to 1,000."""
    oldest_at: datetime | None
    """Since when the oldest of them waits."""


@dataclass(frozen=True, slots=True)
class OfficeFault:
    """Something that was wrong with a back office. `fault` is a code of ours; `opened`, that it was left alone then."""

    at: datetime
    fault: str
    opened: bool


Send = Callable[[Json, str], Json]
"""Hands one payload over under an idempotency key. Raises Unavailable, NotFound, or OfficeRefused."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a service does about its deliveries. Both are called in the transaction that closes the delivery."""

    send: Mapping[str, Send]
    on_delivered: Callable[[Delivery, Json], None]
    on_undeliverable: Callable[[Delivery, str], None]


def nothing_delivered(_delivery: Delivery, _answer: Json) -> None:
    """For a service that does nothing once something was delivered."""


def nothing_undeliverable(_delivery: Delivery, _reason: str) -> None:
    """For a service that does nothing when something was refused."""
