"""Start over: forget all that the demo holds."""

import shutil
from pathlib import Path

import click
from sqlalchemy import text

from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import engine_for, reachable
from portal.registry.discovery import discover
from portal.registry.histories import histories

KEPT_BY_US = text(
    "select schemaname from pg_tables where (tablename = 'alembic_version' and schemaname = any(:schemas))"
    " or (tablename = 'procrastinate_jobs' and schemaname = 'jobs')"
    " or (tablename = 'notification' and schemaname = 'notify_standin')"
    " or (tablename = 'token' and schemaname = 'pay_standin')"
    " or (tablename = 'told' and schemaname = 'standins')"
    " or (tablename = 'control' and schemaname = any(:standins)) order by schemaname"
)
"""Faults of stand-ins are in `standins`; a service's keeps its state in `<slug>_standin`, with a table `control`."""


def forget_everything(folder: Path, database_url: str) -> None:
    """Delete the demo's files, and its database or, on a server that was named, our schemas in it."""
    if database_url:
        drop_our_schemas(database_url)
    else:
        EmbeddedPostgres(folder / "postgres").remove()
    for name in ("files", "log"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("secret-key", "client-secret", "notify-secret", "pay-token", "pay-webhook-secret"):
        (folder / name).unlink(missing_ok=True)


def drop_our_schemas(database_url: str) -> None:
    """Drop the schemas that carry our mark, and no other: a server may hold more than us."""
    engine = engine_for(database_url)
    try:
        with reachable(engine) as connection:
            services = discover()
            schemas = [history.schema for history in histories(services)]
            standins = [f"{each.slug}_standin" for each in services if each.service.standin]
            ours = connection.execute(KEPT_BY_US, {"schemas": schemas, "standins": standins}).scalars().all()
            where = engine.url.render_as_string(hide_password=True)
            if not ours:
                click.echo(f"Nothing of ours is in {where} yet.")
                return
            click.echo(f"Dropping {', '.join(ours)} in {where}.")
            for schema in ours:
                connection.execute(text(f'drop schema "{schema}" cascade'))
            connection.commit()
    finally:
        engine.dispose()
