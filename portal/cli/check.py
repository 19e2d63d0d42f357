"""Does everything that the settings name answer?"""

from collections.abc import Iterator

import click

from portal import app as portal_app
from portal.cli.running import command_settings
from portal.db.migrate import behind
from portal.db.session import dispose
from portal.errors import DomainError, SetupError
from portal.identity.checks.diagnosis import diagnose
from portal.identity.relying_party import RelyingParty, every_party
from portal.notify import health
from portal.payments import health as payments_health
from portal.registry.discovery import Mounted, discover
from portal.registry.histories import histories
from portal.settings.portal import Settings

Finding = tuple[str, str]


@click.command()
def check() -> None:
    """Check settings, database, providers and services.

    The exit status is 1 when something does not answer. A provider that is down does not keep the portal from
    starting: residents are told when they sign in.
    """
    with command_settings() as settings:
        found = list(_findings(settings))
    width = max(len(name) for name, _ in found)
    for name, fault in found:
        click.echo(f"{'bad ' if fault else 'good'}  {name.ljust(width)}  {fault}".rstrip())
    if any(fault for _, fault in found):
        raise SystemExit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield "settings", ""
    services = discover()
    stale = behind(settings.database_url, histories(services))
    yield "database", f"Not current: {', '.join(stale)}. Run `moothall db upgrade`." if stale else ""
    if not settings.providers:
        yield "providers", "None is set, so nobody can sign in: MOOTHALL_PROVIDERS__<NAME>__ISSUER and so on."
    if stale:
        return
    app = portal_app.create_app(settings, services)
    with app.app_context():
        for party in every_party():
            yield f"provider {party.name}", _fault_of_provider(party, settings)
        yield "messages", " ".join(health.faults(settings))
        yield "payments", " ".join(payments_health.faults(settings))
        for each in services:
            yield f"service {each.slug}", _fault_of_service(each)
        dispose()


def _fault_of_provider(party: RelyingParty, settings: Settings) -> str:
    """Its faults alone; `moothall identity check` tells the rest."""
    faults = [each.says for each in diagnose(party, settings) if each.verdict == "fault"]
    return " ".join([*faults, f"More: moothall identity check {party.name}"]) if faults else ""


def _fault_of_service(each: Mounted) -> str:
    try:
        health = each.service.check()
    except (DomainError, SetupError, OSError) as error:
        return str(error) or type(error).__name__
    return "" if health.ok else health.sentence
