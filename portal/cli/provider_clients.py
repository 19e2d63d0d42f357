"""The relying parties of our own provider, by command."""

import os
import secrets
from pathlib import Path
from typing import Any

import click

from portal.cli.running import command_settings, transaction
from portal.errors import SetupError
from portal.provider import operations
from portal.provider.clients import AUTH_METHODS, EVERY_SCOPE, SCOPES, Client
from portal.provider.keys import ALGORITHMS
from portal.provider.queries import every_client, find_client
from portal.provider.registration import BY_KEY, keys_in

SECRET_VARIABLE = "MOOTHALL_NEW_CLIENT_SECRET"  # noqa: S105  # a variable's name


@click.group()
def client() -> None:
    """The relying parties that it knows: add, list, show, remove."""


@client.command(short_help="Register a client, or change the one with this id.")
@click.argument("client_id")
@click.option("--title", required=True, help="What residents know it as.")
@click.option("--title-cy", default="", help="The same in Welsh.")
@click.option("--redirect", "redirect_uris", multiple=True, required=True, help="Callback address; may be repeated.")
@click.option(
    "--post-logout", "post_logout_redirect_uris", multiple=True, help="Address after signing out; may be repeated."
)
@click.option(
    "--backchannel-logout", "backchannel_logout_uri", help="Where it wants to hear that a person has signed out."
)
@click.option("--home", "home_url", help="Its front page.")
@click.option("--auth", "auth_method", type=click.Choice(AUTH_METHODS), help="How it proves who it is.")
@click.option("--new-secret", is_flag=True, help="Make another secret for a client that has one.")
@click.option("--jwks-file", type=click.Path(path_type=Path), help="A file with its public keys.")
@click.option("--jwks-uri", help="Where it publishes its public keys.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(EVERY_SCOPE),
    default=SCOPES,
    show_default=True,
    help="What it may ask for; may be repeated.",
)
@click.option("--pairwise", is_flag=True, help="It knows people by ids of its own sector.")
@click.option("--sector", help="That sector.  [default: the host of --redirect]")
@click.option("--consent", is_flag=True, help="People are asked before it learns anything.")
@click.option("--require-nonce", is_flag=True, help="Refuse its requests without a nonce.")
@click.option("--require-signed-request", is_flag=True, help="Refuse requests that it has not signed (RFC 9101).")
@click.option("--require-pushed-request", is_flag=True, help="Refuse requests that it has not pushed (RFC 9126).")
@click.option(
    "--id-token-alg",
    type=click.Choice(ALGORITHMS),
    default="ES256",
    show_default=True,
    help="How its ID tokens are signed.",
)
def add(
    client_id: str,
    new_secret: bool,
    jwks_file: Path | None,
    pairwise: bool,
    **said: Any,  # the other options, named as in Registration
) -> None:
    """Register a client, or change the one with this id: what is not said is not so.

    Its secret, at least 32 characters, is taken from the environment (MOOTHALL_NEW_CLIENT_SECRET). Without it a
    client that is known keeps the one that it has; for a new client one is made and shown once. Doing it twice
    changes nothing.
    """
    said |= {"subject_type": "pairwise" if pairwise else "public", "jwks": keys_in(jwks_file) if jwks_file else None}
    has_keys = said["jwks"] is not None or said["jwks_uri"] is not None
    given, made = os.environ.get(SECRET_VARIABLE) or None, None
    by_key = said["auth_method"] == BY_KEY or (said["auth_method"] is None and has_keys and given is None)
    with command_settings() as settings, transaction(settings):
        known = find_client(client_id)
        if not by_key and given is None and (new_secret or known is None or known.secret_digest is None):
            made = secrets.token_urlsafe(36)
        changed = operations.ensure_client(client_id, settings=settings, secret=given or made, **said)
        issuer = settings.issuer
    click.echo(f"issuer         {issuer}\nclient_id      {client_id}")
    if made:
        click.echo(f"client_secret  {made}   (kept as a digest only: write it down now)")
    click.echo("Saved." if changed else "Nothing has changed.")


@client.command("list")
def list_clients() -> None:
    """List every client: id, how it proves who it is, who says so, title."""
    with command_settings() as settings, transaction(settings):
        found = every_client()
    width = max((len(each.client_id) for each in found), default=0)
    for each in found:
        origin = "settings" if each.origin == "settings" else "command "
        click.echo(f"{each.client_id.ljust(width)}  {each.auth_method.ljust(19)}  {origin}  {each.title}")


@client.command()
@click.argument("client_id")
def show(client_id: str) -> None:
    """Show all that is known of one client. Its secret is kept as a digest only and cannot be shown."""
    with command_settings() as settings, transaction(settings):
        found = _get(client_id)
    lines = _lines(found)
    width = max(map(len, lines))
    for name, value in lines.items():
        click.echo(f"{name.ljust(width)}  {value}".rstrip())


@client.command()
@click.argument("client_id")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def remove(client_id: str, yes: bool) -> None:
    """Forget a client with every token of its. Nobody can sign in there by this provider any more."""
    with command_settings() as settings, transaction(settings):
        found = _get(client_id)
        if not yes:
            click.confirm(f"Nobody can sign in to “{found.title}” any more. Remove it?", abort=True)
        operations.remove_client(client_id)
    click.echo(f"Client {client_id} is removed.")


def _get(client_id: str) -> Client:
    found = find_client(client_id)
    if found is None:
        raise SetupError(f"There is no client {client_id}. `moothall provider client list` shows those there are.")
    return found


def _lines(found: Client) -> dict[str, str]:
    return {
        "client_id": found.client_id,
        "said by": found.origin,
        "title": found.title,
        "title in Welsh": found.title_cy,
        "front page": found.home_url or "",
        "authentication": found.auth_method,
        "keys": found.jwks_uri or (f"{len(found.jwks['keys'])} registered" if found.jwks else ""),
        "redirect URIs": "  ".join(found.redirect_uris),
        "after signing out": "  ".join(found.post_logout_redirect_uris),
        "logout address": found.backchannel_logout_uri or "",
        "scopes": " ".join(found.scopes),
        "ids of people": f"of the sector {found.sector}" if found.sector else "public",
        "consent": "asked" if found.consent else "not asked",
        "ID tokens": found.id_token_signed_response_alg,
        "must send": ", ".join(
            what
            for what, must in (
                ("nonce", found.require_nonce),
                ("signed requests", found.require_signed_request),
                ("pushed requests", found.require_pushed_request),
            )
            if must
        ),
    }
