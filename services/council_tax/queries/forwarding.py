"""Where somebody said that they move to: theirs alone, whoever else is on the account."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from portal.kit import Account, session
from services.council_tax.models import AskedChange

_MOVES = select(AskedChange.change["forwarding"]).where(
    AskedChange.account_id == bindparam("account"),
    AskedChange.reference == bindparam("ref"),
    AskedChange.kind == "move_out",
)


def forwardings_of(account: Account, reference: str) -> Collection[tuple[str, ...]]:
    """The addresses that the resident gave when they told of moving out of this account's home."""
    rows = session().scalars(_MOVES, {"account": account.id, "ref": reference})
    return [tuple(lines) for lines in rows if lines]
