"""What members of a business may do, and the codes by which one becomes a member. Pure."""

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, Literal, get_args

from portal.kit import Lazy
from portal.kit import lazy_gettext as _

Role = Literal["owner", "manager", "driver"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""From the one who may do most."""
TITLES: Final[Mapping[Role, Lazy]] = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "driver": _("Driver"),
}
MAY: Final[Mapping[Role, Lazy]] = {
    "owner": _("Asks for permits, changes them, and says who is a member"),
    "manager": _("Asks for permits and changes them"),
    "driver": _("Sees the permits"),
}
LETTERS: Final = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""None of them is taken for another, read out or by hand, and no word comes of them."""
LENGTH: Final = 16
"""One of 28 to the power of 16: nobody finds one within the days that it lasts, nor from what is kept of it."""
GROUP: Final = 4


def new_code() -> str:
    """A code that nobody can guess, as it is read out: `7K3M-9XPQ-2TVB-4HJK`."""
    code = "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def digest_of(typed: str) -> str | None:
    """What is kept of a code, however it is spaced; None for what can be no code."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(plain) != LENGTH or not set(plain) <= set(LETTERS):
        return None
    return sha256(plain.encode()).hexdigest()


def read_role(written: str) -> Role | None:
    """The role of that code; None for what is none."""
    return next((role for role in ROLES if role == written), None)


def successor(others: list[tuple[Role, int]]) -> int | None:
    """Which of the others becomes owner when the last one is gone: the place in the list of who may do most, and of
    those the first. None when nobody is left, or an owner is."""
    if not others or any(role == "owner" for role, _place in others):
        return None
    return min(others, key=lambda each: (ROLES.index(each[0]), each[1]))[1]
