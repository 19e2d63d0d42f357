"""The audit trail in plain words."""

import uuid
from datetime import UTC, datetime

import pytest

from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.home.profile_history import in_words

ANN = Account(uuid.UUID(int=1), "Ann", "en")


def entry(act: str, actor: str, **details: object) -> AuditEntry:
    return AuditEntry(
        id=1, at=datetime(2026, 1, 1, tzinfo=UTC), act=act, actor=actor, account_id=ANN.id, subject="", details=details
    )


@pytest.mark.parametrize(
    ("written", "what", "who"),
    [
        (entry("identity.signed_in", f"account:{ANN.id}"), "Signed in", "You"),
        (
            entry("profile.changed", f"account:{ANN.id}", fields=["phone", "language"]),
            "Changed: telephone number, language",
            "You",
        ),
        (
            entry("identity.logged_out", "provider:town"),
            "Signed out here, because you had signed out elsewhere",
            "The account you sign in with",
        ),
        (entry("profile.changed", "system:desk"), "Changed: ", "The portal"),
        (entry("profile.changed", "staff:5", fields=["new_field"]), "Changed: another detail", "The council"),
        (
            entry("permits.renewed", f"account:{uuid.UUID(int=2)}"),
            "Something was done on your account",
            "Somebody else",
        ),
    ],
)
def test_an_entry_is_told_in_plain_words(written: AuditEntry, what: str, who: str) -> None:
    (line,) = in_words([written], ANN)
    assert (line.what, line.who) == (what, who)
