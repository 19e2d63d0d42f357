"""The ways in which every outside system that we play can be told to behave. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _

Mode = Literal["right", "slow", "late", "down", "wrong", "busy", "unsaid"]


class Faults(BaseModel):
    """What was told. `seconds` is for `slow` and `late`: longer than any page waits, unless somebody says otherwise.

    `right` answers; `slow` does what is asked and answers after `seconds`; `late` answers questions at once, says of
    what it was asked to do only after `seconds` that it is done, and tells as late what it tells by itself; `down` is
    503; `wrong` is 200 with a page of somebody else's; `busy` is 429; `unsaid` does what is asked and breaks before
    it says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Mode = "right"
    seconds: float = Field(12, ge=0, le=600)

    @property
    def later(self) -> timedelta | None:
        """How late it tells what it tells by itself, such as a webhook; None where it is told to tell it in time."""
        return timedelta(seconds=self.seconds) if self.answers == "late" else None


@dataclass(frozen=True, slots=True)
class ModeWords:
    """A mode, as people choose it and as they see that it was chosen, and what to expect of it."""

    title: Lazy
    expect: Lazy


WORDS: Final[Mapping[Mode, ModeWords]] = {
    "right": ModeWords(_("Well"), _("It answers at once, and what waited is sent within a minute or two.")),
    "slow": ModeWords(
        _("Slow"),
        _("No page waits for it: residents see what it said last, with the time of that, and can go on."),
    ),
    "late": ModeWords(
        _("Late"),
        _(
            "Questions are answered. What is sent is done, but it says so long after, and what it tells by itself"
            " comes late: nothing may be done twice."
        ),
    ),
    "down": ModeWords(
        _("Down"),
        _(
            "Residents see what it said last, with the time of that. After some failures it is left alone for a while."
            " What they send waits."
        ),
    ),
    "wrong": ModeWords(
        _("Wrong"),
        _("It answers with a page of somebody else’s. That is taken for no answer: residents never see it."),
    ),
    "busy": ModeWords(_("Busy"), _("It says that too many ask. It is asked again later, as when it is down.")),
    "unsaid": ModeWords(
        _("Breaks before it says so"),
        _("It does what it is asked and then fails: it is asked again under the same number, and does it once."),
    ),
}
