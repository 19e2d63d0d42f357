"""Hours of visitor parking that somebody means to buy, or to give back: what they cost, and what comes back."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import Account, Due, NotFound, Refused, clock, session
from portal.kit import gettext as _
from services.permits.models.visitors import VisitorBalance, VisitorPurchase
from services.permits.models.zones import Tariff
from services.permits.queries.tariffs import FIRST_DAY, tariff_on
from services.permits.queries.visits import PAGE, Visiting, prices_in
from services.permits.rules.tariff import Tariff as TariffVersion
from services.permits.rules.visit_prices import HOUR
from services.permits.rules.visits import Bought, give_back

_PURCHASE = (
    select(
        VisitorPurchase.id,
        VisitorPurchase.minutes,
        VisitorPurchase.pence,
        VisitorPurchase.status,
        Tariff.code,
        Tariff.from_on,
        VisitorBalance.zone,
    )
    .join(VisitorBalance, VisitorBalance.id == VisitorPurchase.balance_id)
    .outerjoin(Tariff, Tariff.id == VisitorPurchase.tariff_id)
    .where(VisitorPurchase.id == bindparam("purchase"), VisitorBalance.account_id == bindparam("account"))
)

TO_GIVE_BACK: Final = (
    VisitorPurchase.balance_id == bindparam("balance"),
    VisitorPurchase.status == "paid",
    VisitorPurchase.refunded_minutes < VisitorPurchase.minutes,
    VisitorPurchase.refunded_pence < VisitorPurchase.pence,
)
"""Purchases of which something can go back: hours that cost nothing stay."""
NEWEST_FIRST: Final = VisitorPurchase.paid_at.desc(), VisitorPurchase.id
_BOUGHT = (
    select(
        VisitorPurchase.minutes,
        VisitorPurchase.pence,
        VisitorPurchase.refunded_minutes,
        VisitorPurchase.refunded_pence,
    )
    .where(*TO_GIVE_BACK)
    .order_by(*NEWEST_FIRST)
)


@dataclass(frozen=True, slots=True)
class Back:
    """Of the hours that are left these minutes can be given back, for these pence."""

    minutes: int
    pence: int


def back_for(visiting: Visiting) -> Back:
    """What would come back for the hours that are left. Raises Refused where nothing would, with the reason."""
    check_gives_back()
    bought = [Bought(*row) for row in session().execute(_BOUGHT, {"balance": visiting.balance_id})]
    parts = give_back(visiting.minutes, bought)
    pence = sum(part.pence for part in parts)
    if not pence:
        raise nothing_back()
    return Back(sum(part.minutes for part in parts), pence)


def check_gives_back() -> None:
    """Raises Refused where the council gives no money back for hours."""
    if prices_in(tariff_on(clock.today())).refund != "unused":
        raise Refused(_("The council does not give money back for visitor parking."))


def nothing_back() -> Refused:
    """What is said where hours are left that nobody has paid for."""
    return Refused(_("No money can come back for the hours that you have left."))


def purchase_due(account: Account, key: str) -> Due:
    """What hours cost that somebody means to buy: the `price` of the payable.

    Raises NotFound; Refused when they are paid, or given up for others, or when prices have changed since.
    """
    try:
        asked = {"purchase": UUID(key), "account": account.id}
    except ValueError:
        raise NotFound from None
    row = session().execute(_PURCHASE, asked).one_or_none()
    if row is None:
        raise NotFound
    if row.status != "to_pay":
        raise Refused(_("These hours are paid for, or you chose others since."))
    if (row.code, row.from_on) != _version(tariff_on(clock.today())):
        raise Refused(_("Prices have changed since you chose these hours. Choose them again."))
    return Due(
        amount=row.pence,
        description=_("Visitor parking, %(hours)s hours, zone %(zone)s", hours=row.minutes // HOUR, zone=row.zone),
        url=PAGE,
    )


def _version(tariff: TariffVersion) -> tuple[str, date]:
    return tariff.code, tariff.from_on or FIRST_DAY
