"""The calendar as other programs read it: iCalendar (RFC 5545) at an address that only its owner was shown.

A program that gets less than everything deletes the rest. So when a service does not answer, or the account is held,
the whole answer is "later", and the program keeps what it has.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

from flask import Blueprint, make_response, request
from icalendar import Calendar, Event, Timezone
from werkzeug.wrappers import Response

from portal.errors import NotFound
from portal.home.days import Day, days_of
from portal.home.feeds import Feed, find_feed
from portal.registry.mount import mounted
from portal.registry.switches import reasons
from portal.web.access import public
from portal.web.languages import gettext as _
from portal.web.languages import using
from portal.web.state import web_state

bp = Blueprint("calendar_feed", __name__)

REFRESH: Final = timedelta(hours=6)
HOUR: Final = 3600
LONGEST: Final = 100
LONDON: Final = """\
BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19810329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
"""


@bp.get("/calendar/<secret>.ics")
@public
def feed(secret: str) -> Response:
    """The resident's calendar. Raises NotFound for an address that was changed or never was."""
    found = find_feed(secret) if len(secret) <= LONGEST else None
    if found is None:
        raise NotFound
    with using(found.account.language):
        days = days_of(mounted(), found.account, reasons())
        if days.missing or found.held:
            return _later()
        body = _written(found, days.entries)
    answer = make_response(body)
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Cache-Control"] = f"private, max-age={HOUR}"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.set_etag(sha256(body).hexdigest())
    return answer.make_conditional(request)


def _later() -> Response:
    answer = make_response(_("The calendar cannot be fetched at the moment. Try again in an hour."), 503)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Retry-After"] = str(HOUR)
    return answer


def _written(found: Feed, days: Sequence[Day]) -> bytes:
    calendar = Calendar()
    council = web_state().settings.council
    calendar.add("prodid", "-//Moothall//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", council.called(found.account.language))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add_component(Timezone.from_ical(LONDON))  # a calendar with nothing in it is none (RFC 5545, 3.6)
    for day in days:
        calendar.add_component(_event(day, found))
    return bytes(calendar.to_ical())


def _event(day: Day, found: Feed) -> Event:
    event = Event()
    event.add("uid", f"{day.uid}@{web_state().settings.public_url.partition('://')[2]}")
    event.add("dtstamp", found.made_at)  # the same at each call, so that an unchanged calendar has an unchanged ETag
    event.add("summary", day.title)
    event.add("dtstart", day.starts_at or day.on)
    event.add("dtend", day.ends_at or day.starts_at or day.on + timedelta(days=1))
    event.add("transp", "OPAQUE" if day.starts_at else "TRANSPARENT")
    event.add("url", f"{web_state().settings.public_url}{day.url}")
    if day.service:
        event.add("categories", [day.service])
    return event
