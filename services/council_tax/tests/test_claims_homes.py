"""Exemptions and the disabled band reduction as a resident meets them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape

from portal.kit import clock, get_case
from services.council_tax.backoffice.changes import ClaimBandReduction, ClaimExemption
from services.council_tax.queries.asked import case_facts
from services.council_tax.rules.charges import BANDS, NINTHS, Charges, Part
from services.council_tax.rules.exemptions import EXEMPTIONS
from services.council_tax.tests.claiming import begin, lowers, on, send, up_to
from services.council_tax.tests.conftest import ACCOUNT, Works
from services.council_tax.tests.told import REFERENCE, ToldSystem, account
from services.council_tax.views import band_reduction
from services.council_tax.views.words import CHANGES
from tests.support.residents import Resident

SINCE = date(2026, 3, 1)
CHARITY: dict[str, Any] = {
    "lived": {"lived": "no"},
    "reason": {"reason": "B"},
    "since": on("since_on", SINCE),
    "until": {},
    "evidence": {},
}
DIED: dict[str, Any] = {
    "lived": {"lived": "no"},
    "reason": {"reason": "F"},
    "since": on("since_on", SINCE),
    "granted": on("granted_on", date(2026, 4, 15)),
    "until": {},
    "evidence": {},
}
ROOM: dict[str, Any] = {"ground": {"ground": "room"}, "since": on("since_on", SINCE), "evidence": {}}


@pytest.fixture(autouse=True)
def june(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some weeks into the year."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 10, 9, tzinfo=UTC))


def test_every_class_is_offered_in_plain_words_to_who_may_have_it(ada: Resident, told: ToldSystem) -> None:
    url = begin(ada, "exemption")
    for lived in ("no", "yes"):
        ada.post(f"{url}/lived", lived=lived)
        page = ada.get(f"{url}/reason")
        for one in EXEMPTIONS:
            assert (f'value="{one.code}"' in page) == (one.lived_in is (lived == "yes"))
            assert (str(escape(str(one.title))) in page) == (one.lived_in is (lived == "yes"))


def test_a_limited_class_ends_on_its_last_day(app: Flask, ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, "exemption", CHARITY, "until")
    assert "31 August 2026 at the latest" in ada.get(f"{url}/until")
    assert "31 August 2026 or earlier" in ada.refused(f"{url}/until", **on("until_on", date(2026, 9, 1)))[0]
    ada.post(f"{url}/until")
    ada.post(f"{url}/evidence")
    page = ada.get(f"{url}/check")
    for words in ("31 August 2026", "(Class B)", "no council tax is paid", "£1,386.77"):
        assert words in page
    case_reference = str(ada.post(f"{url}/check").location).rpartition("/")[2]
    works()
    assert told.changes == [ClaimExemption(code="B", since_on=SINCE, until_on=date(2026, 8, 31))]
    with app.app_context():
        facts = {str(one.label): one.value for one in case_facts(get_case(ada.account.id, case_reference))}
    assert facts["What you asked for"] == "Empty, and a charity owned and last used it: for 6 months (Class B)"


def test_after_a_death_the_limit_runs_from_probate(ada: Resident, told: ToldSystem, works: Works) -> None:
    send(ada, "exemption", DIED)
    works()
    assert told.changes == [
        ClaimExemption(code="F", since_on=SINCE, until_on=date(2026, 10, 14), answers={"granted_on": "2026-04-15"})
    ]


def test_without_probate_nothing_limits_it(ada: Resident, told: ToldSystem, works: Works) -> None:
    send(ada, "exemption", DIED | {"granted": {}})
    works()
    assert told.changes == [ClaimExemption(code="F", since_on=SINCE)]


@pytest.mark.parametrize(
    ("steps", "step", "values", "said"),
    [
        (CHARITY, "lived", {}, "Select whether anybody lives"),
        (CHARITY, "reason", {"reason": "N"}, "Select why"),
        (CHARITY, "since", on("since_on", date(1992, 1, 1)), "1 January 2020 or later"),
        (CHARITY, "until", on("until_on", date(2026, 2, 28)), "1 March 2026 or later"),
        (DIED, "granted", on("granted_on", date(2026, 12, 1)), "today or in the past"),
        (DIED, "granted", on("granted_on", date(1900, 12, 1)), "Check the year"),
    ],
    ids=["none", "somebody lives there", "too early", "order", "not yet", "wrong year"],
)
def test_what_is_wrong_is_said_beside_its_field(
    ada: Resident, told: ToldSystem, steps: dict[str, Any], step: str, values: dict[str, Any], said: str
) -> None:
    url = up_to(ada, "exemption", steps, step)
    assert said in ada.refused(f"{url}/{step}", **values)[0]


def test_a_limit_before_the_first_day_is_said(ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, "exemption", DIED | {"granted": on("granted_on", date(2021, 1, 1))}, "until")
    assert "ended on 30 June 2021" in ada.refused(f"{url}/until")[0]


def test_another_answer_asks_again_what_hangs_on_it(ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, "exemption", CHARITY)
    assert ada.post(f"{url}/since", **on("since_on", date(2026, 4, 1))).location == f"{url}/until"
    assert ada.post(f"{url}/lived", lived="yes").location == f"{url}/reason"


def test_a_home_is_exempt_once(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("N", "exemption"),))
    assert "This home is exempt now: Only students live there" in ada.get(f"{ACCOUNT}/exemption")
    url = up_to(ada, "exemption", CHARITY, "reason")
    assert "has this already" in ada.refused(f"{url}/reason", reason="D")[0]


def test_an_exemption_is_asked_for_once(ada: Resident, told: ToldSystem) -> None:
    reference = send(ada, "exemption", CHARITY).rpartition("/")[2]
    url = up_to(ada, "exemption", CHARITY, "reason")
    assert reference in ada.refused(f"{url}/reason", reason="B")[0]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Charges:
    """What was set for the year: £90 for a ninth of band D."""
    by_band = {band: 9000 * ninths for band, ninths in NINTHS.items()}
    charges = Charges(2026, {band: by_band[band] for band in BANDS}, (Part("all", by_band),))
    monkeypatch.setattr(band_reduction, "get_charges", lambda _year: charges)
    return charges


def test_the_band_reduction_says_what_it_saves(
    ada: Resident, told: ToldSystem, published: Charges, works: Works
) -> None:
    assert "about £90 less" in ada.get(f"{ACCOUNT}/band-reduction")  # a ninth of band D: from D to C
    url = up_to(ada, "band-reduction", ROOM)
    page = ada.get(f"{url}/check")
    for words in ("about £90 less", "A room that they mainly use", "Not given", "Files: 0"):
        assert (words in page) == (words != "Not given")
    confirmation = ada.get(ada.post(f"{url}/check").location)
    assert "may want to see the home" in confirmation
    works()
    assert told.changes == [ClaimBandReduction(code="room", since_on=SINCE)]


def test_without_the_amounts_of_the_bands_no_saving_is_made_up(ada: Resident, told: ToldSystem) -> None:
    assert "In a whole year" not in ada.get(f"{ACCOUNT}/band-reduction")
    assert "a whole year costs" not in ada.get(f"{up_to(ada, 'band-reduction', ROOM)}/check")


def test_a_home_is_reduced_once(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("wheelchair", "band_reduction"),))
    assert "reduced for a disability now, from 1 April 2026" in ada.get(f"{ACCOUNT}/band-reduction")
    assert "has this already" in ada.refused(f"{begin(ada, 'band-reduction')}/ground", ground="room")[0]


@pytest.mark.parametrize("path", [path for path, _words in CHANGES])
def test_every_change_that_an_account_names_has_its_page(ada: Resident, told: ToldSystem, path: str) -> None:
    assert f'href="{ACCOUNT}/{path}"' in ada.get(ACCOUNT)
    ada.get(f"{ACCOUNT}/{path}")


def test_what_came_meanwhile_is_seen_before_it_is_sent(ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, "band-reduction", ROOM)
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("room", "band_reduction"),))
    assert "has this already" in ada.refused(f"{url}/check")[0]
    works()
    assert told.changes == []
