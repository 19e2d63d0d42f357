"""GOV.UK Pay's API, version 1 (https://docs.payments.service.gov.uk/api_reference), as the portal's payment gateway.

Test and live payments differ by the token alone, and the stand-in by the address.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from flask import current_app

from portal import outbound
from portal.errors import NotFound
from portal.payments.gateway import Gateway, GatewayPayment, GatewayRefund, NotSetUp, Order, Page
from portal.payments.govuk_pay_answers import Answered, Found, Payment, Refund, RefundsOfOne
from portal.payments.govuk_pay_line import Line, NoSuch, unavailable
from portal.settings.portal import Settings
from portal.web.languages import gettext as _
from portal.web.state import web_state

A = TypeVar("A", bound=Answered)
log = logging.getLogger(__name__)

EXTENSION: Final = "moothall.payment_gateway"
PAGE: Final = 100
"""How many a search shows at once: each takes some 2 KB, and `portal.outbound` reads no more than a megabyte."""
FEARED: Final = str.maketrans({"<": "‹", ">": "›", '"': "”", "\\": "/", "|": "/"})
"""Signs that Pay's firewall refuses in any text (P0920), and what is written in their place."""
NO_SUCH_PAGE: Final = frozenset({"P0402", "P1100"})

OFFICE: Final = "govuk_pay"
"""What it is called among back offices."""


class GovukPay:
    """The gateway. Its functions are described in the protocol."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def create(self, order: Order) -> GatewayPayment:
        """Ask for a payment."""
        body: dict[str, str | int] = {
            "amount": order.amount,
            "reference": order.reference,
            "description": order.description.translate(FEARED),
            "return_url": order.return_url,
            "language": order.language,
        }
        return self._line.post("/payments", body, Payment, key=order.key).value()

    def get(self, payment_id: str) -> GatewayPayment:
        """The truth about a payment."""
        found = self._line.get(_path(payment_id), Payment).value()
        if found.id != payment_id:
            log.error("payment gateway: asked for %s and was told of another", payment_id)
            raise unavailable()
        return found

    def find_by_reference(self, reference: str) -> Sequence[GatewayPayment]:
        """All payments with this reference. Pay compares without regard to case; we do not."""
        return [each for each in self._with(reference) if each.reference == reference]

    def cancel(self, payment_id: str) -> None:
        """Call a payment off."""
        self._line.tell(f"{_path(payment_id)}/cancel")

    def refund(self, payment_id: str, *, amount: int, available: int) -> GatewayRefund:
        """Give money back."""
        body = {"amount": amount, "refund_amount_available": available}
        return self._line.post(f"{_path(payment_id)}/refunds", body, Refund).value(payment_id)

    def get_refund(self, payment_id: str, refund_id: str) -> GatewayRefund:
        """What became of a refund."""
        return self._line.get(f"{_path(payment_id)}/refunds/{_plain(refund_id)}", Refund).value(payment_id)

    def refunds_of(self, payment_id: str) -> Sequence[GatewayRefund]:
        """All refunds of a payment."""
        found = self._line.get(f"{_path(payment_id)}/refunds", RefundsOfOne).embedded.refunds
        return sorted((each.value(payment_id) for each in found), key=lambda each: (each.created_at, each.id))

    def payments_between(self, since_at: datetime, until_at: datetime, *, page: int = 1) -> Page[GatewayPayment]:
        """Payments by when they were created."""
        dates = {"from_date": _written(since_at), "to_date": _written(until_at)}
        found, next_page = self._search("/payments", Found[Payment], page, **dates)
        return Page([each.value() for each in found], next_page)

    def refunds_between(self, since_at: datetime, until_at: datetime, *, page: int = 1) -> Page[GatewayRefund]:
        """Refunds by when they were created."""
        dates = {"from_date": _written(since_at), "to_date": _written(until_at)}
        found, next_page = self._search("/refunds", Found[Refund], page, **dates)
        return Page([each.value() for each in found], next_page)

    def _with(self, reference: str) -> Iterator[GatewayPayment]:
        page: int | None = 1
        while page is not None:
            found, page = self._search("/payments", Found[Payment], page, reference=reference)
            yield from (each.value() for each in found)

    def _search(self, path: str, kind: type[Found[A]], page: int, **query: str) -> tuple[Sequence[A], int | None]:
        """What stands on a page of a search, and the number of the page after it."""
        try:
            found = self._line.get(path, kind, **query, page=str(page), display_size=str(PAGE))
        except NoSuch as none:
            if none.code not in NO_SUCH_PAGE:
                raise
            return (), None
        return found.results, page + 1 if found.has_next else None


def gateway() -> Gateway:
    """This application's gateway. It gives the page's connection back before each call. Raises NotSetUp."""
    settings = web_state().settings
    if not settings.pay.is_set:
        raise NotSetUp(_("You cannot pay here: the council has not set up card payments."))
    made: Gateway | None = current_app.extensions.get(EXTENSION)
    return made or current_app.extensions.setdefault(EXTENSION, make_gateway(settings))


def make_gateway(settings: Settings) -> GovukPay:
    """The gateway that the settings name, which must be set."""
    pay = settings.pay
    assert pay.token is not None, "ask `is_set` first"
    hosts = {outbound.host_of(pay.url)}  # a council may well have to go through a proxy of its own
    client = outbound.client(allow_loopback=settings.is_loopback, trusted_hosts=hosts)
    return GovukPay(Line(pay.url, pay.token.get_secret_value(), client, named=OFFICE))


def _path(payment_id: str) -> str:
    return f"/payments/{_plain(payment_id)}"


def _plain(part: str) -> str:
    """One part of a path, and never more than one: an id comes from outside, in the end."""
    if not (part.isascii() and part.isalnum()):
        raise NotFound
    return part


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
