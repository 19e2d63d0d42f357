"""How the stand-in can be told to behave. Pure."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Answers = Literal["right", "slow", "down", "wrong", "busy", "unsaid"]
Webhooks = Literal["soon", "late", "twice", "mixed", "never", "forged", "altered", "unknown"]
Refunds = Literal["success", "submitted", "error"]


class Behaviour(BaseModel):
    """What was told, kept where every process of the stand-in sees it.

    Answers: `right`; `slow`, `seconds` after it did what was asked; `down`, 503; `wrong`, 200 with a page of somebody
    else's; `busy`, 429; `unsaid`, it does what was asked and then breaks before it says so.

    Webhooks: `soon`; `late` by `seconds`; `twice`; `mixed`, in the opposite order; `never`; `forged`, signed with
    another secret; `altered`, well signed but of another amount; `unknown`, well signed but of no payment of ours.

    Refunds: `success` at once, as in Pay's sandbox; `submitted`, a success after `seconds`; `error` after `seconds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Answers = "right"
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
