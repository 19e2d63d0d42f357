"""Our own OpenID Provider: on an address of its own, its clients and its keys."""

import secrets

import click

from portal.cli.running import command_settings, served_settings, transaction
from portal.cli.serving import AT_LEAST_ONE, SERVER_OPTIONS, become, gunicorn_command, read_binds
from portal.errors import SetupError
from portal.provider import operations


@click.group()
def provider() -> None:
    """Our own OpenID Provider: serve it, its clients, its keys."""


@provider.command(context_settings=SERVER_OPTIONS, short_help="Serve the provider on its own address.")
@click.option(
    "--bind",
    multiple=True,
    default=("127.0.0.1:8001",),
    show_default=True,
    callback=read_binds,
    help="Address; may be repeated.",
)
@click.option("--workers", type=AT_LEAST_ONE, default=2, show_default=True, help="Processes; about one for each core.")
@click.option(
    "--threads", type=AT_LEAST_ONE, default=8, show_default=True, help="Requests that one process answers at a time."
)
@click.argument("gunicorn_options", nargs=-1, type=click.UNPROCESSED)
def serve(bind: tuple[str, ...], workers: int, threads: int, gunicorn_options: tuple[str, ...]) -> None:
    """Serve the provider on its own address, which MOOTHALL_OWN_PROVIDER__ISSUER names.

    It needs settings in the environment, as `moothall web` does, and does not use the demo's.
    """
    settings = served_settings()
    if settings.own_provider.mounted or not settings.own_provider.issuer:
        raise SetupError(
            "For an address of its own set MOOTHALL_OWN_PROVIDER__ISSUER to that address"
            " and leave MOOTHALL_OWN_PROVIDER__MOUNTED unset."
        )
    become(gunicorn_command("provider", bind, workers=workers, threads=threads, more=gunicorn_options))


@provider.group()
def client() -> None:
    """The relying parties that it knows."""


@client.command()
@click.argument("client_id")
@click.option("--title", required=True, help="What residents know it as.")
@click.option("--redirect", "redirects", multiple=True, required=True, help="Callback address; may be repeated.")
@click.option("--post-logout", "post_logouts", multiple=True, help="Address after signing out; may be repeated.")
@click.option(
    "--secret",
    envvar="MOOTHALL_NEW_CLIENT_SECRET",
    help="Its secret, at least 32 characters. Without it, one is made and printed once.",
)
def add(
    client_id: str, title: str, redirects: tuple[str, ...], post_logouts: tuple[str, ...], secret: str | None
) -> None:
    """Register a client, or change the one with this id."""
    chosen = secret or secrets.token_urlsafe(36)
    with command_settings() as settings, transaction(settings):
        operations.ensure_client(
            client_id, title=title, redirect_uris=redirects, post_logout_redirect_uris=post_logouts, secret=chosen
        )
        issuer = settings.issuer
    click.echo(f"issuer         {issuer}\nclient_id      {client_id}")
    if not secret:
        click.echo(f"client_secret  {chosen}   (kept as a digest only: write it down now)")


@provider.group()
def keys() -> None:
    """The keys that sign its tokens."""


@keys.command(short_help="Publish new signing keys.")
def rotate() -> None:
    """Publish new signing keys now; they take over after relying parties had time to fetch them."""
    with command_settings() as settings, transaction(settings):
        made = operations.rotate_keys(settings)
    click.echo("\n".join(made))
