"""What services have said that residents can pay for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app

from portal.errors import SetupError
from portal.payments.values import CODE, LEDGER_ACCOUNT, OWN_ACCOUNTS, Payable

EXTENSION: Final = "moothall.payables"


@dataclass(frozen=True, slots=True)
class Declared:
    """A payable and whose it is. `service_title` becomes the service's title when it is shown."""

    service: str
    service_title: object
    payable: Payable


def add(app: Flask, service: str, title: object, payables: Iterable[Payable]) -> None:
    """Take in what can be paid to a service, or to the portal itself. Raises SetupError for what cannot be right."""
    known: dict[tuple[str, str], Declared] = app.extensions.setdefault(EXTENSION, {})
    for each in payables:
        if complaint := _complaint(each, (service, each.code) in known):
            raise SetupError(f"The service {service} cannot start: its payable `{each.code}` {complaint}.")
        known[service, each.code] = Declared(service, title, each)


def find_payable(service: str, code: str) -> Payable | None:
    """What a service calls by that code; None when it declares no such thing, or is not here any more."""
    found = _known().get((service, code))
    return found.payable if found else None


def all_payables() -> list[Declared]:
    """Everything that can be paid for here, by service and code."""
    known = _known()
    return [known[key] for key in sorted(known)]


def _known() -> dict[tuple[str, str], Declared]:
    known: dict[tuple[str, str], Declared] = current_app.extensions.get(EXTENSION, {})
    return known


def _complaint(payable: Payable, twice: bool) -> str | None:
    if twice:
        return "is there twice"
    if not CODE.fullmatch(payable.code):
        return "must be called by at most 40 small letters, digits and underscores"
    if not LEDGER_ACCOUNT.fullmatch(payable.account):
        return "must name a ledger account of at most 60 small letters, digits, dots and underscores"
    if payable.account in OWN_ACCOUNTS:
        return f"must not use the ledger account `{payable.account}`, which the portal keeps itself"
    return None
