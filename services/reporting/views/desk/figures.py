"""Figures of reports by category and ward, and both they and the reports as files for a spreadsheet."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import clock, commits, csv_answer, current_staff, needs, record, render, staff_cases
from portal.kit import gettext as _
from services.reporting.forms.desk import PRIORITIES
from services.reporting.queries.figures import BY, Asked, Figure, figures_of, lines_of
from services.reporting.rules.categories import title_of
from services.reporting.rules.periods import Period, read_period
from services.reporting.views.desk.blueprint import bp
from services.reporting.views.desk.choices import choice, chosen_category, chosen_ward, filters
from services.reporting.views.public_words import ward_title
from services.reporting.workflow import status_called

PRIORITY_TITLES: Final = dict(PRIORITIES)


@bp.get("/figures")
@needs("statistics")
def figures() -> ResponseReturnValue:
    """What came in and what became of it, of those cases for which they may see statistics."""
    asked, period = asked_for()
    found = figures_of(asked, by=_by())
    ways = {"category": _("Problem"), "ward": _("Ward")}
    return render(
        "reporting/desk/figures.html",
        head=_head(),
        rows=[_cells(each) for each in found],
        period=period,
        filters=[choice("by", _("Arrange by"), ways, _by()), *filters(asked.category, asked.ward)],
        file=url_for(".figures_file", **address(period)),
        reports=url_for(".reports_file", **address(period)),
        map=url_for(".heat", **address(period)),
    )


@bp.get("/figures.csv")
@needs("statistics")
def figures_file() -> Response:
    """The same as a file."""
    asked, period = asked_for()
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
        _("Ward") if _by() == "ward" else _("Problem"),
        _("Came in"),
        _("Closed"),
        _("Still open"),
        _("Overdue"),
        _("Repeats of others"),
        _("Closed within the promise"),
        _("Days to the end, half of them within"),
    ]


def _cells(figure: Figure) -> list[str]:
    named = ward_title(figure.key or "") if _by() == "ward" else title_of(figure.key or "")
    return [
        _("All together") if figure.key is None else named or _("None"),
        f"{figure.came}",
        f"{figure.closed}",
        f"{figure.still_open}",
        f"{figure.overdue}",
        f"{figure.repeated}",
        "–" if figure.kept is None else f"{figure.kept}%",
        "–" if figure.days is None else f"{figure.days:.1f}",
    ]


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
        first = [row.reference, title_of(row.category), ward_title(row.ward), status, ranked, row.channel]
        yield [*first, *moments, *row[9:]]


def _filename(name: str, period: Period) -> str:
    return f"{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
