"""What patrols and their handhelds ask: may this car park here, and the whole list as JSON and CSV.

Programs call it: no browser, no cookie. A bearer token that the council gave out is the proof. Answers hold
registrations, zones and times, and nothing about people.
"""

import csv
import io
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any, Final

from flask import Response, jsonify, request, stream_with_context

from portal.kit import TooMany, clock, public
from services.permits.operations.enforcement import admit
from services.permits.queries.enforcement import MOST_AT_ONCE, MayPark, list_page, may_park, whole_list
from services.permits.queries.zones import has_zone
from services.permits.rules.marks import could_be_zone
from services.permits.rules.registrations import normalise
from services.permits.views.blueprint import bp

log = logging.getLogger(__name__)
LONGEST_MARK: Final = 12
COLUMNS: Final = ("registration", "zone", "kind", "from", "until")
LINES_AT_ONCE: Final = 500
"""Lines of the CSV sent in one piece."""


def for_callers(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let only programs with a token in: 401 without one, 403 with a wrong one, 429 when they call too often."""

    @public
    @wraps(view)
    def guarded(**named: str) -> Response:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            answer = _answer(401, error="a bearer token is needed")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        try:
            caller = admit(token.strip(), address=request.remote_addr or "")
        except TooMany as stop:
            answer = _answer(429, error="too many calls")
            answer.headers["Retry-After"] = str(stop.retry_after)
            return answer
        if caller is None:
            log.warning("A call for enforcement without a token that we know was refused")
            return _answer(403, error="not a token that we know")
        if not could_be_zone(_asked_zone()):
            return _answer(400, error="not a zone")
        if _asked_zone() and not has_zone(_asked_zone()):
            return _answer(404, error="no such zone")
        return view(**named)

    return guarded


@bp.get("/enforcement/registrations/<registration>")
@for_callers
def enforcement_look_up(registration: str) -> Response:
    """May this car park now? `?zone=A` asks of one zone, without it of all. A car that may not is an answer too."""
    mark = normalise(registration)
    if not mark.isascii() or not mark.isalnum() or len(mark) > LONGEST_MARK:
        return _answer(400, error="not a registration")
    found = may_park(mark, _zone())
    return _answer(
        200,
        registration=mark,
        asked_at=_written(clock.now()),
        may_park=bool(found),
        permits=[_told(each) for each in found],
    )


@bp.get("/enforcement/permits")
@for_callers
def enforcement_list() -> Response:
    """All cars that may park now, a page at a time: `next` is the `after` of the next page, null on the last."""
    many = request.args.get("limit", str(MOST_AT_ONCE))
    if not many.isascii() or not many.isdigit() or not 1 <= int(many[:9]) <= MOST_AT_ONCE:
        return _answer(400, error=f"limit is from 1 to {MOST_AT_ONCE}")
    try:
        page = list_page(_zone(), after=request.args.get("after", ""), most=int(many))
    except ValueError:
        return _answer(400, error="after is the `next` of an earlier answer")
    return _answer(200, asked_at=_written(clock.now()), permits=[_told(each) for each in page.lines], next=page.after)


@bp.get("/enforcement/permits.csv")
@for_callers
def enforcement_csv() -> Response:
    """The whole list as CSV (RFC 4180), sent as it is read. Cut off in the middle, it ends without its last chunk."""
    answer = Response(stream_with_context(_pieces(_zone())), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="permits.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _pieces(zone: str | None) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, each in enumerate(whole_list(zone), start=1):
        writer.writerow(_told(each).values())
        if number % LINES_AT_ONCE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _told(each: MayPark) -> dict[str, str]:
    """One line of a list, under the names of `COLUMNS`. Times are ISO 8601 with the offset; `until` is the first
    moment at which it may no longer park."""
    return {
        "registration": each.registration,
        "zone": each.zone,
        "kind": each.kind,
        "from": _written(each.starts_at),
        "until": _written(each.ends_at),
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(clock.LOCAL).isoformat(timespec="seconds")


def _zone() -> str | None:
    """Which zone is asked for, which there is; None for all."""
    return _asked_zone() or None


def _asked_zone() -> str:
    return request.args.get("zone", "").strip().upper()


def _answer(status: int, **says: Any) -> Response:  # whatever JSON can say
    answer = jsonify(says)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
