"""The books: every penny twice, once where it came from and once where it went.

Entries are never changed: what was wrong is corrected by another transaction. The database refuses a transaction
that does not balance, one that is entered twice, and every change (migration 0032).

| account | what its balance is |
|---|---|
| `gateway` | debit: what the gateway took for us and has not given back |
| a payable's own | credit: what its service has been paid, less what was given back |
| `suspense` | credit: money that came and that nobody has taken |
| `refunds` | credit: what is promised back to payers and has not left the gateway |
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import DateTime, bindparam, case, func, insert, select

from portal import clock
from portal.db.session import session
from portal.payments.models import LedgerEntryRow, LedgerTransactionRow

GATEWAY: Final = "gateway"
SUSPENSE: Final = "suspense"
REFUNDS: Final = "refunds"
Kind = Literal["payment", "told", "refund", "refund_done", "refund_failed"]

_TRANSACTION = insert(LedgerTransactionRow)
_ENTRY = insert(LedgerEntryRow)
_DEBITS = func.coalesce(func.sum(case((LedgerEntryRow.side == "debit", LedgerEntryRow.pence), else_=0)), 0)
_CREDITS = func.coalesce(func.sum(case((LedgerEntryRow.side == "credit", LedgerEntryRow.pence), else_=0)), 0)
_BALANCES = (
    select(LedgerEntryRow.account, _DEBITS, _CREDITS)
    .join(LedgerTransactionRow, LedgerTransactionRow.id == LedgerEntryRow.transaction_id)
    .where(LedgerTransactionRow.made_at < bindparam("until", type_=DateTime(timezone=True)))
    .group_by(LedgerEntryRow.account)
    .order_by(LedgerEntryRow.account)
)
_OF_PAYMENT = (
    select(LedgerTransactionRow.kind, LedgerTransactionRow.made_at, LedgerEntryRow)
    .join(LedgerEntryRow, LedgerEntryRow.transaction_id == LedgerTransactionRow.id)
    .where(LedgerTransactionRow.payment_id == bindparam("payment"))
    .order_by(LedgerEntryRow.id)
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on one account, in pence."""

    account: str
    debits: int
    credits: int

    @property
    def pence(self) -> int:
        """Debits less credits: above zero on what is owed to us, below on what we owe or have earned."""
        return self.debits - self.credits


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the books, for staff who look at a payment."""

    kind: str
    at: datetime
    account: str
    side: Literal["debit", "credit"]
    pence: int


def enter(
    kind: Kind, source: uuid.UUID, *, payment_id: uuid.UUID, debit: Mapping[str, int], credit: Mapping[str, int]
) -> None:
    """Enter one transaction: so many pence on each account. `kind` and `source` are entered once, for ever.

    Raises ValueError when it does not balance, IntegrityError when it has been entered.
    """
    if sum(debit.values()) != sum(credit.values()) or not debit:
        raise ValueError("a transaction has as many pence on the one side as on the other")
    transaction_id = uuid.uuid4()
    session().execute(
        _TRANSACTION,
        {
            "id": transaction_id,
            "kind": kind,
            "source": str(source),
            "payment_id": payment_id,
            "made_at": clock.now(),
        },
    )
    sides: Sequence[tuple[str, Mapping[str, int]]] = (("debit", debit), ("credit", credit))
    session().execute(
        _ENTRY,
        [
            {"transaction_id": transaction_id, "account": account, "side": side, "pence": pence}
            for side, entries in sides
            for account, pence in entries.items()
        ],
    )


def sums(entries: Sequence[tuple[str, int]]) -> Mapping[str, int]:
    """Pence by account, of entries of which several may be on one account."""
    total: Counter[str] = Counter()
    for account, pence in entries:
        total[account] += pence
    return dict(total)


def trial_balance(until_at: datetime | None = None) -> Sequence[Balance]:
    """Every account that was ever used, by name, with all that was entered before `until_at`. Its sum is nought."""
    until = {"until": until_at or datetime.max.replace(tzinfo=clock.now().tzinfo)}
    return [
        Balance(account, int(debits), int(credits)) for account, debits, credits in session().execute(_BALANCES, until)
    ]


def entries_of(payment_id: uuid.UUID) -> Sequence[Entry]:
    """All that the books say of a payment, oldest first."""
    found = session().execute(_OF_PAYMENT, {"payment": payment_id})
    return [
        Entry(kind, at, row.account, "debit" if row.side == "debit" else "credit", row.pence) for kind, at, row in found
    ]
