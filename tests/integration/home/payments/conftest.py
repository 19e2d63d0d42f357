"""A resident at their browser, in a portal whose gateway is in the test's own hands."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.accounts.values import Account
from tests.integration.payments.conftest import begun, gate, paid, pay_app, payer, paying_portal, toll
from tests.support.client import Client
from tests.support.payments import PlayedGateway, Toll
from tests.support.residents import Resident, resident

__all__ = ["begun", "gate", "paid", "pay_app", "payer", "paying_portal", "toll"]


@pytest.fixture(autouse=True)
def _each_request_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context of its own for each request: within the tests' own, one would find what the one before left in `g`."""
    send = Client.open

    def send_apart(self: Client, *args: Any, **kwargs: Any) -> TestResponse:  # those of any request
        with self.application.app_context():
            return send(self, *args, **kwargs)

    monkeypatch.setattr(Client, "open", send_apart)


@pytest.fixture
def pat(pay_app: Flask, payer: Account, gate: PlayedGateway, toll: Toll) -> Resident:
    """Who pays, signed in."""
    return resident(pay_app, "Pat")
