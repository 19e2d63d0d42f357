"""Bills, Direct Debit and paperless bills with the stand-in behind HTTP: what is shown before is what is done."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from services.council_tax.tests.conftest import START, Joins, Works
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.playing import SECRET, TODAY, Home, Playing
from tests.support.fixtures import Clock
from tests.support.pdf import read_pdf
from tests.support.residents import Resident

STEPS = {
    "authority": {"authority": "yes"},
    "payer": {"payer_name": "A Tester"},
    "sort-code": {"sort_code": "08-99-99"},
    "account-number": {"account_number": "66374958"},
    "day": {"day": "15"},
}
ROW = re.compile(r'<th scope="row"[^>]*>\w+ (\d+ \w+ \d+)</th>\s*<td[^>]*numeric">([^<]+)</td>')


@pytest.fixture
def standing(app: Flask, standin: Playing, at: Clock) -> Iterator[Playing]:
    """The stand-in, to which the portal's settings lead, on the day that it takes for today."""
    at.move_to(f"{TODAY}T09:00")
    with connected_to(app, standin.url, SECRET, page_waits_seconds=2, job_waits_seconds=2):
        yield standin


@pytest.fixture
def home(standing: Playing) -> Home:
    """Two adults since last week, so that nothing is late yet."""
    return standing.opens("Ada Tester", "Ben Tester", on="2026-11-16")


@pytest.fixture
def ada(joins: Joins, home: Home) -> Resident:
    """The first of them."""
    return joins("Ada", home.person, home.reference)


def path(home: Home) -> str:
    """Where the pages of the account begin."""
    return f"{START}/accounts/{home.reference}"


def test_the_bill_of_a_real_account_is_a_page_and_a_pdf(ada: Resident, home: Home) -> None:
    listed = ada.get(f"{path(home)}/bills")
    assert f"/bills/{home.bill_id}" in listed
    page = ada.get(f"{path(home)}/bills/{home.bill_id}")
    look = read_pdf(ada.client.get(f"{path(home)}/bills/{home.bill_id}/pdf").data)
    printed = " ".join(look.text.split())
    sums = set(re.findall(r"£[\d,]+(?:\.\d\d)?", page)) - set(re.findall(r"£[\d,]+", "£70"))
    assert len(sums) > 5
    for each in (*sums, "Ada Tester", "Ben Tester", home.reference):
        assert each in printed
    for other in ("no-such-bill", "1", home.reference):
        ada.get(f"{path(home)}/bills/{other}", status=404)


def test_what_is_collected_is_what_was_shown(ada: Resident, home: Home, standing: Playing, works: Works) -> None:
    url = str(ada.post(f"{path(home)}/direct-debit").location).rpartition("/")[0]
    for step, values in STEPS.items():
        ada.post(f"{url}/{step}", **values)  # type: ignore[arg-type]  # what a form is sent
    shown = ROW.findall(ada.get(f"{url}/check"))
    confirmation = ada.get(str(ada.post(f"{url}/check", agreed="yes").location))
    assert ROW.findall(confirmation) == shown
    works()
    done = standing.account(home)
    assert done["method"] == "direct_debit"
    assert done["direct_debit"]["account_ending"] == "58"
    coming = [one for one in done["instalments"] if one["due_on"] >= done["direct_debit"]["first_on"]]
    assert [f"£{one['pence'] // 100:,}" for one in coming] == [amount.partition(".")[0] for _day, amount in shown]
    page = ada.get(f"{path(home)}/direct-debit")
    assert "Being set up with your bank" in page
    assert "66374958" not in page


def test_one_of_two_goes_paperless(ada: Resident, home: Home, standing: Playing, works: Works) -> None:
    where = str(ada.post(f"{path(home)}/e-billing", e_billing="on").location)
    assert "no paper is sent to you" in ada.get(where)
    works()
    people = {one["name"]: one["e_billing"] for one in standing.account(home)["people"]}
    assert people == {"Ada Tester": True, "Ben Tester": False}


def test_a_debit_is_cancelled(ada: Resident, home: Home, standing: Playing, works: Works) -> None:
    bank = {"sort_code": "089999", "account_number": "66374958"}
    standing.change(home, "direct_debit", payer_name="A", day=15, **bank)
    ada.post(f"{path(home)}/direct-debit/cancel")
    works()
    assert standing.account(home)["method"] == "card"
