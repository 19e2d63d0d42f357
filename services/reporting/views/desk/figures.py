"""Figures of reports by category, ward and channel and by how long they took, as charts, tables and files."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Lazy, clock, commits, csv_answer, current_staff, lazy_gettext, needs, record, render, staff_cases
from portal.kit import gettext as _
from services.reporting.forms.desk import PRIORITIES
from services.reporting.queries.figures import BY, DAYS_TO_FIX, Asked, Figure, figures_of, lines_of, times_to_fix
from services.reporting.rules.categories import title_of
from services.reporting.rules.periods import Period, read_period
from services.reporting.views.desk.bars import bars_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.views.desk.choices import choice, chosen_category, chosen_ward, days_asked, filters
from services.reporting.views.public_words import ward_title
from services.reporting.workflow import status_called

PRIORITY_TITLES: Final = dict(PRIORITIES)
BY_TITLES: Final[Mapping[str, Lazy]] = {
    "category": lazy_gettext("Problem"),
    "ward": lazy_gettext("Ward"),
    "channel": lazy_gettext("How it came"),
}
CHANNELS: Final[Mapping[str, Lazy]] = {
    "web": lazy_gettext("Online"),
    "desk": lazy_gettext("At a counter, taken down by staff"),
    "telephone": lazy_gettext("By telephone, taken down by staff"),
    "letter": lazy_gettext("By letter, taken down by staff"),
    "api": lazy_gettext("From another site"),
}


@bp.get("/figures")
@needs("statistics")
def figures() -> ResponseReturnValue:
    """What came in and what became of it, of those cases for which they may see statistics."""
    asked, period = asked_for()
    found = figures_of(asked, by=_by())
    ways = {code: str(title) for code, title in BY_TITLES.items()}
    times = times_to_fix(asked)
    return render(
        "reporting/desk/figures.html",
        head=_head(),
        rows=[_cells(each) for each in found],
        chart=bars_of([(_named(each), each.came, each.closed) for each in found if each.key is not None]),
        times=_times(times),
        times_chart=bars_of([(words, many) for words, many in zip(_steps(), times, strict=True)]),
        period=period,
        days=days_asked(period),
        filters=[choice("by", _("Arrange by"), ways, _by()), *filters(asked.category, asked.ward)],
        file=url_for(".figures_file", **address(period)),
        reports=url_for(".reports_file", **address(period)),
        map=url_for(".heat", **address(period)),
    )


@bp.post("/figures.csv")
@needs("statistics")
@commits
def figures_file() -> Response:
    """The same as a file. That it was taken away is on the record, as of every file."""
    asked, period = asked_for()
    record("reporting.figures_taken", actor=current_staff().actor, subject="service:reporting", **address(period))
    rows = [_head(), *(_cells(each) for each in figures_of(asked, by=_by()))]
    return csv_answer(rows, filename=_filename(f"reports-by-{_by()}", period))


@bp.post("/reports.csv")
@needs("statistics")
@commits
def reports_file() -> Response:
    """The reports of the period, one a line. That they were taken away is on the record."""
    asked, period = asked_for()
    record("reporting.reports_taken", actor=current_staff().actor, subject="service:reporting", **address(period))
    return csv_answer(_lines(asked), filename=_filename("reports", period))


def asked_for() -> tuple[Asked, Period]:
    """What the address asks for, among the cases of which they may see statistics."""
    period = read_period(request.args)
    among = staff_cases("statistics")
    asked = Asked(among=among, since=period.since, until=period.until, category=chosen_category(), ward=chosen_ward())
    return asked, period


def address(period: Period) -> Mapping[str, Any]:  # as url_for has it
    """The same question for the address of another page."""
    given = {"from": period.first.isoformat(), "to": period.last.isoformat(), "by": _by()}
    given |= {"category": chosen_category(), "ward": chosen_ward()}
    return {name: value for name, value in given.items() if value}


def _by() -> str:
    asked = request.args.get("by", "")
    return asked if asked in BY else BY[0]


def _head() -> list[str]:
    return [
        str(BY_TITLES[_by()]),
        _("Came in"),
        _("Closed"),
        _("Still open"),
        _("Overdue"),
        _("Repeats of others"),
        _("Closed within the promise"),
        _("Days to the end, half of them within"),
    ]


def _named(figure: Figure) -> str:
    """What a line is called."""
    if figure.key is None:
        return _("All together")
    if _by() == "channel":
        return str(CHANNELS.get(figure.key, figure.key))
    return (ward_title(figure.key) if _by() == "ward" else title_of(figure.key)) or _("None")


def _cells(figure: Figure) -> list[str]:
    return [
        _named(figure),
        f"{figure.came}",
        f"{figure.closed}",
        f"{figure.still_open}",
        f"{figure.overdue}",
        f"{figure.repeated}",
        "–" if figure.kept is None else f"{figure.kept}%",
        "–" if figure.days is None else f"{figure.days:.1f}",
    ]


def _steps() -> list[str]:
    """What the steps of "how long it took" are called."""
    between = [_("%(from_)s to %(to)s days", from_=start, to=end) for start, end in pairwise(DAYS_TO_FIX)]
    return [_("Less than a day"), *between, _("%(days)s days and more", days=DAYS_TO_FIX[-1])]


def _times(counts: Sequence[int]) -> list[list[str]]:
    """How long it took, as lines of a table: how many, and how many of a hundred so far."""
    whole, so_far, rows = sum(counts), 0, []
    for words, many in zip(_steps(), counts, strict=True):
        so_far += many
        rows.append([words, f"{many}", f"{round(100 * so_far / whole)}%" if whole else "–"])
    return rows


def _lines(asked: Asked) -> Iterator[Sequence[Any]]:  # cells of several kinds
    yield [
        _("Reference"),
        _("Problem"),
        _("Ward"),
        _("Status"),
        _("Priority"),
        _("How it came"),
        _("Came in"),
        _("Promised by"),
        _("Closed"),
        _("Where"),
        _("Number on it"),
        _("Latitude"),
        _("Longitude"),
        _("Sent to"),
        _("Their reference"),
    ]
    for row in lines_of(asked):
        moments = (at.astimezone(clock.LOCAL).isoformat(timespec="minutes") if at else "" for at in row[6:9])
        status = str(status_called(row.status).title)
        ranked = str(PRIORITY_TITLES[str(row.priority)])
        came = str(CHANNELS.get(row.channel, row.channel))
        first = [row.reference, title_of(row.category), ward_title(row.ward), status, ranked, came]
        yield [*first, *moments, *row[9:]]


def _filename(name: str, period: Period) -> str:
    return f"{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
