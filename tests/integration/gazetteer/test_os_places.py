import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.errors import Refused, Unavailable
from portal.gazetteer import lookup
from portal.gazetteer.demo import DemoGazetteer
from portal.gazetteer.values import Gazetteer
from portal.settings.council import Gazetteer as GazetteerSettings
from portal.settings.portal import Settings
from tests.support.os_places import KEY, OsPlacesStandIn, os_places


@pytest.fixture
def stand_in() -> Iterator[OsPlacesStandIn]:
    with os_places() as running:
        yield running


def asking(url: str, key: str = KEY) -> Gazetteer:
    chosen = GazetteerSettings.model_validate({"source": "os_places", "os_places_url": url, "os_places_key": key})
    app = Flask("test")
    lookup.install(app, Settings(secret_key="k" * 32, gazetteer=chosen, demo=True))  # type: ignore[arg-type]  # pydantic reads it
    with app.app_context():
        return lookup.gazetteer()


def test_real_client_reads_the_same_addresses_that_the_demo_invents(stand_in: OsPlacesStandIn) -> None:
    for postcode in ("W6 9JU", "W14 0AA", "SW6 1AA"):
        assert asking(stand_in.url).by_postcode(postcode) == DemoGazetteer().by_postcode(postcode)
    assert stand_in.asked[0]["dataset"] == "DPA"


def test_uprn_is_found_and_a_missing_one_is_none(stand_in: OsPlacesStandIn) -> None:
    address = DemoGazetteer().by_postcode("W6 9JU")[0]
    assert asking(stand_in.url).by_uprn(address.uprn) == address
    assert asking(stand_in.url).by_uprn("1") is None
    assert asking(stand_in.url).by_uprn("not a number") is None


def test_every_page_of_a_long_answer_is_fetched(stand_in: OsPlacesStandIn) -> None:
    stand_in.page = 3
    assert asking(stand_in.url).by_postcode("W6 9JU") == DemoGazetteer().by_postcode("W6 9JU")
    assert len(stand_in.asked) > 1


def test_postcode_without_addresses_has_none(stand_in: OsPlacesStandIn) -> None:
    assert asking(stand_in.url).by_postcode("SW1A 1AA") == ()


def test_text_that_is_no_postcode_is_refused_without_asking(stand_in: OsPlacesStandIn) -> None:
    with pytest.raises(Refused):
        asking(stand_in.url).by_postcode("nowhere")
    assert stand_in.asked == []


@pytest.mark.parametrize(
    "fault", ["400", "401", "404", "429", "500", "503", "not json", "other shape", "bare list", "truncated"]
)
def test_fault_of_the_source_is_unavailable_in_a_plain_sentence(
    stand_in: OsPlacesStandIn, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.fault = fault
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable, match="type the address instead"):
        asking(stand_in.url).by_postcode("W6 9JU")
    assert KEY not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("portal"))


def test_wrong_key_and_nobody_there_are_unavailable(stand_in: OsPlacesStandIn) -> None:
    with pytest.raises(Unavailable):
        asking(stand_in.url, key="another").by_postcode("W6 9JU")
    with pytest.raises(Unavailable):
        asking("http://127.0.0.1:1/search").by_postcode("W6 9JU")


def test_names_in_capitals_are_written_as_people_read_them(stand_in: OsPlacesStandIn) -> None:
    stand_in.extra = [
        {
            "UPRN": "10001",
            "ORGANISATION_NAME": "ST MARY'S STAMFORD-ON-THE-HILL LTD",
            "SUB_BUILDING_NAME": "FLAT 2B",
            "BUILDING_NAME": "12A",
            "DEPENDENT_THOROUGHFARE_NAME": "TEASEL MEWS",
            "THOROUGHFARE_NAME": "THE GROVE",
            "DEPENDENT_LOCALITY": "HAMLET BY THE SEA",
            "POST_TOWN": "LONDON",
            "POSTCODE": "W6 9JU",
            "LNG": -0.22,
            "LAT": 51.49,
        }
    ]
    (address,) = asking(stand_in.url).by_postcode("W6 9JU")
    assert address.lines == (
        "St Mary's Stamford-on-the-Hill Ltd",
        "Flat 2B",
        "12A Teasel Mews",
        "The Grove",
        "Hamlet by the Sea",
    )
    assert address.street == "Teasel Mews"
