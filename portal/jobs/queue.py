"""Work that leaves the process: deferred in the same transaction, done after it, at least once.

A job is a function of ids and plain values. It runs inside the application's context with a session of its own,
which is committed when the job returns. It may run twice, so it looks before it acts.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, cast

import procrastinate
from flask import Flask
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text

from portal.db.session import db, driver_url, session

P = ParamSpec("P")

_registered: dict[str, "Job[Any]"] = {}
_deferring = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


@dataclass(frozen=True, slots=True)
class Job(Generic[P]):
    """A registered job. Call it to do the work at once (tests do); `defer` it to have a worker do it."""

    name: str
    queue: str
    attempts: int
    cron: str | None
    function: Callable[P, None]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self.function(*args, **kwargs)

    def defer(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Ask for the job. It exists only if the current transaction commits.

        Arguments are named plain JSON values: ids as text, never what a person typed.
        """
        if args:
            raise TypeError("a job's arguments are named")
        connection = session().connection().connection.driver_connection
        deferrer = _deferring.configure_task(self.name, allow_unknown=True, queue=self.queue, connection=connection)
        deferrer.defer(**cast(dict[str, Any], kwargs))


def job(
    name: str, *, queue: str = "default", attempts: int = 8, cron: str | None = None
) -> Callable[[Callable[P, None]], Job[P]]:
    """Register a function as a job. `attempts` tries, waiting longer each time; `cron` runs it by the clock."""

    def register(function: Callable[P, None]) -> Job[P]:
        if name in _registered:
            raise ValueError(f"two jobs are called {name}")
        made = Job(name, queue, attempts, cron, function)
        _registered[name] = made
        return made

    return register


def registered(name: str) -> "Job[Any]":
    """The job of that name. Raises KeyError."""
    return _registered[name]


def by_the_clock(room: str) -> "list[Job[Any]]":
    """The jobs that a room or service has run by the clock, by name."""
    return [job for name, job in sorted(_registered.items()) if job.cron and name.startswith(f"{room}.")]


def worker_app(url: str, app: Flask) -> procrastinate.App:
    """What the worker process runs: every registered job, inside `app`'s context."""
    conninfo = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(conninfo=conninfo, kwargs={"options": "-c search_path=jobs"})
    worker = procrastinate.App(connector=connector)
    for registered in _registered.values():
        retry = procrastinate.RetryStrategy(max_attempts=registered.attempts, exponential_wait=2)
        task = worker.task(name=registered.name, queue=registered.queue, retry=retry)(_in_context(app, registered))
        if registered.cron:
            worker.periodic(cron=registered.cron)(task)
    _take_up_what_was_cut_off(worker)
    return worker


def _take_up_what_was_cut_off(worker: procrastinate.App) -> None:
    """Each minute, give the jobs of workers that were killed to another. Nobody else would ever look at them."""

    @worker.periodic(cron="* * * * *")
    @worker.task(name="jobs.take_up", queueing_lock="jobs.take_up", pass_context=False)
    async def take_up(timestamp: int) -> None:
        del timestamp
        for each in await worker.job_manager.get_stalled_jobs():
            with suppress(ConnectorException):  # it has come to its end meanwhile; the others must not wait for that
                await worker.job_manager.retry_job(each)


def _in_context(app: Flask, registered: Job[Any]) -> Callable[..., None]:
    def run(timestamp: int | None = None, **arguments: Any) -> None:
        del timestamp  # when a job was due by the clock; ours ask the clock themselves
        with app.app_context():
            registered.function(**arguments)
            db.session.commit()

    return run


def waiting() -> int:
    """How many jobs wait or run, counted up to 1,000."""
    query = text(
        "select count(*) from (select from jobs.procrastinate_jobs"
        " where status in ('todo', 'doing') limit 1000) as waiting"
    )
    return int(session().execute(query).scalar_one())
