"""How our own Open311 server presents itself: `MOOTHALL_REPORTING_OPEN311__…`."""

from pydantic import BaseModel, ConfigDict, Field


class Open311(BaseModel):
    """What other programs are told of us."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    jurisdictions: tuple[str, ...] = Field(("marlowe.example",), min_length=1)
    """The values of `jurisdiction_id` that mean us. The default is the demo's council."""
    jurisdiction_required: bool = False
    """Whether a call must name one."""
    keys_from: str = Field("", max_length=300)
    """Where programs' authors get a key, as discovery says it; without it, by the council's e-mail address."""
    is_test: bool = False
    """Whether what is sent here is a trial, as discovery says it."""
