"""The processes that are killed: workers, and the stand-in for GOV.UK Notify."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from flask import Flask
from procrastinate.exceptions import ConnectorException
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.jobs.queue import worker_app
from portal.notify.standin.app import create_standin
from portal.notify.standin.place import PATH
from portal.settings.portal import Settings

HEARTBEAT, DEAD_AFTER = 0.5, 4.0


def work(app: Flask, url: str) -> NoReturn:
    """Be a worker until killed: jobs as in production, but with a pulse that is missed sooner."""

    async def run() -> None:
        """Until the database is lost: then Procrastinate's worker ends, in silence."""
        jobs = worker_app(url, app)
        async with jobs.open_async():
            parts = [
                jobs.run_worker_async(
                    concurrency=2,
                    delete_jobs="successful",
                    fetch_job_polling_interval=0.5,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                ),
                take_up(jobs),
            ]
            tasks = [asyncio.ensure_future(part) for part in parts]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def take_up(jobs: Any) -> None:  # Procrastinate's application
        while True:
            await asyncio.sleep(1)
            for each in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                with suppress(ConnectorException):  # another worker took it up first
                    await jobs.job_manager.retry_job(each)

    while True:  # as `portal.jobs.worker` does
        with suppress(ConnectorException):
            asyncio.run(run())
        time.sleep(0.5)


def stand_in(settings: Settings, port: int) -> NoReturn:
    """Be GOV.UK Notify until killed."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware  # only this process needs it

    class Silent(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            """Say nothing of each request."""

    server = make_server(
        "127.0.0.1",
        port,
        DispatcherMiddleware(Flask("nothing").wsgi_app, {PATH: create_standin(settings).wsgi_app}),
        threaded=True,
        request_handler=Silent,
    )
    server.serve_forever()
    os._exit(0)


def forked(act: Callable[[], NoReturn]) -> int:
    """Do this in a child; its process id. The child shares what was made so far, and no connection: none is open."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a worker says whose job another took up is of no use here
    try:
        act()
    finally:
        os._exit(1)


def end(child: int) -> None:
    """Kill a child of ours, wherever it is."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
