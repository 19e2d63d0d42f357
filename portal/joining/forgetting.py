"""What this room keeps on one resident: for the file of their data, and to be forgotten."""

import uuid
from typing import Any, Final

from sqlalchemy import bindparam, delete, select

from portal.db.session import session
from portal.joining.models import JoinCodeRow, JoinDraftRow, JoinedRecordRow
from portal.joining.records import all_joined

_DRAFTS = (
    select(JoinDraftRow.service, JoinDraftRow.kind, JoinDraftRow.touched_at)
    .where(JoinDraftRow.account_id == bindparam("account"))
    .order_by(JoinDraftRow.service, JoinDraftRow.kind)
)
_CODES = (
    select(JoinCodeRow.service, JoinCodeRow.kind, JoinCodeRow.made_at, JoinCodeRow.expires_at)
    .where(JoinCodeRow.account_id == bindparam("account"))
    .order_by(JoinCodeRow.made_at, JoinCodeRow.id)
)
_TABLES: Final = (JoinedRecordRow, JoinDraftRow, JoinCodeRow)


def everything_about(account_id: uuid.UUID) -> dict[str, Any]:
    """Joined records, what they have begun to join, and letters that they asked for, as plain JSON values.

    Nothing of the council's own record, such as an address: the services say that, to whom it is theirs.
    """
    key = {"account": account_id}
    return {
        "joined": [
            {
                "service": each.service,
                "kind": each.kind,
                "reference": each.key,
                "role": each.role,
                "how": each.how,
                "joined_at": each.joined_at.isoformat(),
            }
            for each in all_joined(account_id)
        ],
        "begun": [
            {"service": row.service, "kind": row.kind, "touched_at": row.touched_at.isoformat()}
            for row in session().execute(_DRAFTS, key)
        ],
        "letters": [
            {
                "service": row.service,
                "kind": row.kind,
                "asked_at": row.made_at.isoformat(),
                "expires_at": row.expires_at.isoformat(),
            }
            for row in session().execute(_CODES, key)
        ],
    }


def forget(account_id: uuid.UUID) -> None:
    """Forget what somebody has joined, begun and asked for."""
    for table in _TABLES:
        session().execute(delete(table).where(table.account_id == account_id))
