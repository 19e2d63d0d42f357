"""One real demo and one real browser for all journeys of a process; a new window for each visitor."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from portal.conformance import seen
from portal.conformance.chromium import chromium
from tests.journeys.running import Demo, running_demo
from tests.journeys.visitor import Visitor


@pytest.fixture(scope="session", autouse=True)
def _judged(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one process has found good, another that runs beside it need not judge again."""
    own = tmp_path_factory.getbasetemp()
    seen.remember_in((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "judged")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo. At the end neither it nor its worker may have logged a fault of their own."""
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running
        assert not running.errors()


@pytest.fixture
def arrive(browser: Browser, demo: Demo) -> Iterator[Callable[..., Visitor]]:
    """Open a new window with no cookies: `arrive()`, `arrive(scripted=False)`, `arrive(viewport=PHONE)`."""
    windows: list[Visitor] = []

    def open_window(**options: object) -> Visitor:
        windows.append(Visitor(browser, demo.url, **options))  # type: ignore[arg-type]  # passed on as they are
        return windows[-1]

    yield open_window
    for each in windows:
        each.close()


@pytest.fixture
def visitor(arrive: Callable[..., Visitor]) -> Visitor:
    """Somebody who comes for the first time."""
    return arrive()
