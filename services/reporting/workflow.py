"""Kinds of problem, the teams that answer them, and the way of a report, as data.

A kind or status that is given up stays here, so that old reports keep their words: switch the kind off by settings,
take away the moves that lead to the status.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from portal.kit import CaseType, Lazy, Move, NotFound, ServiceLevel, Status, TaskField, TaskForm, settings_of
from portal.kit import lazy_gettext as _
from services.reporting.settings import ReportingSettings

SERVICE = "reporting"
JOURNEY = "report"


@dataclass(frozen=True, slots=True)
class Team:
    """Who puts a problem right, in whole sentences, because other languages bend the name."""

    slug: str
    title: Lazy
    gets_it: Lazy


STREET_CLEANING = Team(
    "street_cleaning",
    _("Street cleaning"),
    _("We will pass your report to the street cleaning team, usually within minutes."),
)
HIGHWAYS = Team(
    "highways",
    _("Highways"),
    _("We will pass your report to the highways team, usually within minutes."),
)
STREET_LIGHTING = Team(
    "street_lighting",
    _("Street lighting"),
    _("We will pass your report to the street lighting team, usually within minutes."),
)

_TEAMS = {team.slug: team for team in (STREET_CLEANING, HIGHWAYS, STREET_LIGHTING)}
TEAMS = {slug: team.title for slug, team in _TEAMS.items()}


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of problem. `title` names it in lists, `hint` helps to choose."""

    code: str
    title: Lazy
    hint: Lazy
    team: Team


CATEGORIES = (
    Category("fly_tipping", _("Fly-tipping"), _("Rubbish, furniture or rubble left in the street"), STREET_CLEANING),
    Category("pothole", _("Pothole"), _("A hole or a broken surface in a road or pavement"), HIGHWAYS),
    Category("street_light", _("Street light"), _("A light that is out, flickers or is on all day"), STREET_LIGHTING),
    Category("graffiti", _("Graffiti"), _("Paint, stickers or posters on walls, signs or benches"), STREET_CLEANING),
    Category("street_cleaning", _("Missed street cleaning"), _("A street that was not swept"), STREET_CLEANING),
)
_BY_CODE = {category.code: category for category in CATEGORIES}

STATUSES = (
    Status(
        code="received",
        title=_("Received"),
        meaning=_("We have your report."),
        next=_("We will pass it to the team that fixes these problems, usually within minutes."),
    ),
    Status(
        code="with_team",
        title=_("With the team"),
        happened=_("Passed to the team: %(team)s"),
        meaning=_("The team that fixes these problems has your report."),
        next=_("Somebody will go and look, and we will tell you what they find."),
    ),
    Status(
        code="in_progress",
        title=_("In progress"),
        meaning=_("The team has looked at the problem and is putting it right."),
        next=_("We will tell you here when the work is done."),
    ),
    Status(
        code="fixed",
        title=_("Fixed"),
        meaning=_("The problem has been put right."),
        next=_("This report is closed."),
        open=False,
    ),
    Status(
        code="no_action",
        title=_("No action"),
        meaning=_("We looked, and there is nothing that we can put right."),
        next=_("This report is closed."),
        open=False,
    ),
    Status(
        code="duplicate",
        title=_("Already reported"),
        meaning=_("An earlier report tells us of this problem already. We are working on that one."),
        next=_("You do not have to do anything."),
        open=False,
    ),
)
_STAFF: frozenset[Literal["resident", "staff", "system"]] = frozenset({"staff"})
_STAFF_OR_WE: frozenset[Literal["resident", "staff", "system"]] = frozenset({"staff", "system"})
MOVES = (
    Move(source="received", target="with_team", by=_STAFF_OR_WE, title=_("Pass it to the team")),
    Move(source="with_team", target="in_progress", by=_STAFF, title=_("Start the work")),
    Move(source="in_progress", target="with_team", by=_STAFF, title=_("Give it back to the team"), asks_reason=True),
    *(
        Move(source=source, target="fixed", by=_STAFF, right="decide", title=_("Mark as fixed"))
        for source in ("with_team", "in_progress")
    ),
    *(
        Move(
            source=source,
            target="no_action",
            by=_STAFF,
            right="decide",
            title=_("Close without action"),
            asks_reason=True,
        )
        for source in ("received", "with_team", "in_progress")
    ),
    *(
        Move(source=source, target="duplicate", by=_STAFF, title=_("Close as already reported"))
        for source in ("received", "with_team", "in_progress")
    ),
)
KEPT_DAYS = 2 * 365
"""How long a closed report says who sent it and in which words (see service.py, retention)."""
REOPEN_DAYS = 28

