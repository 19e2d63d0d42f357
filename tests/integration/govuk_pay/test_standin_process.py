"""The stand-in for GOV.UK Pay where the demo mounts it, and as a process of its own that can be killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
from flask import Flask
from werkzeug.test import Client

import portal.app
from portal import outbound
from portal.cli.demo_environment import demo_environment
from portal.errors import SetupError
from portal.payments.govuk_pay import GovukPay
from portal.payments.govuk_pay_line import Line
from portal.payments.standin.app import create_standin
from portal.payments.standin.place import KEY, PATH
from portal.settings.pay import Pay
from portal.settings.portal import Settings
from portal.settings.reading import load_settings
from tests.integration.cli.conftest import free_port, wait_until
from tests.support.pay import Till, order, pay_settings
from tests.support.settings import settings_for

ROOT = Path(__file__).resolve().parents[3]


def environment(database_url: str, port: int, portal_url: str = "http://127.0.0.1:9") -> dict[str, str]:
    """The portal's settings, and where the gateway is."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "MOOTHALL_DEMO": "true",
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_DATABASE_URL": database_url,
        "MOOTHALL_PUBLIC_URL": portal_url,
        "MOOTHALL_PAY__URL": f"http://127.0.0.1:{port}/pay",
        "MOOTHALL_PAY__TOKEN": "api_test_of-a-process",
        "MOOTHALL_PAY__WEBHOOK_SECRET": "the-secret-of-a-process",
    }


@contextlib.contextmanager
def process(values: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """It runs until the end of the block."""
    running = subprocess.Popen([sys.executable, "-m", "portal.payments.standin"], env=dict(values), cwd=ROOT)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and running.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                requests.get(values["MOOTHALL_PAY__URL"] + "/", timeout=5)
                break
            time.sleep(0.05)
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGKILL)
        running.wait()


def test_what_it_knew_before_it_was_killed_it_knows_after(till: Till, clean_database: str) -> None:
    values = environment(clean_database, free_port())
    client = outbound.client(allow_loopback=True)
    pay = GovukPay(Line(values["MOOTHALL_PAY__URL"], "api_test_of-a-process", client, before=lambda: None))
    with process(values):
        made = pay.create(order())
        assert made.next_url.startswith(values["MOOTHALL_PAY__URL"] + "/secure/")
        assert requests.get(made.next_url, timeout=5).status_code == 200
    with process(values):
        assert pay.get(made.id).state == "started"


def test_it_sends_webhooks_by_itself_also_those_that_waited_when_it_was_killed(till: Till, clean_database: str) -> None:
    values = environment(clean_database, free_port(), till.url.removesuffix(PATH))
    client = outbound.client(allow_loopback=True)
    pay = GovukPay(Line(values["MOOTHALL_PAY__URL"], "api_test_of-a-process", client, before=lambda: None))
    control = f"{values['MOOTHALL_PAY__URL']}/control"
    till.catcher_says = 500
    with process(values):
        requests.put(control, json={"retry_seconds": 2, "late_success": True, "seconds": 1}, timeout=5)
        made = pay.create(order())
        requests.put(f"{control}/payments/{made.id}", json={"fate": "declined"}, timeout=5)
        assert wait_until(lambda: len({each.body for each in till.caught}) == 3), "it failed, and was charged later"
    before = len(till.caught)
    till.catcher_says = 200
    with process(values):
        assert wait_until(lambda: len({each.body for each in till.caught[before:]}) == 3)
    kinds = {"card_payment_failed", "card_payment_succeeded", "card_payment_captured"}
    assert {each.said["event_type"] for each in till.caught} == kinds
    assert {each.said["resource_id"] for each in till.caught} == {made.id}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MOOTHALL_PAY__URL": "http://pay.example:9001"}, "must name a port of this machine"),
        ({"MOOTHALL_PAY__URL": "http://127.0.0.1"}, "must name a port of this machine"),
        ({"MOOTHALL_PAY__TOKEN": "", "MOOTHALL_PAY__WEBHOOK_SECRET": ""}, "MOOTHALL_PAY__TOKEN must be set"),
    ],
    ids=["elsewhere", "no port", "no token"],
)
def test_it_does_not_start_where_nobody_would_find_it(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], sentence: str
) -> None:
    from portal.payments.standin.__main__ import main  # a program, which nothing else imports

    for name, value in (environment("postgresql:///nowhere", 9001) | changes).items():
        if value:
            monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match=sentence):
        main()


def test_the_demo_takes_its_payments_at_the_stand_in(clean_database: str, tmp_path: Path) -> None:
    values = demo_environment(8123, clean_database, tmp_path)
    assert values["MOOTHALL_PAY__URL"] == f"http://localhost:8123{PATH}"
    assert load_settings(values).pay.is_set
    assert {each.name for each in tmp_path.iterdir()} >= {"pay-token", "pay-webhook-secret"}


def test_who_names_a_gateway_in_the_demo_pays_there(
    clean_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOTHALL_PAY__TOKEN", "api_test_at-pay-itself")
    settings = load_settings(demo_environment(8123, clean_database, tmp_path))
    assert settings.pay.url == "https://publicapi.payments.service.gov.uk"
    assert settings.pay.webhook_secret is None


def test_it_is_mounted_where_the_settings_of_the_demo_lead_and_nowhere_else(
    app: Flask, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Flask] = []

    def create(settings: Settings) -> Flask:
        made.append(create_standin(settings))
        made[-1].testing = True  # it sends nothing by itself
        return made[-1]

    monkeypatch.setattr(portal.app, "create_pay_standin", create)
    database = till.standin.extensions[KEY].store.engine.url.render_as_string(hide_password=False)
    seen = []
    here = f"http://localhost{PATH}"
    for pay in (pay_settings(here), pay_settings(till.url), Pay(url=here)):
        settings = settings_for(database, demo=True, pay=pay)
        seen.append(Client(portal.app.with_provider(app, settings)).get(f"{PATH}/", base_url="http://localhost").status)
    for each in made:
        each.extensions[KEY].store.engine.dispose()
    assert seen == ["200 OK", "404 NOT FOUND", "404 NOT FOUND"]
    assert len(made) == 1
