"""What is kept of a resident's visitor parking, for their data file."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from portal.kit import Account, session
from services.permits.models.visitors import VisitorBalance, VisitorPurchase, VisitorSession

_MINE: Final = VisitorBalance.account_id == bindparam("account")
_BALANCES = (
    select(VisitorBalance.zone, VisitorBalance.uprn, VisitorBalance.minutes, VisitorBalance.created_at)
    .where(_MINE)
    .order_by(VisitorBalance.zone)
)
_PURCHASES = (
    select(
        VisitorBalance.zone,
        VisitorPurchase.minutes,
        VisitorPurchase.reduced_minutes,
        VisitorPurchase.pence,
        VisitorPurchase.status,
        VisitorPurchase.refunded_minutes,
        VisitorPurchase.refunded_pence,
        VisitorPurchase.created_at,
        VisitorPurchase.paid_at,
    )
    .join(VisitorBalance, VisitorBalance.id == VisitorPurchase.balance_id)
    .where(_MINE)
    .order_by(VisitorPurchase.created_at, VisitorPurchase.id)
)
_VISITS = (
    select(
        VisitorSession.zone,
        VisitorSession.vrm.label("registration"),
        func.lower(VisitorSession.during).label("began_at"),
        VisitorSession.ends_at,
        VisitorSession.minutes,
        VisitorSession.taken.label("minutes_taken"),
        VisitorSession.stopped_at,
    )
    .join(VisitorBalance, VisitorBalance.id == VisitorSession.balance_id)
    .where(_MINE)
    .order_by(VisitorSession.created_at, VisitorSession.id)
)
_PARTS: Final = {"balances": _BALANCES, "purchases": _PURCHASES, "visits": _VISITS}


def visits_about(account: Account) -> Mapping[str, Any]:  # plain JSON: lists of rows
    """Balances, what was bought and the visitors' cars, the oldest first."""
    asked = {"account": account.id}
    return {name: [dict(row._mapping) for row in session().execute(part, asked)] for name, part in _PARTS.items()}
