"""What the stand-in can be told beside the faults that every stand-in has, and what it then does. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Receipts = Literal["soon", "late", "never", "twice", "mixed"]

SIMULATED: Final = {
    "temp-fail@simulator.notify": "temporary-failure",
    "perm-fail@simulator.notify": "permanent-failure",
    "+447700900003": "temporary-failure",
    "+447700900002": "permanent-failure",
}
"""Addresses that fail with any key, as Notify's documentation of test keys lists them."""
SMOKE: Final = frozenset(
    {
        "simulate-delivered@notifications.service.gov.uk",
        "simulate-delivered-2@notifications.service.gov.uk",
        "simulate-delivered-3@notifications.service.gov.uk",
        "+447700900000",
        "+447700900111",
        "+447700900222",
    }
)
"""Addresses that are taken and not kept: no receipt, nothing to ask for."""


class Behaviour(BaseModel):
    """What was told.

    Limits: `usual`; `spent`, 429 because too many were sent today. Receipts: `soon`;
    `late` by `seconds`; `never`; `twice`; `mixed`, the end first and then what came before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    limits: Literal["usual", "spent"] = "usual"
    receipts: Receipts = "soon"
    fate: Literal["delivered", "temporary-failure", "permanent-failure", "technical-failure"] = "delivered"
    """What becomes of messages to addresses that simulate nothing."""
    seconds: float = Field(12, ge=0, le=600)
    per_minute: int = Field(3000, ge=0, le=3000)
    retry_seconds: float = Field(300, ge=0, le=600)
    """How long the callback is left alone after it did not take a receipt."""

    def later(self, late: timedelta | None) -> "Behaviour":
        """The same, with receipts that come so late, where nothing else was told of them."""
        if late is None or self.receipts != "soon":
            return self
        return self.model_copy(update={"receipts": "late", "seconds": late.total_seconds()})


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt that is to be sent."""

    status: str
    completed_at: datetime
    due_at: datetime

    def values(self) -> Mapping[str, Any]:
        """Its columns."""
        return {"status": self.status, "completed_at": self.completed_at, "due_at": self.due_at}


def fate_of(address: str, behaviour: Behaviour) -> str:
    """What becomes of a message."""
    return SIMULATED.get(address.lower(), behaviour.fate)


def receipts_for(status: str, behaviour: Behaviour, now: datetime) -> Iterator[Told]:
    """The receipts for one message that was taken now."""
    end = now + timedelta(milliseconds=500)
    if behaviour.receipts == "never":
        return
    wait = timedelta(seconds=behaviour.seconds) if behaviour.receipts == "late" else timedelta(seconds=1)
    yield Told(status, end, now + wait)
    if behaviour.receipts == "twice":
        yield Told(status, end, now + wait)
    if behaviour.receipts == "mixed":
        yield Told("temporary-failure", end - timedelta(milliseconds=200), now + 2 * wait)
        yield Told(status, end, now + 3 * wait)
