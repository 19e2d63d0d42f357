"""What a portal makes of its gateway: one client, a way for the browser, a line in `moothall check`."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import text

import portal.payments.setup
from portal.db import session as database
from portal.payments import health
from portal.payments.gateway import NotSetUp
from portal.payments.govuk_pay import gateway
from portal.settings.pay import Pay
from portal.web import setup
from portal.web.access import public
from tests.support.pay import SECRET, Till, order, pay_settings
from tests.support.settings import settings_for

Makes = Callable[[Pay], Flask]


@pytest.fixture
def makes(clean_database: str) -> Iterator[Makes]:
    """Makes portals that know payments and nothing else."""
    made: list[Flask] = []

    def make(pay: Pay) -> Flask:
        app = Flask("till", static_folder=None)
        settings = settings_for(clean_database, demo=True, pay=pay)
        database.install(app, settings.database_url)
        setup.install(app, settings, name="till")
        portal.payments.setup.install(app)
        app.add_url_rule("/", "page", public(lambda: "A page"))
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            database.dispose()


def test_an_application_without_a_token_has_no_gateway(makes: Makes) -> None:
    app = makes(Pay())
    with app.app_context():
        with pytest.raises(NotSetUp, match="You cannot pay here"):
            gateway()
        assert list(health.faults(app.extensions["moothall.web"].settings)) == []


def test_an_application_has_one_gateway_and_never_asks_it_in_the_middle_of_a_change(till: Till, makes: Makes) -> None:
    with makes(pay_settings(till.url)).app_context():
        assert gateway() is gateway()
        made = gateway().create(order())
        database.session().execute(text("insert into pay_standin.control (id, how) values (2, '{}')"))
        with pytest.raises(RuntimeError, match="inside a transaction that has written"):
            gateway().get(made.id)
        database.session().rollback()
        assert gateway().get(made.id).id == made.id


def test_a_button_on_any_page_may_lead_to_the_card_pages(makes: Makes) -> None:
    cards = "https://*.payments.service.gov.uk"
    policies = [
        makes(pay).test_client().get("/").headers["Content-Security-Policy"]
        for pay in (Pay(), Pay(token=SecretStr("api_test_x"), webhook_secret=SecretStr(SECRET)))
    ]
    assert [cards in each.partition("form-action")[2].partition(";")[0] for each in policies] == [False, True]


def test_a_gateway_that_refuses_our_key_is_found_before_anybody_pays(till: Till, makes: Makes) -> None:
    for token, said in (("of-the-tests-alone", []), ("of-nobody", [f"GOV.UK Pay at {till.url} does not answer, or"])):
        app = makes(pay_settings(till.url).model_copy(update={"token": SecretStr(f"api_test_{token}")}))
        with app.app_context():
            found = list(health.faults(app.extensions["moothall.web"].settings))
        assert [each[: len(begin)] for each, begin in zip(found, said, strict=True)] == said
