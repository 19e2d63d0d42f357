"""How reports go their way, as data: teams, statuses, moves, and one case type for each family of problems.

What can be reported is data of the council (`settings/categories.py`); each category belongs to one of the families
here, which are code, since a family is a way of working. A status that is given up stays, so that old reports keep
their words: take away the moves that lead to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from portal.kit import CaseType, Lazy, Move, ServiceLevel, Status, TaskField, TaskForm, settings_of
from portal.kit import lazy_gettext as _
from services.reporting.settings.categories import FAMILIES
from services.reporting.settings.reporting import ReportingSettings

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
PARKS = Team(
    "parks",
    _("Parks and trees"),
    _("We will pass your report to the parks team, usually within minutes."),
)
ENFORCEMENT = Team(
    "enforcement",
    _("Street enforcement"),
    _("We will pass your report to the street enforcement team, usually within minutes."),
)
OUTREACH = Team(
    "outreach",
    _("Outreach"),
    _("We will pass your report to the outreach workers, usually within minutes."),
)

_TEAMS = {team.slug: team for team in (STREET_CLEANING, HIGHWAYS, STREET_LIGHTING, PARKS, ENFORCEMENT, OUTREACH)}
TEAMS = {slug: team.title for slug, team in _TEAMS.items()}


@dataclass(frozen=True, slots=True)
class Family:
    """Problems that are dealt with alike. `title` names them where no single category can be named."""

    code: str
    title: Lazy
    team: Team


# The five commonest have a family of their own: rules, rights and statistics of the desk name them apart.
FAMILY_LIST: Final = (
    Family("fly_tipping", _("Fly-tipping"), STREET_CLEANING),
    Family("pothole", _("Pothole"), HIGHWAYS),
    Family("street_light", _("Street light"), STREET_LIGHTING),
    Family("graffiti", _("Graffiti"), STREET_CLEANING),
    Family("street_cleaning", _("Street cleaning"), STREET_CLEANING),
    Family("waste", _("Bins and needles"), STREET_CLEANING),
    Family("roads", _("Roads and pavements"), HIGHWAYS),
    Family("lights", _("Signals and lit signs"), STREET_LIGHTING),
    Family("damage", _("Damage"), ENFORCEMENT),
    Family("green", _("Parks and trees"), PARKS),
    Family("vehicles", _("Vehicles and things in the way"), ENFORCEMENT),
    Family("welfare", _("People in need"), OUTREACH),
)

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
        meaning=_("An earlier report tells us of this problem already. There we say what we do about it."),
        next=_("You do not have to do anything."),
        open=False,
    ),
)
_STAFF: frozenset[Literal["resident", "staff", "system"]] = frozenset({"staff"})
_STAFF_OR_WE: frozenset[Literal["resident", "staff", "system"]] = frozenset({"staff", "system"})
MOVES = (
    Move(source="received", target="with_team", by=_STAFF_OR_WE, title=_("Pass it to the team")),
    # What a back office says that has the report moves it too: see operations/office_news.py.
    Move(source="with_team", target="in_progress", by=_STAFF_OR_WE, title=_("Start the work")),
    Move(source="in_progress", target="with_team", by=_STAFF, title=_("Give it back to the team"), asks_reason=True),
    *(
        Move(source=source, target="fixed", by=_STAFF_OR_WE, right="decide", title=_("Mark as fixed"))
        for source in ("with_team", "in_progress")
    ),
    *(
        Move(
            source=source,
            target="no_action",
            by=_STAFF_OR_WE,
            right="decide",
            title=_("Close without action"),
            asks_reason=True,
        )
        for source in ("received", "with_team", "in_progress")
    ),
    *(
        Move(source=source, target="duplicate", by=_STAFF_OR_WE, title=_("Close as already reported"))
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


FINDINGS: Final[Mapping[str, Lazy]] = {
    "needs_work": _("It is there, and there is work to do"),
    "fixed": _("It has been put right"),
    "no_action": _("It is there, and there is nothing that we can put right"),
    "elsewhere": _("There is nothing of the kind there"),
}
"""What staff find who go and look."""


def _promise(category: str) -> ServiceLevel | None:
    """How soon we deal with this category, as the council has set it; None for one that was given up."""
    found = settings_of(ReportingSettings).catalogue.by_code.get(category)
    return ServiceLevel(days=found.working_days, warn=1) if found else None


def _title(category: str) -> str:
    """What a case of this category is called in lists and letters; empty for one that was given up."""
    found = settings_of(ReportingSettings).catalogue.by_code.get(category)
    return str(found.title) if found else ""


CASE_TYPES = tuple(
    CaseType(
        service=SERVICE,
        slug=each.code,
        title=each.title,
        statuses=STATUSES,
        moves=MOVES,
        title_by_summary=_title,
        service_level=ServiceLevel(days=10, warn=1),  # of categories that were given up
        level_by_summary=_promise,
        forms=FORMS.get(each.code, {}),
        team=each.team.slug,
        retention_days=KEPT_DAYS,
        reopen_days=REOPEN_DAYS,
        reopened="with_team",
        merged="duplicate",
        rates=True,
    )
    for each in FAMILY_LIST
)
_TYPES = {case_type.slug: case_type for case_type in CASE_TYPES}
_STATUSES = {status.code: status for status in STATUSES}
assert set(_TYPES) == set(FAMILIES), "each family that a category may name is a case type"

TagColour = Literal["grey", "green", "blue", "yellow"]
TAG_COLOURS: Mapping[str, TagColour] = {
    "received": "blue",
    "with_team": "blue",
    "in_progress": "yellow",
    "fixed": "green",
    "no_action": "grey",
    "duplicate": "grey",
}


def who_gets_it(team: str) -> str | Lazy:
    """To whom a report goes that the council's rules gave to this team, which may be none of ours."""
    known = _TEAMS.get(team)
    return known.gets_it if known else STATUSES[0].next


def type_of(family: str) -> CaseType:
    """The case type of a family."""
    return _TYPES[family]


def status_called(code: str) -> Status:
    """The words for a status; its code for one that was given up, which old reports may still have."""
    return _STATUSES.get(code) or Status(code=code, title=code, meaning="")


ACTS: Final[Mapping[str, Lazy]] = {
    "reporting.shown": _("Your report was put on our public pages"),
    "reporting.hidden": _("Your report was taken off our public pages"),
    "reporting.made_private": _("Your report was made private: only you and the council see it"),
    "reporting.made_public": _("Your report was made public"),
    "reporting.said": _("We wrote about your report on its public page"),
    "reporting.photo_shown": _("A photo of yours was put on our public pages"),
    "reporting.photo_hidden": _("A photo of yours was kept off our public pages"),
    "reporting.photo_covered": _("Faces or number plates on a photo of yours were covered"),
    "reporting.photo_uncovered": _("A photo of yours is shown as you sent it"),
    "reporting.update_shown": _("What you wrote about a report was put on our public pages"),
    "reporting.update_hidden": _("What you wrote about a report was kept off our public pages"),
    "reporting.sent_again": _("Your report was sent once more to those who put it right"),
    "reporting.kept_on_desk": _("Your report was taken back, for the council’s own teams to deal with"),
}
"""What the audit trail says of a resident, as they read it."""
