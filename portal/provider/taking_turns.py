"""Who signs a person in, and who changes how they sign in, wait for one another at the person's row.

A proof is looked at, and a moment later a sign-in is made of it. Were the password changed by mail in between, every
sign-in would end but the one that is just being made: the thief's. So a proof counts only for as long as `stay` holds
the row, and whoever ends sign-ins or takes away what makes them begins with `change`: they come before it, and it is
looked at again, or after it, and find what it made. No sign-in waits for another one.

The person's row is locked before any other, everywhere; locks that are taken in one order never wait in a ring.
"""

import uuid
from typing import Final

from sqlalchemy import bindparam, select

from portal.db.session import session
from portal.provider.models import Person

_PERSON: Final = (
    select(Person).where(Person.id == bindparam("person")).execution_options(populate_existing=True)  # as it is now
)
_STAY: Final = _PERSON.with_for_update(read=True)
_CHANGE: Final = _PERSON.with_for_update(key_share=True)  # whatever else refers to the person need not wait


def stay(person_id: uuid.UUID) -> Person | None:
    """The person, who until the end of this transaction keeps what they sign in with. None when they are gone."""
    return session().scalar(_STAY, {"person": person_id})


def change(person_id: uuid.UUID) -> Person | None:
    """The person, whom nobody signs in until the end of this transaction. None when they are gone.

    Never after `stay`: two who did so would wait for each other.
    """
    return session().scalar(_CHANGE, {"person": person_id})
