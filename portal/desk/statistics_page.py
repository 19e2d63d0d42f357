"""Statistics at the desk: as a table, as a chart of the same numbers, and as a file for a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.audit.operations import record_beside
from portal.cases.teams import all_teams
from portal.cases.types import all_types
from portal.desk.case_words import channel_words
from portal.desk.filters import read_filter
from portal.desk.statistics import BY, FEW, LONGEST, Line, Wanted, statistics_of
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web.languages import Lazy, format_date, lazy_gettext
from portal.web.languages import gettext as _
from portal.web.page import render

bp = Blueprint("desk_statistics", __name__, url_prefix=f"{PREFIX}/statistics", template_folder="templates")

USUAL: Final = timedelta(days=91)
BY_TITLES: Final[Mapping[str, Lazy]] = {
    "month": lazy_gettext("Month"),
    "week": lazy_gettext("Week"),
    "service": lazy_gettext("Service"),
    "kind": lazy_gettext("Kind of case"),
    "team": lazy_gettext("Team"),
    "area": lazy_gettext("Area"),
    "channel": lazy_gettext("How it came"),
}
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_BARS: Final = 26
CHART_WIDTH, CHART_HEIGHT = 960, 260


@dataclass(frozen=True, slots=True)
class Bars:
    """Two bars of the chart, side by side, with their place in it."""

    label: str
    x: float
    width: float
    opened: float
    closed: float


@bp.get("")
@needs("statistics")
def page() -> str:
    """The numbers of a period."""
    wanted, errors = _wanted()
    found = statistics_of(current_grants(), wanted)
    names = _names(wanted.by) | _months(found.lines, wanted.by)
    return render(
        "desk/statistics.html",
        wanted=wanted,
        errors=errors,
        found=found,
        head=_head(wanted),
        rows=[_cells(line, names) for line in found.lines],
        whole=_cells(found.whole, {"": _("All together")}),
        ages=[(_age(*age), many) for age, many in found.ages.items()],
        bars=_bars(found.lines, names),
        highest=_highest(found.lines),
        options=_options(wanted),
        few=FEW,
        file=f"{PREFIX}/statistics/file?{urlencode(_as_address(wanted))}",
        size=(CHART_WIDTH, CHART_HEIGHT),
    )


@bp.get("/file")
@needs("statistics")
def file() -> ResponseReturnValue:
    """The same as a file. That it was taken away is on the record."""
    wanted, _errors = _wanted()
    found = statistics_of(current_grants(), wanted)
    names = _names(wanted.by) | _months(found.lines, wanted.by)
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_head(wanted))
    for cells in (*(_cells(line, names) for line in found.lines), _cells(found.whole, {"": _("All together")})):
        writer.writerow([harmless(cell) for cell in cells])
    record_beside("staff.statistics_taken", actor=current_staff().actor, filter=_as_address(wanted))
    answer = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    name = f"cases-{wanted.since.isoformat()}-{wanted.until.isoformat()}-by-{wanted.by}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def harmless(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula: an area or a team can be called anything."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What the address asks for; what cannot be read is said, and the usual period is shown."""
    today, errors = clock.today(), dict[str, str]()
    typed = {name: request.args.get(name, "").strip() for name in ("from", "to")}
    since, until = _day(typed["from"]), _day(typed["to"])
    errors |= {
        name: _("Enter a day as year, month, day, such as 2026-11-22")
        for name, day in (("from", since), ("to", until))
        if typed[name] and day is None
    }
    until = min(until or today, today)
    since = since or until - USUAL
    if since > until:
        errors["from"] = _("The first day must not be after the last")
        since = until - USUAL
    if until - since >= LONGEST:
        errors["from"] = _("Choose at most a year")
        since = until - LONGEST + timedelta(days=1)
    chosen, by = read_filter(request.args), request.args.get("by", "")
    return Wanted(
        since,
        until,
        by if by in BY else "month",
        kind=chosen.kind,
        team=chosen.team,
        area=chosen.area,
        channel=chosen.channel,
    ), errors


