"""How the stand-in can be told to behave. Pure."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Answers = Literal["right", "slow", "down", "wrong", "busy", "unsaid"]


class Behaviour(BaseModel):
    """What was told, kept where every process of the stand-in sees it.

    Answers: `right`; `slow`, after `seconds`; `down`, 503; `wrong`, 200 with a page of somebody else's; `busy`, 429;
    `unsaid`, it does what was asked and then breaks before it says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Answers = "right"
    seconds: float = Field(12, ge=0, le=120)
    officer_minutes: float | None = Field(None, ge=0, le=10_000)
    """After how many minutes an officer accepts what was asked. None: only when somebody presses the button."""
    today: date | None = None
    """The day that it takes for today, to see what comes later. None: today."""
