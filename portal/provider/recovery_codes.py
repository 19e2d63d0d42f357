"""Recovery codes: ten, shown once, each good once, for when the telephone is lost. Nothing here commits."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import bindparam, delete, insert, select, update

from portal import clock
from portal.audit import operations as audit
from portal.db.session import release, session
from portal.provider import taking_turns
from portal.provider.factor_models import RecoveryCode
from portal.provider.hashing import slowly
from portal.provider.models import Person

AMR: Final = ("otp", "mfa")
COUNT: Final = 10
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is read as another: no i, l, o, 0, 1."""
GROUPS: Final = 3
OF: Final = 4

_SALT = select(RecoveryCode.salt).where(RecoveryCode.person_id == bindparam("person")).limit(1)


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Ten codes that count once they are kept."""

    shown: Sequence[str]
    hashed: Sequence[bytes]
    salt: bytes


def made() -> NewCodes:
    """Ten new codes of 59 bits each, hashed as slowly as passwords. To be called before anything is written."""
    release()  # as before a password is hashed: nobody should wait for our connection meanwhile
    salt = secrets.token_bytes(16)
    shown = ["-".join("".join(secrets.choice(LETTERS) for _ in range(OF)) for _ in range(GROUPS)) for _ in range(COUNT)]
    return NewCodes(shown, slowly(_all_hashed, shown, salt), salt)


def keep(person: Person, codes: NewCodes) -> None:
    """Put them in the place of whatever codes the person had."""
    now = clock.now()
    session().execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session().execute(
        insert(RecoveryCode),
        [
            {"person_id": person.id, "hashed": each, "salt": codes.salt, "made_at": now, "used_at": None}
            for each in codes.hashed
        ],
    )
    audit.record("provider.recovery_codes_made", actor=f"person:{person.id}", subject=f"person:{person.id}")


def take(person_id: uuid.UUID, typed: str) -> bool:
    """Whether this is one of the codes that are left; it is used up. Of two who send one, one gets False."""
    salt = session().scalar(_SALT, {"person": person_id})
    if salt is None:
        return False
    release()
    hashed = slowly(_hashed, typed, salt)
    taking_turns.stay(person_id)
    taken = (
        update(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.hashed == hashed, RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(RecoveryCode.person_id)
    )
    if session().scalar(taken) is None:
        return False
    audit.record("provider.recovery_code_used", actor=f"person:{person_id}", subject=f"person:{person_id}")
    return True


def _all_hashed(codes: Sequence[str], salt: bytes) -> list[bytes]:
    return [_hashed(each, salt) for each in codes]


def _hashed(typed: str, salt: bytes) -> bytes:
    """As people write it down: capitals, blanks and dashes make no difference."""
    plain = "".join(each for each in typed.lower() if each in LETTERS)[:100]
    return hash_secret_raw(
        plain.encode(), salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, type=Type.ID
    )
