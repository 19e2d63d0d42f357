"""How far the provider's clock and ours differ, by the `Date` of its answer."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from portal.identity.checks.findings import Finding, fault, good, look, variable
from portal.identity.checks.reach import Reached
from portal.identity.relying_party import RelyingParty

WARN_SECONDS: Final = 5.0


def clock(party: RelyingParty, reached: Reached) -> Iterator[Finding]:
    """Tokens are refused when the clocks differ by more than `leeway_seconds`."""
    difference = difference_in_seconds(reached)
    if difference is None:
        yield look("clock", "The provider's answer has no date to compare ours with.")
        return
    leeway = party.settings.leeway_seconds
    which = "ahead of" if difference > 0 else "behind"
    said = f"The provider's clock is {abs(difference):.0f} s {which} ours"
    advice = "See that this machine's clock is set by NTP (`timedatectl`); if it is, tell whoever runs the provider."
    if abs(difference) > leeway:
        yield fault("clock", f"{said}, more than {variable(party, 'leeway_seconds')} allows ({leeway} s). {advice}")
    elif abs(difference) > WARN_SECONDS:
        yield look("clock", f"{said}; {leeway} s are allowed. {advice}")
    else:
        yield good("clock", f"Within {max(1, round(abs(difference)))} s of ours.")


def difference_in_seconds(reached: Reached) -> float | None:
    """Theirs less ours, as near to nothing as the answer's time and the date's whole seconds leave open."""
    try:
        theirs = parsedate_to_datetime(reached.answer.headers.get("Date", "")).timestamp() + 0.5
    except (ValueError, TypeError, OverflowError):
        return None
    unsure = 0.5 + reached.took / 2
    difference = theirs - reached.asked_at
    return max(0.0, difference - unsure) if difference > 0 else min(0.0, difference + unsure)
