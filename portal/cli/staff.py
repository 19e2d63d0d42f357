"""Staff at the desk: the table of rights, and which role opens which page."""

import uuid

import click

from portal.audit.operations import record
from portal.cases.leaving import free_cases
from portal.cli.running import command_settings, transaction
from portal.errors import NotFound, SetupError
from portal.staff.access_table import access_table, as_markdown
from portal.staff.granting import add_right, remove_right
from portal.staff.operations import find_by_email, forget_member
from portal.staff.rights import all_lines
from portal.staff.values import ROLES, Grant, Role

ACTOR = "system:command"


@click.group()
def staff() -> None:
    """Staff at the desk: who may do what there."""


@staff.group()
def rights() -> None:
    """The table of rights: list, add, remove. Afterwards administrators do this at /desk/rights."""


@rights.command("list")
def list_rights() -> None:
    """List the rights in force, with their ids."""
    with command_settings() as settings, transaction(settings):
        lines = all_lines()
    for line in lines:
        places = {name: getattr(line.grant, name) for name in ("service", "type", "area", "team")}
        where = " ".join(f"{name}={place}" for name, place in places.items() if place) or "everywhere"
        click.echo(f"{line.id}  {line.staff_group}  {line.grant.role}  {where}")
    if not lines:
        click.echo("There is no right yet. Begin with: moothall staff rights add GROUP administrator", err=True)


@rights.command()
@click.argument("group")
@click.argument("role", type=click.Choice(list(ROLES)))
@click.option("--service", default="", help="For this service's cases alone.")
@click.option("--type", "kind", default="", help="For this kind of case alone.")
@click.option("--area", default="", help="For this area alone.")
@click.option("--team", default="", help="For this team's cases alone.")
def add(group: str, role: Role, service: str, kind: str, area: str, team: str) -> None:
    """Give GROUP, as the staff provider calls it, the ROLE."""
    with command_settings() as settings, transaction(settings):
        added = add_right(ACTOR, group=group, grant=Grant(role, service, kind, area, team))
    click.echo(f"{added.id}" if added.new else f"{added.id} (it stood there already)")


@rights.command()
@click.argument("right_id", type=click.UUID)
def remove(right_id: uuid.UUID) -> None:
    """Take the right with RIGHT_ID away. The last right to give rights stays."""
    with command_settings() as settings, transaction(settings):
        try:
            remove_right(ACTOR, right_id)
        except NotFound:
            raise SetupError(
                f"There is no right with the id {right_id}. `moothall staff rights list` shows ids."
            ) from None
    click.echo("The right is taken away.")


@staff.command()
@click.argument("email")
def forget(email: str) -> None:
    """Forget who has left, by their EMAIL address.

    Their sessions end, their open cases go back on their teams' lists, and their name goes. What they did stays, by
    their id.
    """
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        found, freed = find_by_email(email), 0
        for staff_id in found:
            forget_member(staff_id)
            freed += free_cases(staff_id, actor=ACTOR)
            record("staff.forgotten", actor=ACTOR, subject=f"staff:{staff_id}")
    if not found:
        raise SetupError("No member of staff has this email address.")
    click.echo(f"Cases put back on their teams' lists: {freed}.")
    click.echo("They are forgotten. Take them out of the staff provider too, or they can sign in anew.")


@staff.command()
def access() -> None:
    """Which role opens which page: the table, from the code."""
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings:
        click.echo(as_markdown(access_table(create_app(settings))), nl=False)
