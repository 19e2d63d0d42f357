"""The database's tables."""

from collections.abc import Sequence

import click
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from portal.cli.grants import grant
from portal.cli.running import command_settings
from portal.db import migrate
from portal.db.migrate import History
from portal.errors import SetupError
from portal.registry.discovery import discover
from portal.registry.histories import histories


@click.group()
def db() -> None:
    """The database's tables: upgrade, downgrade, status, revision."""


db.add_command(grant)


@db.command(short_help="Bring every table up to date.")
def upgrade() -> None:
    """Bring every table up to date: core's, the provider's and each service's. Doing it twice does no harm."""
    with command_settings() as settings:
        upgrade_all(settings.database_url)
    click.echo("All tables are current.")


@db.command()
def status() -> None:
    """Say for each schema whether its tables are current. The exit status is 1 when one is not."""
    every = histories(discover())
    with command_settings() as settings:
        stale = migrate.behind(settings.database_url, every)
    width = max(len(history.schema) for history in every)
    for history in every:
        click.echo(f"{history.schema.ljust(width)}  {'behind' if history.schema in stale else 'current'}")
    if stale:
        raise SystemExit(1)


@db.command(short_help="Take one schema back to an earlier revision.")
@click.argument("schema")
@click.argument("target")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def downgrade(schema: str, target: str, yes: bool) -> None:
    """Take one schema back to TARGET: a revision, or `base` for nothing at all."""
    history = _history(schema)
    _check_target(history, target)
    if not yes:
        click.confirm("This deletes what the newer tables and columns hold. Go on?", abort=True)
    with command_settings() as settings, _said_plainly():
        migrate.downgrade(settings.database_url, history, target)
    click.echo(f"{schema} is at {target}.")


@db.command(short_help="Write a schema's next migration from its models.")
@click.argument("schema")
@click.argument("message")
def revision(schema: str, message: str) -> None:
    """Write the next migration of SCHEMA from what its models say and the tables lack. Read it before you commit it."""
    history = _history(schema)
    with command_settings() as settings, _said_plainly():
        upgrade_all(settings.database_url)
        engine = migrate.engine_for(settings.database_url)
        with engine.connect() as connection:
            config = migrate.config_for(history)
            config.attributes["connection"] = connection
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
        engine.dispose()


def upgrade_all(url: str) -> None:
    """Migrate every history. Raises SetupError, also when the database is ahead of this code."""
    with _said_plainly():
        migrate.upgrade(url, histories(discover()))


def _history(schema: str) -> History:
    every: Sequence[History] = histories(discover())
    for history in every:
        if history.schema == schema:
            return history
    raise SetupError(f"There is no schema {schema}. There are: {', '.join(each.schema for each in every)}.")


def _check_target(history: History, target: str) -> None:
    revisions = ScriptDirectory.from_config(migrate.config_for(history)).walk_revisions()
    known = ["base", *sorted(each.revision for each in revisions)]
    if target not in known:
        raise SetupError(f"There is no revision {target} of {history.schema}. There are: {', '.join(known)}.")


class _said_plainly:  # noqa: N801  # reads as the words of a with statement
    """Alembic's own complaints as a SetupError."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, CommandError):
            raise SetupError(
                f"The tables do not fit this code ({error}). They were made by another version:"
                " run that one, or start over (in the demo: RESET=1 make demo)."
            ) from None
