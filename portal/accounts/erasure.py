"""Erase a person. What services and other rooms keep of them goes by their own `forget`."""

import uuid

from sqlalchemy import delete, update

from portal import clock
from portal.accounts import identities
from portal.accounts.models import AccountRow, AddressRow, ClaimCodeRow, EmailChangeRow, ProfileRow
from portal.db.session import session


def forget(account_id: uuid.UUID) -> None:
    """Forget how they signed in, what providers verified and what they told us; the account stays closed and empty.

    Its id remains, since the ledgers of the council must not change: it leads to nobody any more.
    """
    identities.forget(account_id)
    session().execute(delete(ClaimCodeRow).where(ClaimCodeRow.claimed_by_id == account_id))
    for row in (AddressRow, EmailChangeRow, ClaimCodeRow, ProfileRow):
        session().execute(delete(row).where(row.account_id == account_id))
    closed = {"closed_at": clock.now(), "unclaimed_since": None}
    session().execute(update(AccountRow).where(AccountRow.id == account_id).values(closed))
