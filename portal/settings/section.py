"""What every part of the settings has in common."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["low", "medium", "high"]


class Section(BaseModel):
    """A part of the settings: frozen, and a field that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
