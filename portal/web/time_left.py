"""Until when somebody stays signed in, and the warning before that: with script a dialog, without it CSS alone.

A page without script cannot count, and may not refresh itself: that would lose what is being typed. So a bar waits on
it unseen and is made visible by an animation whose delay is the time until the warning. Styles in the page are against
our policy, so the delay is one of the classes that `css` writes, one for each minute.
"""

from dataclasses import dataclass
from datetime import datetime

from portal.settings.council import Sessions
from portal.web.languages import gettext as _
from portal.web.languages import ngettext


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What a signed-in page knows of its own end. `mark` tells one session's tabs from another's and opens nothing."""

    ends_at: datetime
    seconds: int
    warn_seconds: int
    can_stay: bool
    """Whether being here moves the end; not when the longest that a session may last is near."""
    longest_hours: int
    mark: str

    @property
    def minutes_before_warning(self) -> int:
        """How many whole minutes the warning waits: none where the page itself comes late."""
        return max(0, (self.seconds - self.warn_seconds) // 60)

    def spoken(self) -> list[str]:
        """What is heard: at 0 for the last half minute, then for each minute left."""
        minutes = range(1, self.warn_seconds // 60 + 1)
        each = [
            ngettext("We will sign you out in %(n)s minute.", "We will sign you out in %(n)s minutes.", n)
            for n in minutes
        ]
        return [_("We will sign you out in less than half a minute."), *each]


def warned_minutes(sessions: Sessions) -> int:
    """How long before the end a page warns: never for the whole of the time."""
    return min(sessions.warn_minutes, sessions.idle_minutes - 1)


def css(*sessions: Sessions) -> str:
    """The delays, as many as the longest of these needs; a bar that appears moves nothing, so it is for all."""
    most = max(each.idle_minutes - warned_minutes(each) for each in sessions)
    return "".join(f".moot-left-{n}{{animation-delay:{n * 60}s!important}}" for n in range(most + 1)) + "\n"
