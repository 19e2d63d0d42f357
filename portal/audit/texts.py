"""Entries as the text that is hashed, exported and read by auditors: each column as PostgreSQL writes it."""

from typing import Final

from sqlalchemy import Text, cast, func

from portal.audit.models import AuditEntry

AS_TEXT: Final = (
    cast(AuditEntry.id, Text),
    func.to_char(func.timezone("UTC", AuditEntry.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    AuditEntry.act,
    AuditEntry.actor,
    cast(AuditEntry.account_id, Text),
    AuditEntry.subject,
    cast(AuditEntry.details, Text),
)
"""The columns in the order of `chain.COLUMNS`. `details` is JSON as the database writes it."""
