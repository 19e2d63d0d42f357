"""The worker's loop: two of Procrastinate's workers in one process, so that photographs keep no letter waiting."""

import asyncio
import signal
from typing import Any

import procrastinate

PHOTOS = "photos"
"""The queue of what takes seconds and 200 MB each."""


def run(jobs: procrastinate.App, *, concurrency: int, photos: int, grace: float, wait: bool = True) -> None:
    """Do jobs until a signal says stop; with `wait` off, until none is left.

    Twenty photographs would otherwise take every place for a minute. A priority would not help, because a job that
    runs is not interrupted; so they have places of their own, `photos` at a time, beside `concurrency` other jobs.
    """
    others = sorted({task.queue for task in jobs.tasks.values()} - {PHOTOS})
    shared = {
        "wait": wait,
        "shutdown_graceful_timeout": grace,
        "delete_jobs": "successful",
        "install_signal_handlers": False,  # each would take the other's away
    }
    parts = [
        shared | {"name": "photos", "queues": [PHOTOS], "concurrency": photos},
        shared | {"name": "others", "queues": others, "concurrency": concurrency},
    ]
    asyncio.run(_run(jobs, parts))


async def _run(jobs: procrastinate.App, parts: list[dict[str, Any]]) -> None:
    loop = asyncio.get_running_loop()
    async with jobs.open_async():
        workers = [asyncio.create_task(jobs.run_worker_async(**part)) for part in parts]

        def stop() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)  # a second one ends us at once
            for worker in workers:
                worker.cancel()  # which lets it finish what it is at

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        try:
            await asyncio.gather(*workers)
        except asyncio.CancelledError:
            pass
        finally:  # one without the other would look alive and leave half of the work undone
            stop()
            await asyncio.gather(*workers, return_exceptions=True)
