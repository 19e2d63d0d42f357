"""Passwords: what is accepted, and when they are right. The slow hashing itself is in `hashing`.

Rules after NCSC and OWASP ASVS 5 (6.2): length counts, composition does not, common passwords are refused, nothing
expires. Argon2id at 19 MiB, t=2, p=1 is OWASP's figure.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.provider.hashing import slowly
from portal.web.languages import gettext as _

SHORTEST = 10
LONGEST = 128

_WORD = re.compile(r"[^\W\d_]+")
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS = f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${'A' * 22}${'A' * 43}"
"""A hash of the same cost that no password has: nobody has worked it out from one."""


def hash_password(password: str) -> str:
    """The Argon2id hash to store. Raises Unavailable when too many wait already."""
    return slowly(_hasher.hash, _plain(password))


def is_right(stored: str | None, password: str) -> bool:
    """Whether the password fits. Takes as long when nothing is stored, so that nobody learns who has an account.

    Raises Unavailable when too many wait already.
    """
    return slowly(_fits, stored or _NOBODYS, _plain(password)) and stored is not None


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_dated(stored: str) -> bool:
    """Whether the hash was made with weaker figures than today's."""
    return _hasher.check_needs_rehash(stored)


def objection(password: str, *, email: str, council: str, name: str = "") -> str | None:
    """Why this password is not accepted, as a sentence, or None. `name` is the person's, where it is known."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return _("Your password must be at least %(count)s characters long", count=SHORTEST)
    if len(plain) > LONGEST:
        return _("Your password must be %(count)s characters or fewer", count=LONGEST)
    folded = plain.casefold()
    if _is_made_of(folded, f"{email} {council} {name}".casefold()) or _is_common(folded):
        return _("Choose a password that is harder to guess, for example three random words")
    return None


def _is_made_of(folded: str, known: str) -> bool:
    """Whether nothing but words that anyone knows of the person is in the password, run together or apart."""
    words, letters = set(_WORD.findall(known)), "".join(_WORD.findall(folded))
    ends = {0}  # where a row of known words can end; a pattern would take for ever over a name like "a aa aaa"
    for at in range(len(letters)):
        if at in ends:
            ends.update(at + len(word) for word in words if letters.startswith(word, at))
    return bool(letters) and len(letters) in ends


def _is_common(folded: str) -> bool:
    bare = folded.strip("0123456789!?.*-_ ")
    runs = "01234567890123456789 98765432109876543210 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm"
    if len(set(folded)) < 4 or any(folded in run for run in runs.split()):
        return True
    half = folded[: len(folded) // 2]
    known = _common()
    return folded in known or bare in known or (half * 2 == folded and half in known)


@cache
def _common() -> frozenset[str]:
    text = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split() if line)


def _plain(password: str) -> str:
    """The same password from every keyboard: composed and decomposed accents are one."""
    return unicodedata.normalize("NFC", password)
