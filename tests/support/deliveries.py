"""A service that keeps deliveries for its back office, and what it was told of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from portal.accounts.values import Account
from portal.backoffices.deliveries import deliver, deliveries_of
from portal.backoffices.models import DeliveryRow
from portal.backoffices.values import Delivery
from portal.db.session import session
from portal.errors import Unavailable
from tests.support.fixtures import Clock
from tests.support.office import sweep_deliveries

SERVICE = "sample"
BANK = "31926819"


@dataclass
class Desk:
    """The service's part: what it was told, and what its office does with the next deliveries."""

    failures: list[Exception] = field(default_factory=list)
    away: bool = False
    got: list[tuple[str, str]] = field(default_factory=list)
    delivered: list[tuple[Delivery, Mapping[str, Any]]] = field(default_factory=list)
    refused: list[tuple[Delivery, str]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    def send(self, payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        assert not session().in_transaction(), "nothing waits for the network in the middle of a transaction"
        if self.away:
            raise Unavailable
        if self.failures:
            raise self.failures.pop(0)
        self.got.append((payload["what"], key))
        return {"done": payload["what"]}

    def on_delivered(self, delivery: Delivery, answer: Mapping[str, Any]) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.delivered.append((delivery, answer))

    def on_undeliverable(self, delivery: Delivery, reason: str) -> None:
        self.refused.append((delivery, reason))

    @property
    def things(self) -> list[str]:
        return [what for what, _key in self.got]


def taken_by(desk: Desk) -> Any:
    def take(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        desk.got.append((payload["what"], key))
        return {}

    return take


def keep(account: Account, what: str, key: str = "", line: str = "") -> Delivery:
    payload = {"what": what, "account_number": BANK}
    return deliver(account.id, service=SERVICE, act="change", payload=payload, key=key or what, line=line)


def send(account: Account, what: str, key: str = "", line: str = "") -> Delivery:
    kept = keep(account, what, key, line)
    session().commit()
    return kept


def rows() -> list[DeliveryRow]:
    session().rollback()
    return list(session().scalars(select(DeliveryRow).order_by(DeliveryRow.number)))


def waiting(account: Account) -> list[str]:
    return [each.key for each in reversed(deliveries_of(account.id, SERVICE))]


def sweep(at: Clock, minutes: float = 1) -> None:
    """What happens each minute, so much later."""
    at.advance(minutes=minutes)
    sweep_deliveries()
