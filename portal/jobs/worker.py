"""The worker's loop: two of Procrastinate's workers in one process, so that photographs keep no letter waiting.

Each of the two ends by itself when it loses the database. One without the other would look alive and leave half of
the work undone, so both are then ended and begun again, until the database is back.
"""

import asyncio
import logging
import signal
from contextlib import suppress
from typing import Any, Final

import procrastinate
from procrastinate.exceptions import ConnectorException

log = logging.getLogger(__name__)

PHOTOS = "photos"
"""The queue of what takes seconds and 200 MB each."""
AGAIN_SECONDS: Final = 2.0
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def run(
    jobs: procrastinate.App, *, concurrency: int, photos: int, grace: float, wait: bool = True, heartbeat: float = 10.0
) -> None:
    """Do jobs until a signal says stop; with `wait` off, until none is left.

    Twenty photographs would otherwise take every place for a minute. A priority would not help, because a job that
    runs is not interrupted; so they have places of their own, `photos` at a time, beside `concurrency` other jobs.
    `grace` and `heartbeat` are in seconds. Raises ConnectorException when there is no database to begin with.
    """
    others = sorted({task.queue for task in jobs.tasks.values()} - {PHOTOS})
    shared = {
        "wait": wait,
        "shutdown_graceful_timeout": grace,
        "delete_jobs": "successful",
        "install_signal_handlers": False,  # each would take the other's away
        "update_heartbeat_interval": heartbeat,
    }
    parts = [
        shared | {"name": "photos", "queues": [PHOTOS], "concurrency": photos},
        shared | {"name": "others", "queues": others, "concurrency": concurrency},
    ]
    asyncio.run(_run(jobs, parts, wait=wait))


async def _run(jobs: procrastinate.App, parts: list[dict[str, Any]], *, wait: bool) -> None:  # what workers are given
    stopping = _told_to_stop()
    async with jobs.open_async():
        await _work(jobs, parts, stopping, wait=wait)
    while wait and not stopping.is_set():
        log.warning("the worker lost the database, and begins again")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), AGAIN_SECONDS)
            return
        with suppress(ConnectorException):  # not back yet
            async with jobs.open_async():
                await _work(jobs, parts, stopping, wait=wait)


def _told_to_stop() -> asyncio.Event:
    """Set by the first signal that says stop; a second one ends us at once."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        stopping.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    return stopping


async def _work(jobs: procrastinate.App, parts: list[dict[str, Any]], stopping: asyncio.Event, *, wait: bool) -> None:
    """Work until told to stop, or until one of the workers ends: without `wait`, all of them.

    Raises what a worker met that is no loss of the database.
    """
    workers = [asyncio.create_task(jobs.run_worker_async(**part)) for part in parts]
    asked = asyncio.create_task(stopping.wait())
    ends = workers if wait else [asyncio.gather(*workers)]
    try:
        await asyncio.wait({asked, *ends}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (asked, *workers):
            task.cancel()  # which lets a worker finish what it is at
        met = await asyncio.gather(*workers, return_exceptions=True)
    for each in met:
        if isinstance(each, BaseException) and not isinstance(each, asyncio.CancelledError | ConnectorException):
            raise each
