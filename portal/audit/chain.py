"""The chain: what of an entry is hashed, and how one link follows from another. Pure sums.

An entry's form is its columns as text, each as a netstring: its length in bytes, a colon, the bytes, a comma; a
column without a value is `-,`. So no two different entries have the same form, and any language can make it.
JSON would leave open how numbers and letters beyond ASCII are written.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portal.errors import Refused

COLUMNS: Final = ("id", "at", "act", "actor", "account_id", "subject", "details")
"""In this order. One more column of an entry would be one more here, and another version of the form."""
START: Final = bytes(32)
"""What the first link follows."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ended at a moment: so many entries, the last one's id, and the hash that covers them all."""

    number: int
    entry_id: int
    chain: bytes
    sealed_at: datetime

    def as_line(self) -> str:
        """One line of JSON, for logs and files outside the database."""
        return json.dumps(self.as_plain())

    def as_plain(self) -> dict[str, Any]:
        """Plain values, the hash as hexadecimal digits."""
        return {
            "number": self.number,
            "entry_id": self.entry_id,
            "chain": self.chain.hex(),
            "sealed_at": self.sealed_at.isoformat(),
        }


def digest_of(values: Iterable[str | None]) -> bytes:
    """The SHA-256 of an entry's form. `values` are its columns as text, in the order of `COLUMNS`."""
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(b"-,")
        else:
            encoded = value.encode()
            parts.append(b"%d:%s," % (len(encoded), encoded))
    return hashlib.sha256(b"".join(parts)).digest()


def follow(before: bytes, digest: bytes) -> bytes:
    """The chain's hash once the entry with this digest has been added to what ended in `before`."""
    return hashlib.sha256(before + digest).digest()


def head_in(line: str) -> Head:
    """The head that a line holds, also where a log has put its own words before it. Raises Refused."""
    try:
        told = json.loads(line[line.index("{") :])
        return Head(
            number=int(told["number"]),
            entry_id=int(told["entry_id"]),
            chain=bytes.fromhex(told["chain"]),
            sealed_at=datetime.fromisoformat(told["sealed_at"]),
        )
    except (ValueError, KeyError, TypeError):
        raise Refused(f"This line holds no head of the audit trail: {line.strip()[:80]}") from None
