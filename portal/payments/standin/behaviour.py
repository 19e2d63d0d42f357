"""What the stand-in can be told beside the faults that every stand-in has. Pure."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Webhooks = Literal["soon", "late", "twice", "mixed", "never", "forged", "altered", "unknown"]
Refunds = Literal["success", "submitted", "error"]


class Behaviour(BaseModel):
    """What was told, kept where every process of the stand-in sees it.

    Webhooks: `soon`; `late` by `seconds`; `twice`; `mixed`, in the opposite order; `never`; `forged`, signed with
    another secret; `altered`, well signed but of another amount; `unknown`, well signed but of no payment of ours.

    Refunds: `success` at once, as in Pay's sandbox; `submitted`, a success after `seconds`; `error` after `seconds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    webhooks: Webhooks = "soon"
    refunds: Refunds = "success"
    seconds: float = Field(12, ge=0, le=600)
    late_success: bool = False
    """Whether a declined card is charged all the same, `seconds` after the payment failed."""
    keys: Literal["ignored", "heeded"] = "ignored"
    """Idempotency keys. GOV.UK Pay heeds those of recurring payments only, and ours are none."""
    lag_seconds: float = Field(0, ge=0, le=600)
    """How long a new payment or refund is missing from lists: Pay calls them eventually consistent."""
    expiry_minutes: float = Field(90, gt=0, le=90)
    """How long somebody has to pay, for payments made from now on."""
    per_second: int = Field(15, ge=1, le=10_000)
    """How many payments may be made in a second, and how many other writes."""
    retry_seconds: float | None = Field(None, ge=0, le=600)
    """How long before a webhook that was not taken is sent again. None: as Pay does, from a minute to two days."""

    def later(self, late: timedelta | None) -> "Behaviour":
        """The same, with webhooks that come so late, where nothing else was told of them."""
        if late is None or self.webhooks != "soon":
            return self
        return self.model_copy(update={"webhooks": "late", "seconds": late.total_seconds()})
