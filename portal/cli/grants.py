"""What the role that the portal runs as may do, where another one owns the tables."""

from typing import Final

import click
from sqlalchemy import Connection, text

from portal.cli.running import command_settings
from portal.db.migrate import engine_for, reachable
from portal.errors import Refused
from portal.registry.discovery import discover
from portal.registry.histories import histories

APPEND_ONLY: Final = ("audit_entry", "audit_link", "audit_head")
_ROLE = text("select rolsuper or pg_has_role(rolname, current_user, 'member') from pg_roles where rolname = :role")
_QUOTED = text("select quote_ident(:role)")


@click.command(short_help="Give the portal's role its rights to the tables.")
@click.argument("role")
def grant(role: str) -> None:
    """Let ROLE work with the tables: read and write, and only read and add where the audit trail is kept.

    Run it as the tables' owner after each `moothall db upgrade`. Then run the portal as ROLE: it cannot change the
    audit trail, nor give itself the right to.
    """
    with command_settings() as settings:
        engine = engine_for(settings.database_url)
        try:
            with reachable(engine) as connection, connection.begin():
                for statement in grants_for(connection, role):
                    connection.execute(text(statement))
        finally:
            engine.dispose()
    click.echo(f"{role} may read and write, and only read and add in the audit trail.")


def grants_for(connection: Connection, role: str) -> list[str]:
    """The statements. Raises Refused for a role that is not there or that grants cannot bind."""
    mighty = connection.execute(_ROLE, {"role": role}).scalar()
    if mighty is None:
        raise Refused(f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'.")
    if mighty:
        raise Refused(f"{role} is a superuser, or may act as the tables' owner: no grant would bind it.")
    name = connection.execute(_QUOTED, {"role": role}).scalar_one()
    made: list[str] = []
    for schema in [*(history.schema for history in histories(discover())), "jobs"]:
        quoted = f'"{schema}"'
        made += [
            f"grant usage on schema {quoted} to {name}",
            f"grant select, insert, update, delete on all tables in schema {quoted} to {name}",
            f"grant usage, select on all sequences in schema {quoted} to {name}",
        ]
    made += [f"revoke update, delete, truncate on portal.{table} from {name}" for table in APPEND_ONLY]
    return made
