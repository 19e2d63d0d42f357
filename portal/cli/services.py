"""The council's services."""

from datetime import datetime

import click

from portal import clock
from portal.backoffices.health import offices
from portal.backoffices.values import OfficeHealth
from portal.cli.running import command_settings, transaction
from portal.cli.service_check import check
from portal.cli.service_new import new
from portal.cli.service_reference import reference
from portal.cli.service_remove import remove
from portal.cli.service_retention import retention
from portal.errors import SetupError
from portal.registry.discovery import discover
from portal.registry.old_services import warnings_of
from portal.registry.switches import reasons, switch_off, switch_on

ACTOR = "system:cli"


@click.group()
def service() -> None:
    """The council's services: list, switch off and on, back offices."""


service.add_command(check)
service.add_command(new)
service.add_command(reference)
service.add_command(remove)
service.add_command(retention)


@service.command("list")
def list_services() -> None:
    """List the services that were found, and which of them are off."""
    found = discover()
    with command_settings() as settings, transaction(settings):
        off = reasons()
    width = max((len(each.slug) for each in found), default=0)
    for each in found:
        state = f"off: {off[each.slug]}" if each.slug in off else "on"
        click.echo(f"{each.slug.ljust(width)}  {each.service.title}  ({each.package})  {state}")
    for sentence in (said for each in found for said in warnings_of(each.package, each.folder)):
        click.echo(sentence, err=True)


@service.command("offices", short_help="Say how back offices were met, and what waits for them.")
def list_offices() -> None:
    """Say how each back office was last met, and what residents have sent that waits for it."""
    slugs = [each.slug for each in discover() if each.service.deliveries]
    with command_settings() as settings, transaction(settings):
        found = offices(slugs)
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        click.echo(f"{each.name.ljust(width)}  {_met(each)}; {_waits(each)}")


@service.command(short_help="Switch a service off at once, everywhere.")
@click.argument("slug")
@click.option("--reason", default="", help="What residents are told, in English.")
@click.option("--reason-cy", default="", help="The same in Welsh.")
def off(slug: str, reason: str, reason_cy: str) -> None:
    """Switch a service off at once, everywhere.

    Without --reason residents read, in their language: "This service is closed for the moment."
    Without --reason-cy those who read Welsh get the English reason.
    """
    _known(slug)
    with command_settings() as settings, transaction(settings):
        switch_off(slug, actor=ACTOR, reason=reason, reason_cy=reason_cy)
    click.echo(f"{slug} is off.")
    if reason and not reason_cy:
        click.echo("Those who read Welsh are told the English reason: --reason-cy was not given.", err=True)


@service.command()
@click.argument("slug")
def on(slug: str) -> None:
    """Switch a service on again."""
    _known(slug)
    with command_settings() as settings, transaction(settings):
        switch_on(slug, actor=ACTOR)
    click.echo(f"{slug} is on.")


@service.command("run", short_help="Have a service do what it has a command for.")
@click.argument("slug")
@click.argument("name", required=False)
@click.argument("words", nargs=-1)
def run_command(slug: str, name: str | None, words: tuple[str, ...]) -> None:
    """Have a service do what it has a command for; without a name, list its commands."""
    _known(slug)
    commands = next(each.service.commands for each in discover() if each.slug == slug)
    if name is None:
        for known, command in commands.items():
            click.echo(f"{f'{known} {command.words}'.strip()}  {command.help}")
        return
    if name not in commands:
        raise SetupError(f"{slug} has no command {name}. It has: {', '.join(commands) or 'none'}.")
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        said = commands[name].run(words)
    click.echo(said)


def _met(office: OfficeHealth) -> str:
    if office.state == "open":
        return f"left alone since {_at(office.state_at)}: {office.last_fault}"
    if office.last_good_at is None and office.last_bad_at is None:
        return "not met yet"
    return f"answered {_at(office.last_good_at)}, failed {_at(office.last_bad_at)}"


def _waits(office: OfficeHealth) -> str:
    if not office.waiting:
        return "nothing waits"
    return f"{office.waiting} to be sent, since {_at(office.oldest_at)}"


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}" if moment else "never"


def _known(slug: str) -> None:
    slugs = [each.slug for each in discover()]
    if slug not in slugs:
        raise SetupError(f"There is no service called {slug}. There are: {', '.join(slugs) or 'none'}.")
