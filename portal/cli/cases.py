"""Cases: the teams that get them, and what retention would let go of."""

import click

from portal.cases.retention import would_let_go
from portal.cases.teams import LONGEST_TITLE, all_teams, close_team, save_team
from portal.cli.running import command_settings, transaction
from portal.errors import NotFound, SetupError

ACTOR = "system:command"


@click.group()
def cases() -> None:
    """Cases: the teams that get them, and how long they are kept."""


@cases.command()
def retention() -> None:
    """Show how many cases of each kind the next night lets go of. Changes nothing."""
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        found = would_let_go()
    for (service, kind), many in sorted(found.items()):
        click.echo(f"{many:>9}  {service}.{kind}")


@cases.group()
def teams() -> None:
    """The teams that cases go to: list, save, close."""


@teams.command("list")
def list_teams() -> None:
    """List all teams, those that services declare and those of the council."""
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        found = [(team.slug, team.name, team.is_closed) for team in all_teams(closed=True)]
    for slug, name, closed in found:
        click.echo(f"{slug}  {name}{'  (closed)' if closed else ''}")


@teams.command()
@click.argument("slug")
@click.option("--title", required=True, help=f"What residents read; at most {LONGEST_TITLE} characters.")
@click.option("--title-cy", default="", help="The same in Welsh.")
def save(slug: str, title: str, title_cy: str) -> None:
    """Add the team SLUG, or give it other titles. One that is closed is open again."""
    with command_settings() as settings, transaction(settings):
        try:
            save_team(ACTOR, slug=slug, title=title, title_cy=title_cy)
        except ValueError as error:
            raise SetupError(f"This cannot be saved: {error}.") from None
    click.echo(f"The team {slug} is saved.")


@teams.command()
@click.argument("slug")
def close(slug: str) -> None:
    """Let the team SLUG have no more cases. What it has stays on its list."""
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        try:
            close_team(ACTOR, slug)
        except NotFound:
            raise SetupError(f"There is no team {slug}. `moothall cases teams list` shows them.") from None
    click.echo(f"The team {slug} gets no more cases.")
