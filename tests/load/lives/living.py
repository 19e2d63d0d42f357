"""One life of a case: its steps, and the job that takes them, each in a transaction of its own."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import clock
from portal.accounts.values import Account
from portal.cases.ending import rate_case
from portal.cases.holding import hold_case, resume_case
from portal.cases.messages import send_message
from portal.cases.moving import move_case
from portal.cases.queries import get_case_for_staff, whole_timeline
from portal.cases.taking import take_case
from portal.cases.task_answers import SIGNED_AS, STATEMENT
from portal.cases.task_queries import tasks_of
from portal.cases.tasks import do_task, save_task, set_task
from portal.cases.values import Case, CaseEvent, ChangedMeanwhile
from portal.db.session import session
from portal.errors import Conflict, Refused
from portal.jobs.queue import job
from services.reporting.operations.sending import file_report, route
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from services.reporting.settings.categories import FAMILIES

SPACE = uuid.UUID("5c1d8f0e-3f1b-4a55-9b53-0a8e3d8e6f01")
CASES_EACH = 10
RIGHTS = frozenset({"work", "decide"})
MOST_TRIES = 40
STATEMENT_WORDS = "I have told you the truth."


def account_of(n: int) -> Account:
    """Whose case the nth is."""
    return Account(uuid.uuid5(SPACE, f"account {n // CASES_EACH}"), "Load", "en")


@dataclass(frozen=True, slots=True)
class Life:
    """One case on its way: what it is now and what has happened to it."""

    n: int
    case: Case
    events: list[CaseEvent]

    @property
    def account(self) -> Account:
        """Whose it is."""
        return account_of(self.n)

    @property
    def staff(self) -> str:
        """Who works on it."""
        return f"staff:{uuid.uuid5(SPACE, f'staff {self.n % 5}')}"

    @property
    def seen(self) -> dict[str, Any]:
        """Who acts, and on which version."""
        return {"actor": self.staff, "expected_version": self.case.version}

    def had(self, kind: str, **details: object) -> bool:
        """Whether that has happened."""
        return any(
            event.kind == kind and all(event.details.get(name) == value for name, value in details.items())
            for event in self.events
        )

    def move(self, to: str) -> None:
        """Staff move it."""
        move_case(self.case.id, to=to, channel="desk", rights=RIGHTS, **self.seen)


def write_to_resident(life: Life) -> None:
    """Staff write."""
    send_message(life.staff, life.case.id, f"We have seen it, {life.n}.", key="staff", channel="desk")


def answer(life: Life) -> None:
    """The resident writes back."""
    send_message(f"account:{life.account.id}", life.case.id, f"Thank you, {life.n}.", key="resident")


def ask(life: Life) -> None:
    """Staff ask for a signature."""
    set_task(life.case.id, kind="signature", title="Sign", words=STATEMENT_WORDS, actor=life.staff, key="sign")


def sign(life: Life) -> None:
    """The resident gives it."""
    (task,) = tasks_of(life.case.id)
    if task.is_open:
        task = save_task(life.account.id, task.id, **{SIGNED_AS: "A Load", STATEMENT: STATEMENT_WORDS})
        do_task(life.account.id, task.id, version=task.version)


def hold(life: Life) -> None:
    """Staff wait for something."""
    hold_case(life.case.id, until_on=clock.today() + timedelta(days=7), reason="We wait for a part.", **life.seen)


STEPS: tuple[tuple[Callable[[Life], bool], Callable[[Life], object]], ...] = (
    (lambda life: not life.had("taken"), lambda life: take_case(life.case.id, **life.seen)),
    (lambda life: not life.had("message_sent", from_staff=True), write_to_resident),
    (lambda life: not life.had("task_set"), ask),
    (lambda life: not life.had("task_done"), sign),
    (lambda life: not life.had("message_sent", from_staff=False), answer),
    (lambda life: life.case.status == "received", lambda life: life.move("with_team")),
    (lambda life: life.case.status == "with_team", lambda life: life.move("in_progress")),
    (lambda life: not life.had("held"), hold),
    (lambda life: life.case.is_held, lambda life: resume_case(life.case.id, **life.seen)),
    (lambda life: life.case.is_open, lambda life: life.move("fixed")),
    (lambda life: life.case.rating is None, lambda life: rate_case(life.account, life.case.id, rating=life.n % 5 + 1)),
)
"""What comes next: the first whose question is answered with yes."""


@job("load.live", attempts=30)
def live(n: int) -> None:
    """Live the nth life from wherever it is to its end."""
    case_id = begin(n)
    for _ in range(MOST_TRIES):
        life = look(n, case_id)
        step = next((step for due, step in STEPS if due(life)), None)
        if step is None:
            return
        with suppress(ChangedMeanwhile, Conflict, Refused):  # a twin was quicker: look again
            step(life)
            session().commit()
        session().rollback()  # what was refused, and what the look has read
    raise RuntimeError(f"life {n} does not come to an end")


def begin(n: int) -> uuid.UUID:
    """The case of the nth life, which begins now if it has not."""
    report_id, account = uuid.uuid5(SPACE, f"report {n}"), account_of(n)
    place = Place(f"Larkspur Lane {n}", Point(51.46 + n % 60 / 1000, -0.2))
    category = FAMILIES[n % 5]  # those that are also the code of a category
    opened = file_report(account, report_id=report_id, written=Written(category, place, "A hole."))
    if opened.version == 1 and len(whole_timeline(opened.id)) == 1:
        route.defer(report_id=str(report_id))
    session().commit()
    return opened.id


def look(n: int, case_id: uuid.UUID) -> Life:
    """The nth life as it is."""
    case = get_case_for_staff(case_id)
    return Life(n, case, [event for event in whole_timeline(case_id) if event.version <= case.version])
