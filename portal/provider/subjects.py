"""By which id a client knows a person: the same as others do, or its sector's own (OpenID Connect Core 8)."""

import uuid

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from portal.db.session import session
from portal.provider.clients import Client
from portal.provider.models import PairwiseSubject
from portal.provider.state import provider

_SUB = select(PairwiseSubject.sub).where(
    PairwiseSubject.person_id == bindparam("person_id"), PairwiseSubject.sector == bindparam("sector")
)
_PERSON = select(PairwiseSubject.person_id).where(
    PairwiseSubject.sub == bindparam("sub"), PairwiseSubject.sector == bindparam("sector")
)


def subject_of(person_id: uuid.UUID, client: Client) -> str:
    """The `sub` that this client hears. Made at the first call for its sector, and the same ever after.

    Random and kept, not computed from a key: a key that is lost, leaked or renewed would make a stranger of everyone.
    """
    if client.sector is None:
        return in_words(person_id)
    asked = {"person_id": person_id, "sector": client.sector}
    known = session().scalar(_SUB, asked)
    if known is None:
        session().execute(insert(PairwiseSubject).values(asked | {"sub": uuid.uuid4()}).on_conflict_do_nothing())
        known = session().scalars(_SUB, asked).one()  # somebody else's, when two signed in at once
    return in_words(known)


def person_of(sub: str, client: Client) -> uuid.UUID | None:
    """Whom this client means by `sub`. Raises ValueError when it cannot be one of ours."""
    known = uuid.UUID(sub.removeprefix(provider().shape.subject_prefix))
    if client.sector is None:
        return known
    return session().scalar(_PERSON, {"sub": known, "sector": client.sector})


def in_words(sub: uuid.UUID) -> str:
    """That id as it stands in tokens."""
    return f"{provider().shape.subject_prefix}{sub}"
