"""Statistics at the desk: as a table, as a chart of the same numbers, and as a file for a spreadsheet."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.audit.operations import record_beside
from portal.cases.teams import all_teams
from portal.cases.types import all_types
from portal.desk.case_words import channel_words
from portal.desk.charts import HEIGHT, chart_of
from portal.desk.filters import read_filter
from portal.desk.form_statistics import FormLine, forms_begun
from portal.desk.statistics import BY, FEW, LONGEST, MOST_LINES, Line, Wanted, statistics_of
from portal.desk.typed_days import day_in
from portal.errors import NotFound
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web.languages import Lazy, format_date, lazy_gettext
from portal.web.languages import gettext as _
from portal.web.page import render
from portal.web.spreadsheets import csv_answer

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


@bp.get("")
@needs("statistics")
def page() -> str:
    """The numbers of a period."""
    return _page(*_wanted())


def _page(wanted: Wanted, errors: dict[str, str]) -> str:
    grants = current_grants()
    found, forms = statistics_of(grants, wanted), forms_begun(grants, wanted)
    names = _names(wanted.by) | _months([line.key for line in found.lines], wanted.by)
    return render(
        "desk/statistics.html",
        wanted=wanted,
        errors=errors,
        found=found,
        head=_head(wanted),
        rows=[_cells(line, names) for line in found.lines[:MOST_LINES]],
        left_out=max(0, len(found.lines) - MOST_LINES),
        whole=_cells(found.whole, {"": _("All together")}),
        ages=[(_age(*age), many) for age, many in found.ages.items()],
        chart=chart_of([(named(line.key, names), line.opened, line.closed) for line in found.lines]),
        forms=_forms(forms, wanted) if forms else None,
        options=_options(wanted),
        few=FEW,
        file=f"{PREFIX}/statistics/file?{urlencode(_as_address(wanted))}",
        height=HEIGHT,
    )


@bp.get("/file")
@needs("statistics")
def file() -> ResponseReturnValue:
    """The same as a file, or the forms that were begun. That it was taken away is on the record. Days that cannot be
    read are said: nobody should take the numbers of others for theirs.
    """
    wanted, errors = _wanted()
    if errors:
        return _page(wanted, errors), 400
    grants, what = current_grants(), "forms" if request.args.get("of") == "forms" else "cases"
    if what == "forms":
        begun = forms_begun(grants, wanted)
        if begun is None:
            raise NotFound
        table = _form_table(begun, wanted)
    else:
        found = statistics_of(grants, wanted)
        names = _names(wanted.by) | _months([line.key for line in found.lines], wanted.by)
        lines = [_cells(line, names) for line in found.lines]
        table = [_head(wanted), *lines, _cells(found.whole, {"": _("All together")})]
    record_beside("staff.statistics_taken", actor=current_staff().actor, filter=_as_address(wanted), what=what)
    name = f"{what}-{wanted.since.isoformat()}-{wanted.until.isoformat()}-by-{wanted.by}.csv"
    return csv_answer(table, filename=name)


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What the address asks for; what cannot be read is said, and the usual period is shown."""
    today, errors = clock.today(), dict[str, str]()
    typed = {name: request.args.get(name, "").strip() for name in ("from", "to")}
    since, until = day_in(typed["from"]), day_in(typed["to"])
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
    rated = _("fewer than %(few)s", few=FEW) if 0 < line.rated < FEW else _("not shown")
    return [
        named(line.key, names),
        f"{line.opened}",
        f"{line.closed}",
        "–" if line.still_open is None else f"{line.still_open}",
        "–" if line.kept is None else f"{line.kept}%",
        "–" if line.days_median is None else f"{line.days_median}",
        "–" if line.days_p90 is None else f"{line.days_p90}",
        rated if line.hides_ratings else f"{line.rated}",
        "–" if line.satisfaction is None else f"{line.satisfaction}",
    ]


def named(key: str, names: Mapping[str, str]) -> str:
    """What a line is called."""
    day = day_in(key)
    return names.get(key) or (format_date(day) if day else key) or _("None")


def _months(keys: Sequence[str], by: str) -> dict[str, str]:
    """What the months are called: their key is their first day."""
    days = {key: day_in(key) for key in keys} if by == "month" else {}
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


def _forms(found: tuple[Sequence[FormLine], FormLine], wanted: Wanted) -> dict[str, Any]:
    """The forms as the page shows them: table, chart and the address of their file."""
    head, *rows = _form_table(found, wanted)
    lines, _whole = found
    names = _form_names(lines, wanted.by)
    return {
        "head": head,
        "rows": [*rows[:-1][:MOST_LINES], rows[-1]],
        "chart": chart_of([(named(line.key, names), line.begun, line.sent) for line in lines]),
        "file": f"{PREFIX}/statistics/file?{urlencode({**_as_address(wanted), 'of': 'forms'})}",
        "narrowed": bool(wanted.team or wanted.area or wanted.channel or "/" in wanted.kind),
    }


def _form_table(found: tuple[Sequence[FormLine], FormLine], wanted: Wanted) -> list[list[str]]:
    lines, whole = found
    first = str(BY_TITLES[wanted.by]) if wanted.by in ("month", "week") else _("Form")
    names = _form_names(lines, wanted.by)
    return [
        [first, _("Begun"), _("Sent"), _("Completion")],
        *(_form_cells(line, names) for line in lines),
        _form_cells(whole, {"": _("All together")}),
    ]


def _form_cells(line: FormLine, names: Mapping[str, str]) -> list[str]:
    share = "–" if line.completion is None else f"{line.completion}%"
    return [named(line.key, names), f"{line.begun}", f"{line.sent}", share]


def _form_names(lines: Sequence[FormLine], by: str) -> dict[str, str]:
    return _months([line.key for line in lines], by)


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
