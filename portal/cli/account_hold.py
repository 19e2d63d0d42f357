"""Lift the hold on an account, when the council has made sure of who its owner is."""

import uuid
from datetime import datetime

import click

from portal import app as portal_app
from portal.accounts.identities import Way
from portal.cli.account_finding import account_meant
from portal.cli.running import command_settings, transaction
from portal.identity import recovery


@click.command(short_help="Lift the hold on an account.")
@click.argument("account")
@click.option("--keep", multiple=True, type=click.UUID, help="An identity that the owner has added and wants to keep.")
def release(account: str, keep: tuple[uuid.UUID, ...]) -> None:
    """Lift the hold on an account, once you have made sure of who its owner is.

    ACCOUNT is its id, or the reference that its owner reads out from the page about the hold.

    Somebody has reported a sign-in to it, and its owner cannot lift the hold by e-mail. Every browser is signed out.
    Ways of signing in that were added since the doubt began are removed: `moothall accounts show` lists them, so that
    you can ask the owner first and name those that are theirs with --keep. The owner can add the others again.
    """
    with command_settings() as settings:
        app = portal_app.create_app(settings, services=())
        with transaction(settings, app):
            done = recovery.release(account_meant(account), actor="system:command", keep=keep)
    click.echo(f"Released. Held since {_at(done.held_at)}, in doubt since {_at(done.doubted_since)}.")
    for each in done.ended:
        device = each.device or "unknown device"
        click.echo(f"Signed out  session {each.id}  {each.provider}  {device}  since {_at(each.created_at)}")
    for way in done.removed:
        click.echo(_line("Removed", way))
    for way in done.left:
        click.echo(_line("Opens it", way))


def _line(what: str, way: Way) -> str:
    return f"{what:<10}  identity {way.id}  {way.issuer}  linked {_at(way.linked_at)}"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
