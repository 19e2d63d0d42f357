"""How residents sign in: is each provider right, and the portal's own keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from portal import app as portal_app
from portal.cli.known_keys import show
from portal.cli.running import command_settings, transaction
from portal.db.migrate import CORE, behind
from portal.db.session import dispose, session
from portal.errors import NotFound, SetupError
from portal.identity import own_keys
from portal.identity.checks.diagnosis import diagnose
from portal.identity.checks.findings import Finding
from portal.identity.relying_party import every_party
from portal.settings.portal import Settings


@click.group()
def identity() -> None:
    """How residents sign in: check the providers, our keys."""


@identity.command(short_help="Find out what is wrong with a provider.")
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """Find out what is wrong with a provider, or with each.

    Asks the provider itself: its metadata, keys, clock, algorithms, whether it knows us and our callback address, and
    what it offers for signing out. A made-up code is sent to see whether our authentication is accepted; nobody is
    signed in. Each line is good, worth a look or a fault, and says what to do; then come the addresses to register
    there. The exit status is 1 when there is a fault.
    """
    with command_settings() as settings:
        found = list(_each(settings, name))
    for number, (provider, findings) in enumerate(found):
        click.echo(f"{'' if number == 0 else chr(10)}{provider}: {settings.providers[provider].issuer}")
        click.echo("\n".join(lines(findings)))
    if any(each.verdict == "fault" for _, findings in found for each in findings):
        raise SystemExit(1)


def lines(findings: Sequence[Finding]) -> list[str]:
    """Findings as they are printed: verdict, subject, sentence."""
    width = max((len(each.about) for each in findings), default=0)
    return [f"{each.verdict.ljust(5)}  {each.about.ljust(width)}  {each.says}" for each in findings]


def _each(settings: Settings, name: str | None) -> Iterator[tuple[str, list[Finding]]]:
    if not settings.providers:
        raise SetupError("No provider is set, so nobody can sign in: MOOTHALL_PROVIDERS__<NAME>__ISSUER and so on.")
    if name is not None and name not in settings.providers:
        raise SetupError(f"There is no provider called {name}. There are: {', '.join(settings.providers)}.")
    with examining(settings):
        for party in every_party():
            if name in (None, party.name):
                yield party.name, list(diagnose(party, settings))


@contextmanager
def examining(settings: Settings) -> Iterator[None]:
    """The portal as it would serve, with no service, for as long as the block lasts."""
    if behind(settings.database_url, [CORE]):
        raise SetupError("The tables are not current. Run `moothall db upgrade` first.")
    app = portal_app.create_app(settings, services=())
    with app.app_context():
        try:
            yield
        finally:
            session().close()
            dispose()


@identity.group()
def keys() -> None:
    """The portal's own keys, by which it proves to providers who it is."""


@keys.command(short_help="Publish new keys.")
def rotate() -> None:
    """Publish new keys now; they sign after providers had time to fetch them, and the old ones go a day later.

    Keys in files (client_key_file) are yours to renew.
    """
    with command_settings() as settings, transaction(settings):
        if not own_keys.algorithms(settings):
            raise SetupError("No provider in the settings needs keys of the portal's own.")
        own_keys.rotate(settings)
        known = own_keys.ring(settings).known(session())
    show(known)


@keys.command("list")
def list_keys() -> None:
    """List the keys that providers find at /auth/jwks."""
    with command_settings() as settings, transaction(settings):
        known = own_keys.ring(settings).known(session())
    show(known)
    if not known:
        click.echo("There are none: no provider has needed one yet.")


@keys.command(short_help="Forget a stolen key at once.")
@click.argument("kid")
@click.option("--now", "at_once", is_flag=True, help="Needed, so that nobody retires where `rotate` would do.")
def retire(kid: str, *, at_once: bool) -> None:
    """Forget the key KID, which somebody else may have. Another signs in its place from now on.

    Every server process follows within a minute. Providers keep what they fetched from /auth/jwks for an hour or
    longer, so ask each to fetch it again: until then it refuses us, and residents cannot sign in there.
    """
    if not at_once:
        raise SetupError(
            "Old keys go by themselves after `moothall identity keys rotate`, with time for every provider to follow."
            " If this one is stolen, say --now."
        )
    with command_settings() as settings, transaction(settings):
        try:
            own_keys.retire(settings, kid)
        except NotFound:
            raise SetupError(f"There is no key {kid}. `moothall identity keys list` shows them.") from None
    click.echo(f"Key {kid} is gone.")
