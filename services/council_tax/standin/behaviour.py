"""What the stand-in can be told beside the faults that every stand-in has. Pure."""

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field


class Behaviour(BaseModel):
    """What was told, kept where every process of the stand-in sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    officer_minutes: float | None = Field(None, ge=0, le=10_000)
    """After how many minutes an officer accepts what was asked. None: only when somebody presses the button."""
    today: date | None = None
    """The day that it takes for today, to see what comes later. None: today."""

    def later(self, late: timedelta | None) -> "Behaviour":
        """The same, with an officer who takes so much longer."""
        if late is None or self.officer_minutes is None:
            return self
        return self.model_copy(update={"officer_minutes": self.officer_minutes + late.total_seconds() / 60})
