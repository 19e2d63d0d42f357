"""Migrations: one linear history, one schema and one version table for core and for each service."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.exc import OperationalError

from portal.db.base import CORE_SCHEMA, Base
from portal.db.session import CONNECT_ARGS, driver_url
from portal.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
LOCK_WAIT_MS = 5000
ADVISORY_LOCK = 0x4D4F4F54  # "MOOT": one migration at a time, however many machines start at once


@dataclass(frozen=True, slots=True)
class History:
    """One linear history: its schema, the folder of its revisions, its tables as the models say."""

    schema: str
    folder: Path
    metadata: MetaData


CORE = History(CORE_SCHEMA, ROOT / "migrations" / "versions", Base.metadata)


def config_for(history: History) -> Config:
    """Alembic's configuration for one history; all share `migrations/env.py`."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(history.folder))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["history"] = history
    return config


def engine_for(url: str) -> Engine:
    """An engine for migrations: no statement time-out, but a short wait for locks."""
    arguments = CONNECT_ARGS | {"options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC"}
    # Without the parameters of what failed: a log may not hold what a resident wrote.
    return create_engine(driver_url(url), connect_args=arguments, hide_parameters=True)


def upgrade(url: str, histories: Iterable[History], target: str = "head") -> None:
    """Bring every history to `target`, core first. Raises SetupError when the database cannot be reached."""
    engine = engine_for(url)
    try:
        with reachable(engine) as connection:
            # Another machine's migration may take as long as it needs. The short wait is for what comes after.
            connection.execute(text("set local lock_timeout = 0"))
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
            connection.commit()
            for history in histories:
                connection.execute(text(f'create schema if not exists "{history.schema}"'))
                connection.commit()
                config = config_for(history)
                config.attributes["connection"] = connection
                command.upgrade(config, target)
                connection.commit()
    finally:
        engine.dispose()  # closes the connection, and with it the lock


def downgrade(url: str, history: History, target: str) -> None:
    """Take one history back to `target` (a revision, or `base`)."""
    engine = engine_for(url)
    try:
        with reachable(engine) as connection:
            config = config_for(history)
            config.attributes["connection"] = connection
            command.downgrade(config, target)
            connection.commit()
    finally:
        engine.dispose()


def behind(url: str, histories: Iterable[History]) -> list[str]:
    """The schemas whose tables are older than the code."""
    engine = engine_for(url)
    try:
        with reachable(engine) as connection:
            return [history.schema for history in histories if not _is_current(connection, history)]
    finally:
        engine.dispose()


def reachable(engine: Engine) -> Connection:
    """A connection, or SetupError with one sentence."""
    try:
        return engine.connect()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()
        where = engine.url.render_as_string(hide_password=True)
        raise SetupError(
            f"The database at {where} does not answer ({reason[-1] if reason else 'no reason given'}). "
            "Start it, or correct MOOTHALL_DATABASE_URL."
        ) from None


def _is_current(connection: Connection, history: History) -> bool:
    context = MigrationContext.configure(connection, opts={"version_table_schema": history.schema})
    heads = ScriptDirectory.from_config(config_for(history)).get_heads()
    return set(context.get_current_heads()) == set(heads)
