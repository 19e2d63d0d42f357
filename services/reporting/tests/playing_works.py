"""The contractor's Open311 server behind a real port, and the portal's settings told to lead there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.serving import make_server

from portal.kit import session
from services.reporting.standin.app import create
from services.reporting.standin.panel import WORKS
from services.reporting.standin.works import Behaviour, Works, metadata
from tests.support.faults import misbehave
from tests.support.office import not_met_yet

KEY: Final = "the-key-that-the-contractor-gave"
SETTINGS: Final = "moothall.settings.reporting"


@dataclass
class PlayedWorks:
    """The stand-in at `url`, and its own memory."""

    url: str
    works: Works

    def behave(self, **how: Any) -> None:
        """Tell it how to behave; right, without more. `takes` is its own, all else is of every stand-in."""
        own = {name: how.pop(name) for name in ("takes",) if name in how}
        misbehave(self.url, **how)
        self.works.tell(Behaviour(**own))

    @property
    def jobs(self) -> list[dict[str, list[str]]]:
        """The fields of what came in, the oldest first."""
        return [row["fields"] for row in reversed(self.works.jobs())]

    def say(self, status: str, words: str = "", number: int = 0) -> None:
        """Say something about a job: the newest, or that one."""
        assert self.works.note(number or self.works.jobs()[0]["number"], status=status, words=words, by_us=True)


@contextmanager
def works_running(database_url: str) -> Iterator[PlayedWorks]:
    """The stand-in until the end of the block, with nothing in it."""
    app = create(database_url, "http://localhost/standin", KEY)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    works: Works = app.extensions[WORKS]
    with works.engine.begin() as db:
        db.execute(text(f"truncate {', '.join(map(str, metadata.sorted_tables))} restart identity"))
    try:
        played = PlayedWorks(f"http://127.0.0.1:{server.server_port}", works)
        played.behave()
        yield played
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        works.engine.dispose()


@contextmanager
def settings_with(app: Flask, **changes: Any) -> Iterator[None]:
    """In this block the service's settings are changed, and no office was met before."""
    before = app.extensions[SETTINGS]
    app.extensions[SETTINGS] = before.model_copy(update=changes)
    not_met_yet(app)
    try:
        yield
    finally:
        app.extensions[SETTINGS] = before
        not_met_yet(app)
        with app.app_context():
            session().rollback()


def led_to(works: PlayedWorks) -> dict[str, Any]:
    """The settings that lead there."""
    return {"works_url": works.url, "works_key": SecretStr(KEY)}
