"""Which account is meant: by its id, by the reference that its owner reads out, by its e-mail address."""

import re
import uuid
from typing import Final

import click

from portal.accounts import queries
from portal.audit import operations as audit
from portal.cli.running import command_settings, transaction
from portal.errors import NotFound, Refused

LEAST: Final = 8
"""So many digits of an id are its reference."""
_DIGITS: Final = re.compile(r"[0-9a-f]{8,32}")


def account_meant(given: str) -> uuid.UUID:
    """The account with this id, or the only one whose id begins like this. Raises Refused and NotFound."""
    digits = re.sub(r"[\s-]", "", given).lower()
    if not _DIGITS.fullmatch(digits):
        raise Refused(f"{given} is neither an account's id nor its first {LEAST} digits or more (0-9, a-f).")
    found = queries.accounts_beginning(digits)
    if len(found) > 1:
        raise Refused(f"More than one account begins with {digits}. Give more of its id.")
    if not found:
        raise NotFound(f"There is no account that begins with {digits}.")
    return found[0]


@click.command(short_help="Find an account by its e-mail address.")
@click.argument("email", required=False)
def find(email: str | None) -> None:
    """Find accounts by their e-mail address, and print their ids. Each look-up is written down.

    Without an address it asks for one, so that the address does not stay in the shell's history.
    """
    wanted = (email or click.prompt("E-mail address")).strip()
    with command_settings() as settings, transaction(settings):
        found = queries.accounts_with_email(wanted)
        audit.record("account.looked_up", actor="system:command", count=len(found))
        for account_id in found:
            audit.record("account.found_by_email", actor="system:command", account_id=account_id)
    if not found:
        raise NotFound("No open account has this e-mail address.")
    for account_id in found:
        click.echo(f"account   {account_id}  reference {queries.reference_of(account_id)}")
