"""Bands and estimates, for everybody, signed in or not."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from portal.kit import NotFound, Unavailable
from services.council_tax.queries import published
from services.council_tax.rules import liability
from services.council_tax.rules.liability import YearCharge
from services.council_tax.settings import REDUCING
from services.council_tax.tests.conftest import START
from services.council_tax.tests.connected import SETTINGS, connected_to
from services.council_tax.tests.playing import SECRET, Playing
from services.council_tax.views import estimate
from tests.support.client import Client, client_for
from tests.support.fixtures import Clock

DAY = {"since-day": "1", "since-month": "4", "since-year": "2026"}
WHOLE = {**DAY, "band": "D", "adults": "2", "disabled": "no", "many": "10"}


@pytest.fixture
def anybody(app: Flask, standin: Playing, at: Clock) -> Iterator[Client]:
    """Somebody who is not signed in, while the council's system is there."""
    at.move_to("2026-11-22T09:00")
    published._kept.clear()
    with connected_to(app, standin.url, SECRET):
        yield client_for(app)
    published._kept.clear()


def sent(anybody: Client, path: str, **values: str) -> str:
    """Where a form leads that is sent as it is on the page, with these values."""
    anybody.get(path)
    token = anybody.page.all("input", name="csrf_token")[0].get("value")
    answer = anybody.post(path, data={"csrf_token": token, **values})
    return str(answer.location) if answer.status_code == 303 else answer.text


def test_anybody_finds_the_bands_at_a_postcode(anybody: Client) -> None:
    where = sent(anybody, f"{START}/bands", postcode="w6 9ju")
    assert where == f"{START}/bands/W69JU"
    page = anybody.get(where).text
    assert page.count("<tr") > 3
    assert "£" in page


def test_the_bands_of_the_year_are_shown_before_anything_is_asked(anybody: Client) -> None:
    page = anybody.get(f"{START}/bands").text
    assert "2026 to 2027" in page
    assert all(f">{band}</th>" in page for band in "ABCDEFGH")


@pytest.mark.parametrize("postcode", ["", "nonsense", "W6", "<script>"])
def test_nonsense_is_refused_beside_the_field(anybody: Client, postcode: str) -> None:
    assert "There is a problem" in sent(anybody, f"{START}/bands", postcode=postcode)


def test_a_postcode_elsewhere_is_said_to_be(anybody: Client) -> None:
    assert "no home at this postcode in our area" in anybody.get(f"{START}/bands/LS11UR").text


def test_nonsense_in_the_address_leads_back_to_the_question(anybody: Client) -> None:
    assert anybody.get(f"{START}/bands/%00").location == f"{START}/bands"


def test_a_whole_year_is_what_was_published(anybody: Client, standin: Playing) -> None:
    told = standin.get("/published/2026")
    pence = told["charges"]["D"]
    page = anybody.get(sent(anybody, f"{START}/estimate", **WHOLE)).text
    assert f"About £{pence // 100:,}.{pence % 100:02d} until 31 March 2027".replace(".00 ", " ") in page
    assert "365, from 1 April 2026" in page


def test_one_adult_pays_a_quarter_less(anybody: Client) -> None:
    page = anybody.get(sent(anybody, f"{START}/estimate", **{**WHOLE, "adults": "1"})).text
    assert "Only one adult lives here" in page
    assert "−£" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"since-year": "1066"},
        {"since-year": "2199"},
        {"since-day": "31"},
        {"band": "Z"},
        {"adults": "-1"},
        {"many": ""},
    ],
    ids=lambda wrong: "-".join(f"{name}={value}" for name, value in wrong.items()),
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(anybody: Client, wrong: dict[str, str]) -> None:
    page = sent(anybody, f"{START}/estimate", **{**WHOLE, **wrong})
    assert "There is a problem" in page
    assert wrong.get("since-year", "2026") in page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?since=2026-04-01",
        "?since=x&band=D&adults=2&many=10",
        "?since=2026-04-01&band=Z&adults=2&many=10",
        "?since=2026-04-01&band=D&adults=9&many=10",
        "?since=0001-01-01&band=D&adults=2&many=10",
    ],
)
def test_an_address_that_no_form_makes_leads_back_to_the_form(anybody: Client, query: str) -> None:
    assert anybody.get(f"{START}/estimate/bill{query}").location == f"{START}/estimate"


def test_a_year_that_is_not_set_yet_is_said_to_be(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unset(year: int) -> None:
        raise NotFound

    monkeypatch.setattr(estimate, "get_charges", unset)
    page = anybody.get(f"{START}/estimate/bill?since=2027-11-01&band=D&adults=2&many=10&disabled=no").text
    assert "What council tax will cost from 1 April 2027 has not been set yet" in page


def test_while_the_system_is_away_it_is_said_and_the_charges_of_before_serve(
    anybody: Client, standin: Playing, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    anybody.get(f"{START}/bands")
    at.advance(hours=2)

    def away() -> None:
        raise Unavailable

    monkeypatch.setattr(published, "system", away)
    assert "About £" in anybody.get(sent(anybody, f"{START}/estimate", **WHOLE)).text
    answer = anybody.get(f"{START}/bands/W69JU")
    assert answer.status_code == 503
    assert "We cannot reach the list of bands at the moment" in answer.text


def test_before_the_new_year_is_set_homes_are_shown_with_their_bands(anybody: Client, at: Clock) -> None:
    at.move_to("2060-04-01T09:00")
    assert "What each band is charged" not in anybody.get(f"{START}/bands").text
    answer = anybody.get(f"{START}/bands/W69JU")
    assert answer.status_code == 200
    assert ">Band</th>" in answer.text
    assert "£" not in answer.text


def test_the_estimate_keeps_to_the_councils_order(anybody: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []
    charge_for = liability.charge_for

    def noting(*what: Any, **how: Any) -> YearCharge:
        orders.append(how["order"])
        return charge_for(*what, **how)

    order = (*REDUCING[:2], *reversed(REDUCING[2:]))
    told = app.extensions[SETTINGS].model_copy(update={"order_of_reductions": order})
    with monkeypatch.context() as here:  # undone before the settings that lead to the stand-in are
        here.setattr(estimate, "charge_for", noting)
        here.setitem(app.extensions, SETTINGS, told)
        anybody.get(sent(anybody, f"{START}/estimate", **WHOLE))
    assert orders == [order]


def test_a_whole_year_is_paid_from_its_first_day_and_a_part_from_the_move(anybody: Client, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    whole = anybody.get(sent(anybody, f"{START}/estimate", **WHOLE)).text
    assert whole.count('scope="row"') == 10
    assert "1 April 2026</th>" in whole
    assert "1 January 2027</th>" in whole
    part = anybody.get(sent(anybody, f"{START}/estimate", **WHOLE | {"since-month": "7"})).text
    assert "1 August 2026</th>" in part
    assert "1 April 2026</th>" not in part


def test_whoever_has_no_account_finds_what_is_open(anybody: Client) -> None:
    anybody.get(f"{START}/")
    links = anybody.page.links()
    for words, path in (("Find the band of a home", "bands"), ("Work out a bill", "estimate")):
        assert links[words].endswith(f"{START}/{path}")
    assert any(link.endswith("/moving/in") for link in links.values())
