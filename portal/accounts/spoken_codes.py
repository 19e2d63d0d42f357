"""Codes that are read out or stand in a letter: 12 letters and figures in groups, such as `7K3M-9XPQ-2TVB`.

They are kept as hashes that only our secret key can make: a copy of the table alone says nothing of any code.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from portal.web.state import web_state

LETTERS: Final = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""None of them is taken for another one, when read out or by hand, and no word comes of them."""
LENGTH: Final = 12
GROUP: Final = 4


def new_code() -> str:
    """A code that nobody can guess: one of 28 to the power of 12."""
    return "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))


def grouped(code: str) -> str:
    """As it is read out: `7K3M-9XPQ-2TVB`."""
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def kept(code: str, purpose: str) -> str:
    """What is stored of a code. The same code for another purpose is stored as something else."""
    return _hashes(code, purpose)[0]


def looked_up(typed: str, purpose: str) -> list[str]:
    """What may be stored of a code that somebody typed, however it is spaced; nothing when it can be no code."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    return _hashes(plain, purpose) if len(plain) == LENGTH and plain.isascii() else []


def _hashes(code: str, purpose: str) -> list[str]:
    """By each of our secret keys, the newest first."""
    settings = web_state().settings
    keys = [settings.secret_key, *settings.previous_secret_keys]
    return [
        hmac.new(key.get_secret_value().encode(), f"{purpose}\0{code}".encode(), sha256).hexdigest() for key in keys
    ]
