"""Fields for the days of a claim, and what is said of a day that cannot be."""

from datetime import date, timedelta
from typing import Final

from portal.kit import Lazy, clock, format_date
from portal.kit import gettext as _

BEGAN_1993: Final = date(1993, 4, 1)
"""The first day for which there is council tax: LGFA 1992 s30(1)."""
AHEAD: Final = timedelta(days=365)
"""How far ahead something may be asked for."""
LONGEST: Final = 12
"""Years for which something is asked at most; later is a slip of the year."""


def wrong_since(day: date, opened_on: date | None, closed_on: date | None) -> str:
    """Why something cannot hold from this day, or nothing."""
    if opened_on is not None and day < opened_on:
        return _("The day must be %(first)s or later, when this account began", first=format_date(opened_on))
    if day < BEGAN_1993:
        return _("The day must be %(first)s or later. Check the year", first=format_date(BEGAN_1993))
    if closed_on is not None and day >= closed_on:
        return _("The day must be before %(last)s, when this account ended", last=format_date(closed_on))
    latest = clock.today() + AHEAD
    if day > latest:
        return _("The day must be %(latest)s or earlier. Check the year", latest=format_date(latest))
    return ""


def wrong_until(day: date, since_on: date, limit: date | None) -> str:
    """Why something that holds from `since_on` cannot end on this day, or nothing. `limit` is the law's last day."""
    if day < since_on:
        return _("The last day must be %(first)s or later, when it began", first=format_date(since_on))
    if limit is not None and day > limit:
        return _("The last day must be %(last)s or earlier: it cannot last longer", last=format_date(limit))
    if day.year > since_on.year + LONGEST:
        return _("The last day is more than %(years)s years after the first. Check the year", years=LONGEST)
    return ""


def wrong_ended(day: date, since_on: date) -> str:
    """Why something cannot have ended on this day, or nothing."""
    if day < since_on:
        return _("The last day must be %(first)s or later, when it began", first=format_date(since_on))
    latest = clock.today() + timedelta(days=90)
    if day > latest:
        return _(
            "The last day must be %(latest)s or earlier. Tell us of a later one nearer the time",
            latest=format_date(latest),
        )
    return ""


def wrong_past(day: date, earliest: date, before: Lazy) -> str:
    """Why something cannot have happened on this day, or nothing. `before` says what `earliest` is."""
    if day > clock.today():
        return _("The day must be today or in the past. Leave it empty if it has not happened")
    return str(before) if day < earliest else ""
