"""Forget a resident who asked for it, once it is certain who asks."""

import click

from portal.audit.operations import record
from portal.cli.account_finding import account_meant
from portal.cli.running import command_settings, transaction
from portal.home.dry_forgetting import would_forget
from portal.home.forgetting import forget_person


@click.command(short_help="Forget a resident, or say what would go.")
@click.argument("account")
@click.option("--apply/--dry-run", default=False, help="Do it, or only say what would go.  [default: dry run]")
def forget(account: str, apply: bool) -> None:
    """Erase what is kept about a resident who asked for it, everywhere, and close their account.

    ACCOUNT is its id, or its reference. Make sure first who asks, and that nothing is owed or under way that the
    council must keep: this cannot be taken back. Cases stay as figures, without the person.
    """
    from portal.app import create_app  # noqa: PLC0415  # half a second that no other command needs

    with command_settings() as settings, transaction(settings, create_app(settings)):
        account_id = account_meant(account)
        found = would_forget(account_id)
        if apply:
            record(
                "account.forgotten", actor="system:command", subject=f"account:{account_id}", rows=sum(found.values())
            )
            forget_person(account_id)
    for (table, what), many in found.items():
        click.echo(f"{many:>9}  {what:<7}  {table}")
    if apply:
        click.echo(f"\nThe account {account_id} is closed, and the person forgotten.")
    else:
        click.echo("\nNothing was changed. Run it again with --apply to forget the person. That cannot be taken back.")
