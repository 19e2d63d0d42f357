"""Hours of visitor parking that somebody means to buy: what they cost, as the basket asks."""

from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import Account, Due, NotFound, Refused, clock, session
from portal.kit import gettext as _
from services.permits.models import Tariff, VisitorBalance, VisitorPurchase
from services.permits.queries.tariffs import FIRST_DAY, tariff_on
from services.permits.queries.visits import PAGE
from services.permits.rules.tariff import Tariff as TariffVersion
from services.permits.rules.visit_prices import HOUR

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