# What staff may ask of who reported it. Paint on private walls is removed only where the owners allow it.
FORMS: Mapping[str, Mapping[str, TaskForm]] = {
    "graffiti": {
        "removal": TaskForm(
            title=_("Permission to remove the paint"),
            words=_("The wall does not belong to the council. We can only remove the paint if its owner allows it."),
            fields=(
                TaskField(
                    name="owner",
                    label=_("Are you the owner of the wall?"),
                    kind="choice",
                    choices=(("sole", _("Yes, I alone")), ("joint", _("Yes, with somebody else")), ("no", _("No"))),
                ),
                TaskField(
                    name="material",
                    label=_("What is the wall made of?"),
                    hint=_("For example, brick, render or painted wood."),
                    required=False,
                ),
            ),
        )
    }
}


def _promise(category: str) -> ServiceLevel:
    """How soon we deal with this kind of problem, as the council has set it."""
    return ServiceLevel(days=getattr(settings_of(ReportingSettings).working_days, category), warn=1)


# Every kind goes the same way. Each is a case type of its own, so that lists of cases name the problem.
CASE_TYPES = tuple(
    CaseType(
        service=SERVICE,
        slug=each.code,
        title=each.title,
        statuses=STATUSES,
        moves=MOVES,
        service_level=partial(_promise, each.code),
        forms=FORMS.get(each.code, {}),
        team=each.team.slug,
        retention_days=KEPT_DAYS,
        reopen_days=REOPEN_DAYS,
        reopened="with_team",
        merged="duplicate",
        rates=True,
    )
    for each in CATEGORIES
)
_TYPES = {case_type.slug: case_type for case_type in CASE_TYPES}
_STATUSES = {status.code: status for status in STATUSES}

TagColour = Literal["grey", "green", "blue", "yellow"]
TAG_COLOURS: Mapping[str, TagColour] = {
    "received": "blue",
    "with_team": "blue",
    "in_progress": "yellow",
    "fixed": "green",
    "no_action": "grey",
    "duplicate": "grey",
}


def offered(categories_off: Collection[str]) -> list[Category]:
    """The kinds of problem that are taken at the moment."""
    return [category for category in CATEGORIES if category.code not in categories_off]


def get_category(code: str) -> Category:
    """The kind of problem with that code. Raises NotFound."""
    found = _BY_CODE.get(code)
    if found is None:
        raise NotFound(str(_("We do not know this kind of problem.")))
    return found


def why_not_taken(category: Category, categories_off: Collection[str]) -> Lazy | None:
    """Why a report of this kind is refused at the moment; None when it is taken."""
    if category.code not in categories_off:
        return None
    return _("You cannot report this kind of problem here at the moment. Choose another kind, or ring us")


def who_gets_it(team: str) -> str | Lazy:
    """To whom a report goes that the council's rules gave to this team, which may be none of ours."""
    known = _TEAMS.get(team)
    return known.gets_it if known else STATUSES[0].next


def type_of(category: str) -> CaseType:
    """The case type of a kind of problem. Raises NotFound."""
    return _TYPES[get_category(category).code]


def status_called(code: str) -> Status:
    """The words for a status; its code for one that was given up, which old reports may still have."""
    return _STATUSES.get(code) or Status(code=code, title=code, meaning="")


def title_of(category: str) -> str:
    """What a kind of problem is called; its code where it was given up."""
    found = _BY_CODE.get(category)
    return str(found.title) if found else category
