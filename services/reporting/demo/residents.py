"""Reports for the demo's people: invented words about invented streets, in every state that a report can be in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from portal.kit import Account, Case, clock, move_case, session, set_task
from services.reporting.models.reports import Report
from services.reporting.operations.passing_on import pass_on
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written

DEMO = UUID("6f2c7a52-5d0f-4a63-9a3e-0c2a5b7f7d11")
"""The space of the demo's report ids, so that loading again finds what is there."""
RIGHTS = frozenset({"work", "decide"})
WHY = "Put something beside it for its size, such as a coin. Do not put yourself in danger."


@dataclass(frozen=True, slots=True)
class DemoReport:
    """One report: who sent it, what it says, and the statuses that it went through afterwards."""

    person: str
    category: str
    place: Place
    description: str
    moves: tuple[str, ...] = ()
    reason: str = ""
    days_ago: int = 1
    """When it was sent. Each move came a day and a bit after the one before."""
    asks: str = ""
    """A photo that staff have asked for since."""


REPORTS = (
    DemoReport(
        "ada",
        "graffiti",
        Place("Kestrelway Road: on the shutters beside the launderette", None),
        "Large red letters across both shutters, about two metres wide. They appeared over the weekend.",
        ("with_team", "in_progress", "fixed"),
        "Cleaned off with hot water. The shutters were treated so that paint comes off more easily.",
        days_ago=16,
    ),
    DemoReport(
        "ada",
        "pothole",
        Place("Kingfisher Row: in the cycle lane, near the bridge", Point(51.49312, -0.23370)),
        "A deep hole in the cycle lane, about as wide as a dinner plate.\nIt fills with water and cannot be seen then.",
        ("with_team", "in_progress"),
        "Inspected and marked for repair.",
        days_ago=5,
        asks="Send a photo that shows how deep the hole is",
    ),
    DemoReport(
        "ben",
        "fly_tipping",
        Place("Larkspur Lane: by the bottle banks", None),
        "A sofa, two mattresses and several black bags. The bags are torn and rubbish blows into the road.",
        ("with_team",),
        days_ago=3,
    ),
    DemoReport(
        "ben",
        "street_light",
        Place("Ousel Street: at the bus stop", Point(51.50641, -0.22492)),
        "The lamp at the bus stop flickers all night and goes out when it rains.",
    ),
    DemoReport(
        "ben",
        "street_cleaning",
        Place("Quincewood Terrace: the whole street", None),
        "The sweeper has not come for three weeks. Leaves block the drains and the pavement is slippery.",
        ("with_team", "duplicate"),
        days_ago=12,
    ),
    DemoReport(
        "carys",
        "street_light",
        Place("Goldcrest Avenue: opposite the school gate", None),
        "The lamp is on all day long.",
        ("with_team", "no_action"),
        "This lamp is on purpose lit by day while a sensor is tested.",
        days_ago=23,
    ),
    DemoReport(
        "carys",
        "street_light",
        Place("Ousel Street: at the bus stop", Point(51.50641, -0.22492)),
        "The light by the bus stop goes on and off. I cannot see the kerb when I get off the bus.",
        days_ago=1,
    ),
)


def load(accounts: Mapping[str, Account], staff: str) -> None:
    """File the reports of those people who are there, and let `staff` deal with them. Doing it again adds nothing."""
    numbered = sorted(enumerate(REPORTS), key=lambda each: -each[1].days_ago)  # in the order in which it happened
    for number, report in numbered:
        account = accounts.get(report.person)
        if account is not None:
            _file(account, uuid5(DEMO, str(number)), report, staff)


def _file(account: Account, report_id: UUID, report: DemoReport, staff: str) -> None:
    sent_at = morning_of(report.days_ago, report.description)
    with clock.as_of(sent_at):
        written = Written(report.category, report.place, report.description)
        case = file_report(account, report_id=report_id, written=written)
    if case.version > 1:  # moved on by an earlier load, or by whoever plays with the demo
        return
    go_through(case, report.moves, report.reason, sent_at=sent_at, staff=staff)
    hand_over(report_id)
    if report.asks:
        promised_on = case.due_at.date() if case.due_at else clock.today()
        due_on = max(clock.today(), promised_on - timedelta(days=1))  # an answer after the end would be of no use
        set_task(case.id, kind="document", title=report.asks, words=WHY, due_on=due_on, actor=staff, key="demo")


def morning_of(days_ago: int, words: str) -> datetime:
    """When a report of so many days ago was sent: not all at the same time of day."""
    morning = clock.now().replace(hour=8, minute=40, second=0, microsecond=0) - timedelta(days=days_ago)
    return morning + timedelta(minutes=37 * (len(words) % 9))


def go_through(case: Case, moves: Sequence[str], reason: str, *, sent_at: datetime, staff: str) -> None:
    """Move the case as staff did. The first move is the worker's, minutes later; people take days."""
    for number, status in enumerate(moves):
        later = timedelta(minutes=2) if number == 0 else timedelta(days=number, minutes=51 * number)
        said = reason if number == len(moves) - 1 else ""
        with clock.as_of(min(sent_at + later, clock.now())):
            move_case(case.id, to=status, actor=staff, channel="desk", reason=said, rights=RIGHTS)


def hand_over(report_id: UUID) -> None:
    """Have what staff passed to its team go to the system that its category names, as the worker does with others."""
    report = session().get_one(Report, report_id)
    if report.passed_on_at is not None and report.closed_at is None:
        pass_on(report)
