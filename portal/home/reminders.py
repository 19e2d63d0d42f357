"""Each morning, remind residents of what is due: what services say, open tasks of their cases, and signatures.

Services are asked for whom to remind, portion by portion in the order of accounts, and never account by account: a
council has a million of these. A portion is a job of its own, so that a killed worker repeats one and no more; being
told twice of one occasion is being told once.

Every hour it is seen whether the round of the day has begun; days on which no worker was there are made up for.

A service is asked for one day, some days ahead. Tasks and signatures may come with less time than that, so every day
until then is looked through; and the day after a task was missed, its resident reads that they still can do it.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.cases import cosignings
from portal.cases.task_queries import tasks_due
from portal.db.session import session
from portal.home.models import ReminderRoundRow
from portal.jobs.queue import job
from portal.kit.values import Reminder
from portal.notices.telling import Later, tell
from portal.notices.topics import REMINDERS
from portal.registry.mount import mounted
from portal.registry.switches import reasons
from portal.web.languages import format_date
from portal.web.languages import lazy_gettext as _

AHEAD: Final = timedelta(days=3)
AT_ONCE: Final = 500
TASKS: Final = "tasks"  # no slug of a service may be one of these: see the manifest's reserved words
SIGNATURES: Final = "signatures"
LETTER: Final = "home/mail/reminder.txt"
MISSED_LETTER: Final = "home/mail/missed.txt"
_DUE: Final = _("Due on %(day)s")
_MISSED: Final = _("Was due on %(day)s")

A_DAY: Final = timedelta(days=1)
MOST_LATE: Final = 14
"""How many days of missed tasks are made up for."""

_ASKED_ON = select(ReminderRoundRow.asked_on).where(ReminderRoundRow.source == bindparam("source")).with_for_update()
_INSERT = insert(ReminderRoundRow)
_ASKED = _INSERT.on_conflict_do_update(
    index_elements=[ReminderRoundRow.source], set_={"asked_on": _INSERT.excluded.asked_on}
)

Source = Callable[[date, uuid.UUID | None, int], Sequence[Reminder]]


@job("home.remind", cron="15 7-20 * * *")
def remind() -> None:
    """Begin with every service that is on, and with the days of the tasks and signatures: each once a day."""
    today = clock.today()
    for source in _sources():
        before = session().scalar(_ASKED_ON, {"source": source})
        session().execute(_ASKED, {"source": source, "asked_on": today})
        for on in _days(source, before or today - A_DAY, today):
            portion.defer(source=source, on=on.isoformat(), after=None)


def _days(source: str, before: date, today: date) -> Sequence[date]:
    """The days to ask a source for today, when it was last asked on that day before: none if that was today."""
    late = min((today - before).days, MOST_LATE)
    if late <= 0:
        return []
    near = [today + timedelta(days=each) for each in range(AHEAD.days + 1)]
    if source == TASKS:
        return [today - timedelta(days=each) for each in range(late, 0, -1)] + near
    return near if source == SIGNATURES else near[-late:]


@job("home.remind_portion")
def portion(source: str, on: str, after: str | None) -> None:
    """Remind the next people, and ask for those who come after them."""
    ask = _sources().get(source)
    if ask is None:  # the service was switched off meanwhile
        return
    day = date.fromisoformat(on)
    found = ask(day, uuid.UUID(after) if after else None, AT_ONCE)
    missed = day < clock.today()
    for each in found:
        tell(
            each.account_id,
            topic=REMINDERS,
            template=MISSED_LETTER if missed else LETTER,
            key=f"{'missed' if missed else 'reminder'}:{source}:{each.key}:{each.on}",
            path=each.url,
            headline=_headline(each, missed=missed),
            on=each.on,
        )
    people = sorted({each.account_id for each in found})
    if len(people) >= AT_ONCE:
        portion.defer(source=source, on=on, after=str(people[-1]))


def _headline(each: Reminder, *, missed: bool) -> Sequence[object]:
    """By when and what, for the inbox; nothing where the service does not say what."""
    if not str(each.title):
        return ()
    words = _MISSED if missed else _DUE
    return Later(lambda: words % {"day": format_date(each.on)}), each.title


def _sources() -> dict[str, Source]:
    off = reasons()
    services: dict[str, Source] = {each.slug: each.service.reminders for each in mounted() if each.slug not in off}
    return services | {TASKS: _of_tasks, SIGNATURES: _of_signatures}


def _of_tasks(on: date, after: uuid.UUID | None, limit: int) -> Sequence[Reminder]:
    return [
        Reminder(
            account_id=account_id, key=str(task_id), on=on, url=f"/tasks/{task_id}", title=f"{title} ({reference})"
        )
        for account_id, task_id, title, reference in tasks_due(on, after, limit)
    ]


def _of_signatures(on: date, after: uuid.UUID | None, limit: int) -> Sequence[Reminder]:
    return [
        Reminder(
            account_id=account_id,
            key=str(cosigning_id),
            on=on,
            url=f"/signatures/{cosigning_id}",
            title=_("Decide whether you sign (%(reference)s)", reference=reference),
        )
        for account_id, cosigning_id, reference in cosignings.due_on(on, after, limit)
    ]
