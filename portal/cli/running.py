"""Settings and a database that answers, for commands."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.cli.demo_environment import FOLDER, demo_environment
from portal.cli.ports import DEFAULT
from portal.db import session as database
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import behind, engine_for, reachable
from portal.errors import SetupError
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.settings.portal import Settings
from portal.settings.reading import load_settings


def served_settings() -> Settings:
    """The settings, for a process that serves: with a database named, that answers and whose tables are current."""
    settings = load_settings()
    if not settings.database_url:
        raise SetupError(
            "MOOTHALL_DATABASE_URL is empty. Name a PostgreSQL: postgresql://user:password@host/name."
            " (The embedded one is for `moothall demo`.)"
        )
    stale = behind(settings.database_url, histories(discover()))
    if stale:
        raise SetupError(f"The tables in {', '.join(stale)} are not current. Run `moothall db upgrade` first.")
    return settings


@contextmanager
def command_settings() -> Iterator[Settings]:
    """The settings for one command, the embedded PostgreSQL running meanwhile when no other is named.

    Where nothing is set but a demo was run in this folder, the demo's settings are used.
    """
    use_demo_environment()
    settings = load_settings()
    if settings.database_url:
        engine = engine_for(settings.database_url)
        reachable(engine).close()
        engine.dispose()
        yield settings
        return
    server = EmbeddedPostgres(FOLDER / "postgres")
    server.start()
    try:
        yield settings.model_copy(update={"database_url": server.url})
    finally:
        server.stop()


def use_demo_environment() -> None:
    """Take the demo's settings where no other are given."""
    given = any(name in os.environ for name in ("MOOTHALL_SECRET_KEY", "MOOTHALL_DATABASE_URL"))
    if given or not (FOLDER / "secret-key").exists():
        return
    port, database_url = DEFAULT, ""
    try:
        running = json.loads((FOLDER / "demo.json").read_text())
        port, database_url = int(running["port"]), str(running["database_url"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # it was never finished; the defaults are as good
    os.environ.update(demo_environment(port, database_url))
    sys.stderr.write("(With the settings of the demo in var/.)\n")


@contextmanager
def transaction(settings: Settings, app: Flask | None = None) -> Iterator[None]:
    """A session for the length of the block, committed when the block ends well.

    `app` is the whole application, for those who write letters.
    """
    if app is None:
        app = Flask("moothall")
        database.install(app, settings.database_url)
    with app.app_context():
        try:
            yield
            database.db.session.commit()
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", "") not in ("42P01", "3F000"):  # no such table, no such schema
                raise
            raise SetupError("The tables are not there yet. Run `moothall db upgrade` first.") from None
        except OperationalError as error:
            raise SetupError(f"The database does not answer: {str(error.orig).strip().splitlines()[-1]}") from None
        finally:
            database.db.session.close()
            database.dispose()
