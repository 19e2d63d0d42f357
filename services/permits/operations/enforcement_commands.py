"""What an operator does about the tokens of enforcement: `moothall service run permits token-…`."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from portal.kit import Command, Refused
from services.permits.operations.enforcement import KnownToken, make_token, revoke_token, tokens


def add_token(words: Sequence[str]) -> str:
    """Make a token. The words are the name of who will use it."""
    token = make_token(" ".join(words))
    return f"{token}\nKeep it now: it is not shown again. It is sent as `Authorization: Bearer <token>`."


def list_tokens(_words: Sequence[str]) -> str:
    """All tokens that there ever were."""
    return "\n".join(_line(each) for each in tokens()) or "There are no tokens."


def take_token_back(words: Sequence[str]) -> str:
    """Take one back, by its id from the list."""
    try:
        (written,) = words
        token_id = UUID(written)
    except ValueError:
        raise Refused("Name the token by its id: `moothall service run permits token-list` shows it.") from None
    revoke_token(token_id)
    return "The token opens nothing any more."


def _line(token: KnownToken) -> str:
    state = f"taken back on {token.revoked_at:%Y-%m-%d}" if token.revoked_at else "in force"
    return f"{token.id}  {token.name}  made on {token.created_at:%Y-%m-%d}, {state}"


COMMANDS: Final[Mapping[str, Command]] = {
    "token-add": Command(help="Make a token for a program that asks which cars may park.", run=add_token, words="NAME"),
    "token-list": Command(help="List the tokens of enforcement.", run=list_tokens),
    "token-remove": Command(help="Take a token back at once.", run=take_token_back, words="ID"),
}
