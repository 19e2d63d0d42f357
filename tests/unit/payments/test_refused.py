"""Which refunds that failed nobody has asked for again."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from portal.payments.refused import not_asked_again
from portal.payments.values import Refund

LINE = uuid.UUID(int=1)
BEGAN = datetime(2026, 11, 22, 9, tzinfo=UTC)


def asked(pence: int, made: int, failed: int | None = None, line: uuid.UUID = LINE) -> Refund:
    """Asked for in one minute, and come to nothing in another; else it went."""
    ended = BEGAN + timedelta(minutes=made + 1 if failed is None else failed)
    return Refund(
        id=uuid.uuid4(),
        payment_id=uuid.UUID(int=2),
        line_id=line,
        amount=pence,
        reason="A.",
        actor="staff:lea",
        state="success" if failed is None else "error",
        code="",
        made_at=BEGAN + timedelta(minutes=made),
        ended_at=ended,
    )


@pytest.mark.parametrize(
    ("refunds", "waits"),
    [
        ([asked(300, 0, 0)], [300]),
        ([asked(300, 0, 9), asked(200, 1)], [300]),
        ([asked(300, 0, 9), asked(300, 1)], [300]),
        ([asked(300, 0, 9), asked(300, 10)], []),
        ([asked(300, 0, 9), asked(200, 10)], [300]),
        ([asked(300, 0, 9), asked(200, 10), asked(100, 11)], []),
        ([asked(300, 0, 9), asked(300, 10, 11)], [300]),
        ([asked(300, 0, 9), asked(300, 10, 11), asked(300, 12)], []),
        ([asked(300, 0, 8), asked(300, 1, 9), asked(300, 10)], [300]),
        ([asked(300, 0, 8), asked(200, 1, 9), asked(900, 10)], []),
        ([asked(300, 0, 9), asked(300, 10, line=uuid.UUID(int=3))], [300]),
    ],
)
def test_what_is_asked_for_after_a_failure_is_that_money_again(refunds: list[Refund], waits: list[int]) -> None:
    found = not_asked_again(refunds)
    assert [each.amount for each in refunds if each.id in found] == waits
