"""Of what new reports somebody wants to hear."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import Account, session
from services.reporting.models.following import Alert
from services.reporting.rules.wanted import Circle, WantedAlert

MOST: Final = 50
_OF_ACCOUNT = (
    select(Alert).where(Alert.account_id == bindparam("account")).order_by(Alert.created_at, Alert.id).limit(MOST)
)


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """An alert in its owner's list."""

    id: UUID
    wanted: WantedAlert


def alerts_of(account: Account) -> Sequence[OwnAlert]:
    """The resident's alerts, oldest first."""
    return [OwnAlert(row.id, wanted_of(row)) for row in session().scalars(_OF_ACCOUNT, {"account": account.id})]


def wanted_of(alert: Alert) -> WantedAlert:
    """What an alert asks for."""
    circle = None
    if alert.lat is not None and alert.lon is not None and alert.metres is not None:
        circle = Circle(alert.lat, alert.lon, alert.metres)
    return WantedAlert(called=alert.called, ward=alert.ward, circle=circle, category=alert.category)
