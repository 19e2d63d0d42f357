"""A service is switched off at the council while residents use it."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.running import Demo
from tests.journeys.visitor import Visitor

REASON = "Our reporting system is being mended until Monday."


@pytest.fixture
def switch(demo: Demo) -> Iterator[Callable[..., None]]:
    """The `moothall service` command. At the end the service is on."""

    def run(*words: str) -> None:
        command = [sys.executable, "-m", "portal.cli.main", "service", *words]
        subprocess.run(command, env=dict(demo.environment), check=True, capture_output=True)

    yield run
    run("on", "reporting")


def test_a_service_switched_off_says_so_everywhere(arrive: Callable[..., Visitor], switch: Callable[..., None]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    ada.report_to_check(kind="Fly-tipping", wrong="A mattress.")
    step = ada.path
    switch("off", "reporting", "--reason", REASON)
    ada.press("Send the report")
    ada.sees("Sorry, this service is not available now")
    ada.reads(REASON)
    ada.follow("Go to the start page", within="main")
    ada.sees("Your services")
    ada.reads("Closed for the moment")
    ada.reads(REASON)
    assert ada.go("/services/reporting/").status == 503
    ada.go("/profile")

    switch("on", "reporting")
    ada.go(step)
    ada.sees("Check your answers")
    ada.reads("A mattress.")
    ada.send()
    ada.go("/home")
    assert "Closed for the moment" not in ada.page.content()
