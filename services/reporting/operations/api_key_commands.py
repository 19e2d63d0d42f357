"""What an operator does about the keys of the API: `moothall service run reporting key-…`."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from portal.kit import Command, Refused
from services.reporting.operations.api_keys import POSTS_AN_HOUR, SCOPES, KnownKey, end_key, keys, make_key

_A_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.,_]*")
WORDS: Final = "SCOPE[,SCOPE…][@OFFICE] [POSTS_AN_HOUR] NAME"


def add_key(words: Sequence[str]) -> str:
    """Make a key. The words are what it may do, perhaps how often in an hour, and whose program it is."""
    if len(words) < 2:
        raise Refused(f"Say what the key may do ({', '.join(SCOPES)}) and whose program it is: {WORDS}.")
    scopes, _at, office = words[0].partition("@")
    often, name = (words[1], words[2:]) if _A_NUMBER.fullmatch(words[1]) else ("", words[1:])
    if often and not often.isdigit():
        raise Refused(f"{often} is no number of posts in an hour: write it in digits alone.")
    key = make_key(
        " ".join(name),
        scopes=scopes.split(","),
        office=office or None,
        posts_an_hour=int(often[:9]) if often else POSTS_AN_HOUR,
    )
    return f"{key}\nKeep it now: it is not shown again. It is sent as `api_key`."


def list_keys(_words: Sequence[str]) -> str:
    """All keys that there ever were."""
    return "\n".join(_line(each) for each in keys()) or "There are no keys."


def remove_key(words: Sequence[str]) -> str:
    """End one, by its id from the list."""
    try:
        (written,) = words
        key_id = UUID(written)
    except ValueError:
        raise Refused("Name the key by its id: `moothall service run reporting key-list` shows it.") from None
    end_key(key_id)
    return "The key opens nothing any more."


def _line(key: KnownKey) -> str:
    state = f"ended on {key.ended_at:%Y-%m-%d}" if key.ended_at else "in force"
    used = f"last used on {key.used_at:%Y-%m-%d}" if key.used_at else "never used"
    may = ",".join(key.scopes) + (f"@{key.office}" if key.office else "")
    return f"{key.id}  {key.name}  {may}, {key.posts_an_hour} an hour, {used}, {state}"


COMMANDS: Final[Mapping[str, Command]] = {
    "key-add": Command(help="Make a key for a program that writes by Open311.", run=add_key, words=WORDS),
    "key-list": Command(help="List the keys of Open311.", run=list_keys),
    "key-remove": Command(help="End a key at once.", run=remove_key, words="ID"),
}
