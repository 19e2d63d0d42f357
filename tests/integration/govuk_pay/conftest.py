"""The stand-in for GOV.UK Pay, behind a port."""

from collections.abc import Iterator

import pytest

from portal.payments.govuk_pay import GovukPay
from tests.support.pay import Till, forget_all, till_running


@pytest.fixture(scope="session")
def _till(database_url: str) -> Iterator[Till]:
    with till_running(database_url) as till:
        yield till


@pytest.fixture
def till(_till: Till) -> Iterator[Till]:
    """The stand-in, empty and behaving well."""
    forget_all(_till)
    yield _till
    forget_all(_till)


@pytest.fixture
def pay(till: Till) -> GovukPay:
    """Our client of it."""
    return till.gateway()
