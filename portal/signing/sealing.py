"""Seal what must not lie open in a table, such as the digits of a bank account in answers that wait to be sent."""

import uuid
from datetime import timedelta

from cryptography.fernet import InvalidToken

from portal.signing.box import box
from portal.web.state import web_state


def seal(text: str, *, account_id: uuid.UUID, purpose: str) -> str:
    """The text for keeping: opened again for this resident and purpose alone, by whoever has the portal's secret."""
    return box(web_state().settings, _whose(account_id, purpose)).encrypt(text.encode()).decode()


def unseal(sealed: str, *, account_id: uuid.UUID, purpose: str, within: timedelta) -> str | None:
    """The text again; None when it was sealed longer ago than `within`, or for somebody or something else."""
    try:
        opened = box(web_state().settings, _whose(account_id, purpose))
        return opened.decrypt(sealed.encode(), ttl=int(within.total_seconds())).decode()
    except InvalidToken:
        return None


def _whose(account_id: uuid.UUID, purpose: str) -> str:
    return f"sealed for {account_id}: {purpose}"
