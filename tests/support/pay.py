"""The stand-in for GOV.UK Pay over HTTP: for those who call it, and for those who pay at it as a browser does."""

import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

import requests
from flask import Flask, Response, request
from pydantic import SecretStr
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal import outbound
from portal.payments.gateway import GatewayPayment, Order
from portal.payments.govuk_pay import GovukPay
from portal.payments.govuk_pay_line import Line
from portal.payments.standin import courier
from portal.payments.standin.app import create
from portal.payments.standin.place import CALLBACK, KEY, PATH, Place
from portal.payments.standin.store import Store, metadata
from portal.settings.pay import Pay
from tests.support.faults import misbehave, split
from tests.support.govuk_pay.described import check

TOKEN: Final = "api_test_of-the-tests-alone"
SECRET: Final = "the-webhook-secret-of-the-tests"
GOOD_CARD: Final = "4242424242424242"
DECLINED_CARD: Final = "4000000000000002"
BROKEN_CARD: Final = "4000000000000119"


def pay_settings(url: str) -> Pay:
    """The settings of a council that takes payments at `url`."""
    return Pay(url=url, token=SecretStr(TOKEN), webhook_secret=SecretStr(SECRET), card_pages=frozenset({url}))


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that came to our address."""

    signature: str
    body: bytes
    said: Mapping[str, Any]  # the body's JSON


@dataclass
class Till:
    """The stand-in at `url`, and an address that takes its webhooks."""

    url: str
    standin: Flask
    caught: list[Webhook] = field(default_factory=list)
    catcher_says: int = 200
    described: bool = True
    web: requests.Session = field(default_factory=requests.Session)

    def gateway(self) -> GovukPay:
        """Our own client of it, with no pause between tries."""
        session = outbound.client(allow_loopback=True)
        session.hooks["response"].append(self._look)
        return GovukPay(Line(self.url, TOKEN, session, before=lambda: None, sleep=lambda _seconds: None))

    def call(self, method: str, path: str, *, token: str = TOKEN, **options: Any) -> requests.Response:
        """Ask the API as nobody's client."""
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        answer = self.web.request(method, f"{self.url}/v1{path}", headers=headers, timeout=10, **options)
        self._look(answer)
        return answer

    def behave(self, **how: Any) -> None:
        """Tell it how to behave; what is left out is as usual, but nobody waits and many may write."""
        faults, own = split(how)
        misbehave(self.url, **faults)
        answer = self.web.put(f"{self.url}/control", json={"per_second": 10_000, **own}, timeout=5)
        assert answer.status_code == 200, answer.text
        self.described = how.get("answers", "right") == "right"

    def befall(self, payment_id: str, fate: str) -> None:
        """Let a payment succeed, be declined, cancelled or expire."""
        answer = self.web.put(f"{self.url}/control/payments/{payment_id}", json={"fate": fate}, timeout=5)
        assert answer.status_code == 204, answer.text

    def sums(self) -> Mapping[str, int]:
        """What it has made, taken and given back in all."""
        said: Mapping[str, int] = self.web.get(f"{self.url}/control/sums", timeout=5).json()
        return said

    def send_webhooks(self) -> int:
        """Send what is due; how many were taken."""
        return courier.send_due(self.standin)

    def webhooks(self) -> list[str]:
        """Send what is due; the kinds of those that came since the last time."""
        self.send_webhooks()
        kinds = [each.said["event_type"] for each in self.caught]
        self.caught.clear()
        return kinds

    def _look(self, answer: requests.Response, **_options: Any) -> None:
        """Each call while it behaves well is as the OpenAPI document says."""
        if self.described:
            check(answer, prefix=PATH)


class Payer:
    """Somebody with a browser on the pages of Pay."""

    def __init__(self) -> None:
        self.web = requests.Session()
        self.page: requests.Response

    def follow(self, next_url: str) -> str:
        """Go where the service sends payers; the heading of the page, or the address that leads back."""
        return self._at(self.web.get(next_url, allow_redirects=False, timeout=10))

    def type_card(self, number: str = GOOD_CARD, **other: str) -> str:
        """Fill the card form in; the heading of the page after it."""
        typed = {"expiry_month": "3", "expiry_year": "2099", "cardholder_name": "A Payer", "cvc": "123"}
        return self.press(1, {"card_number": number, **typed, **other})

    def press(self, nth: int = 1, values: Mapping[str, str] = {}) -> str:
        """Send the nth form of the page; the heading of the next one, or the address that leads back."""
        actions = re.findall(r'<form method="post" action="([^"]+)"', self.page.text)
        address = urljoin(self.page.url, actions[nth - 1])
        return self._at(self.web.post(address, values, allow_redirects=False, timeout=10))

    def way_back(self) -> str:
        """Where the page of a payment that came to nothing leads back to."""
        found = re.search(r'href="([^"]*/return[^"]*)"', self.page.text)
        assert found is not None, self.page.text
        address = urljoin(self.page.url, found[1])
        if PATH not in address:
            return str(address)
        return str(self.web.get(address, allow_redirects=False, timeout=10).headers["Location"])

    def _at(self, page: requests.Response) -> str:
        """Where this leads on these pages. The address that leads back to the service is not followed."""
        while page.status_code == 303:
            where = urljoin(page.url, page.headers["Location"])
            if "/card_details/" not in where:
                return where
            page = self.web.get(where, allow_redirects=False, timeout=10)
        self.page = page
        heading = re.search(r"<h1>([^<]+)</h1>", page.text)
        return heading[1] if heading else page.text


def order(**changes: Any) -> Order:
    """A payment to ask for."""
    values: dict[str, Any] = {  # of an order
        "key": str(uuid.uuid4()),
        "amount": 4800,
        "reference": f"PAY-{uuid.uuid4().hex[:10]}",
        "description": "Resident permit",
        "return_url": "http://localhost/payments/back/secret",
    }
    return Order(**(values | changes))


def paid(till: Till, **changes: Any) -> GatewayPayment:
    """A payment that was paid."""
    gateway = till.gateway()
    made = gateway.create(order(**changes))
    till.befall(made.id, "success")
    return gateway.get(made.id)


@contextmanager
def till_running(database_url: str) -> Iterator[Till]:
    """The stand-in at its usual path, until the end of the block. Webhooks go out when a test says so."""
    catcher = Flask("catcher")
    beside: dict[str, Any] = {}

    def wsgi(environ: Any, start_response: Any) -> Any:
        return beside["wsgi"](environ, start_response)

    server = make_server("127.0.0.1", 0, wsgi, threaded=True)
    host = f"http://127.0.0.1:{server.server_port}"
    at = Place(Store(database_url), f"{host}{PATH}", TOKEN, SECRET, f"{host}{CALLBACK}")
    standin = create(at)
    standin.testing = True
    till = Till(at.address, standin)

    @catcher.post(CALLBACK)
    def catch() -> Response:
        till.caught.append(Webhook(request.headers["Pay-Signature"], request.get_data(), request.get_json()))
        return Response(status=till.catcher_says)

    beside["wsgi"] = DispatcherMiddleware(catcher.wsgi_app, {PATH: standin.wsgi_app})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        till.behave()
        yield till
        till.web.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        at.store.engine.dispose()


def forget_all(till: Till) -> None:
    """Empty the stand-in's tables, which the other fixtures do not know, and let it behave as usual."""
    store = till.standin.extensions[KEY].store
    with store.work() as db:
        for table in metadata.sorted_tables:
            db.execute(table.delete())
    till.caught.clear()
    till.catcher_says = 200
    till.behave()
