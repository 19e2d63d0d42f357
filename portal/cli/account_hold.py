"""Lift the hold on an account, when the council has made sure of who its owner is."""

import click

from portal.accounts import identities
from portal.cli.account_finding import account_meant
from portal.cli.running import command_settings, transaction
from portal.identity import recovery


@click.command(short_help="Lift the hold on an account.")
@click.argument("account")
def release(account: str) -> None:
    """Lift the hold on an account, once you have made sure of who its owner is.

    ACCOUNT is its id, or the reference that its owner reads out from the page about the hold.

    Somebody has reported a sign-in to it, and its owner cannot lift the hold by e-mail. Signing in is left as it is:
    ways that were added since the doubt began are listed, so that the owner can be asked about them.
    """
    with command_settings() as settings, transaction(settings):
        account_id = account_meant(account)
        held = recovery.release(account_id, actor="system:command")
        added = [way for way in identities.ways_of(account_id) if way.linked_at > held.doubted_since]
    click.echo(
        f"Released. Held since {held.held_at:%Y-%m-%d %H:%M}, in doubt since {held.doubted_since:%Y-%m-%d %H:%M}."
    )
    for way in added:
        click.echo(f"Added since then: identity {way.id}  {way.issuer}  linked {way.linked_at:%Y-%m-%d %H:%M}")
