"""Our own OpenID Provider: on an address of its own, its clients and its keys."""

import click

from portal.cli.known_keys import show
from portal.cli.provider_clients import client
from portal.cli.running import command_settings, served_settings, transaction
from portal.cli.serving import PASS_ON, become, gunicorn_command, server_options
from portal.errors import NotFound, SetupError
from portal.provider import operations


@click.group()
def provider() -> None:
    """Our own OpenID Provider: serve it, its clients, its keys."""


@provider.command(context_settings=PASS_ON, short_help="Serve the provider on its own address.")
@server_options("127.0.0.1:8001")
def serve(bind: tuple[str, ...], workers: int, threads: int, gunicorn_options: tuple[str, ...]) -> None:
    """Serve the provider on its own address, which MOOTHALL_OWN_PROVIDER__ISSUER names.

    It needs settings in the environment, as `moothall web` does, and does not use the demo's. Each process may hold a
    database connection for each thread and five more.
    """
    settings = served_settings()
    if settings.own_provider.mounted or not settings.own_provider.issuer:
        raise SetupError(
            "For an address of its own set MOOTHALL_OWN_PROVIDER__ISSUER to that address"
            " and leave MOOTHALL_OWN_PROVIDER__MOUNTED unset."
        )
    with transaction(settings):
        operations.follow_settings(settings)
    become(gunicorn_command("provider", bind, workers=workers, threads=threads, more=gunicorn_options))


provider.add_command(client)


@provider.group()
def keys() -> None:
    """The keys that sign its tokens."""


@keys.command(short_help="Publish new signing keys.")
def rotate() -> None:
    """Publish new signing keys now; they take over after relying parties had time to fetch them."""
    with command_settings() as settings, transaction(settings):
        made = operations.rotate_keys(settings)
    click.echo("\n".join(made))


@keys.command("list")
def list_keys() -> None:
    """List the keys that relying parties find at /jwks."""
    with command_settings() as settings, transaction(settings):
        show(operations.known_keys(settings))


@keys.command(short_help="Forget a stolen signing key at once.")
@click.argument("kid")
@click.option("--now", "at_once", is_flag=True, help="Needed, so that nobody retires where `rotate` would do.")
def retire(kid: str, *, at_once: bool) -> None:
    """Forget the signing key KID, which somebody else may have. Another signs in its place from now on.

    Every server process follows within a minute. Relying parties keep what they fetched for an hour or longer, so
    ask each to fetch our keys again. What the key has signed proves nothing to us any more.
    """
    if not at_once:
        raise SetupError(
            "Old keys go by themselves after `moothall provider keys rotate`, with time for everybody to follow."
            " If this one is stolen, say --now."
        )
    with command_settings() as settings, transaction(settings):
        try:
            operations.retire_key(settings, kid)
        except NotFound:
            raise SetupError(f"There is no signing key {kid}. `moothall provider keys list` shows them.") from None
    click.echo(f"Key {kid} is gone.")