def _as_address(wanted: Wanted) -> dict[str, str]:
    found = {"from": wanted.since.isoformat(), "to": wanted.until.isoformat(), "by": wanted.by}
    return found | {
        name: getattr(wanted, name) for name in ("kind", "team", "area", "channel") if getattr(wanted, name)
    }


def _head(wanted: Wanted) -> list[str]:
    return [
        str(BY_TITLES[wanted.by]),
        _("Came in"),
        _("Finished"),
        _("Open now"),
        _("Within the promise"),
        _("Days to finish, half of them within"),
        _("Days to finish, 9 of 10 within"),
        _("Rated"),
        _("Satisfaction, 1 to 5"),
    ]


def _cells(line: Line, names: Mapping[str, str]) -> list[str]:
    """A line as texts. Where there is nothing to say there is a dash, which is no number."""
    few = 0 < line.rated < FEW
    return [
        names.get(line.key) or _named(line.key),
        f"{line.opened}",
        f"{line.closed}",
        "–" if line.still_open is None else f"{line.still_open}",
        "–" if line.kept is None else f"{line.kept}%",
        "–" if line.days_median is None else f"{line.days_median}",
        "–" if line.days_p90 is None else f"{line.days_p90}",
        _("fewer than %(few)s", few=FEW) if few else f"{line.rated}",
        "–" if line.satisfaction is None else f"{line.satisfaction}",
    ]


def _named(key: str) -> str:
    day = _day(key)
    return format_date(day) if day else key or _("None")


def _months(lines: Sequence[Line], by: str) -> dict[str, str]:
    """What the months are called: their key is their first day."""
    days = {line.key: _day(line.key) for line in lines} if by == "month" else {}
    return {key: format_date(day, "MMMM y") for key, day in days.items() if day}


def _names(by: str) -> dict[str, str]:
    """What the keys are called."""
    if by == "team":
        return {team.slug: team.name for team in all_teams(closed=True)}
    if by == "kind":
        return {f"{each.service}/{each.slug}": str(each.title) for each in all_types()}
    if by == "channel":
        return {code: channel_words(code) for code in ("web", "desk", "telephone", "letter", "api", "system")}
    return {}


def _age(youngest: int, oldest: int | None) -> str:
    if oldest is None:
        return _("%(days)s days and more", days=youngest)
    return _("%(from_)s to %(to)s days", from_=youngest, to=oldest)


def _highest(lines: Sequence[Line]) -> int:
    return max((max(line.opened, line.closed) for line in lines), default=0)


def _bars(lines: Sequence[Line], names: Mapping[str, str]) -> list[Bars]:
    """The chart's bars. With more lines than can be told apart there is none, and the table says it all."""
    highest = _highest(lines)
    if not highest or len(lines) > MOST_BARS:
        return []
    step, scale = CHART_WIDTH / len(lines), (CHART_HEIGHT - 60) / highest
    return [
        Bars(
            names.get(line.key) or _named(line.key),
            round(n * step + step * 0.12, 1),
            round(step * 0.36, 1),
            round(line.opened * scale, 1),
            round(line.closed * scale, 1),
        )
        for n, line in enumerate(lines)
    ]


def _options(wanted: Wanted) -> list[dict[str, Any]]:
    mine = current_grants().teams("statistics")
    teams = {team.slug: team.name for team in all_teams(closed=True) if mine is None or team.slug in mine}
    kinds = {f"{each.service}/{each.slug}": str(each.title) for each in all_types()}
    every = (
        ("by", _("Arrange by"), {code: str(title) for code, title in BY_TITLES.items()}),
        ("kind", _("Kind of case"), {"": _("All")} | kinds),
        ("team", _("Team"), {"": _("All")} | teams),
        ("channel", _("How it came"), {"": _("Any")} | _names("channel")),
    )
    return [
        {
            "id": name,
            "label": label,
            "items": [{"value": v, "text": text, "checked": v == getattr(wanted, name)} for v, text in choices.items()],
        }
        for name, label, choices in every
    ]


def _day(typed: str) -> date | None:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found < date(2200, 1, 1) else None
