"""A report from its first question to its own page, as a resident meets it."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kit import session
from services.reporting.tests.conftest import START, STREET, Begin
from tests.support.photos import photo
from tests.support.residents import Resident
from tests.support.worker import work


def test_a_place_in_words_makes_a_report(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    assert journey.answer("kind", kind="graffiti") == "where"
    assert journey.answer("where", where="street") == "street"
    assert journey.answer("street", **STREET) == "description"
    assert journey.answer("description", description="Red letters\n<b>two metres</b> wide") == "photo"
    assert journey.answer("photo") == "check"
    page = ada.get(f"{journey.url}/check")
    for words in (
        "Graffiti",
        "Larkspur Lane: By the bottle banks",
        "Red letters<br>&lt;b&gt;two metres",
        "Not provided",
    ):
        assert words in page
    reference = journey.send()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", reference)
    confirmation = ada.get(f"{START}/reports/{reference}/sent")
    assert reference in confirmation
    assert "street cleaning team" in confirmation
    assert "Larkspur Lane" in ada.get(f"/cases/{reference}")
    assert reference in ada.get(f"{START}/reports")


def test_an_address_is_found_by_its_postcode(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("where")
    assert journey.answer("where", where="address") == "postcode"
    assert journey.answer("postcode", postcode="w69ju") == "address"
    uprn, label = re.findall(r'<option value="(\d+)">([^<]+)', ada.get(f"{journey.url}/address"))[2]
    assert journey.answer("address", address=uprn) == "description"
    journey.answer("description", description="Glass on the pavement")
    journey.answer("photo")
    assert label in ada.get(f"{journey.url}/check")
    assert label in ada.get(f"/cases/{journey.send()}")


def test_coordinates_are_forgiving(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("where")
    journey.answer("where", where="coordinates")
    assert journey.answer("coordinates", lat="51,4927° N", lon="0,2339 W") == "description"
    journey.answer("description", description="A hole")
    journey.answer("photo")
    assert "51.49270, -0.23390" in ada.get(f"/cases/{journey.send()}")


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("kind", {"kind": "pothole"}),
        ("street", {"street": "Goldcrest Avenue", "whereabouts": "At the school gate"}),
        ("description", {"description": "Another thing"}),
        ("photo", {}),
    ],
)
def test_change_comes_straight_back_with_the_answer_filled_in(
    ada: Resident, begin: Begin, step: str, values: dict[str, str]
) -> None:
    journey = begin(ada).up_to("check")
    check = ada.get(f"{journey.url}/check")
    assert f'href="{journey.url}/{step}"' in check
    page = ada.get(f"{journey.url}/{step}")
    assert f'<a href="{journey.url}/check" class="govuk-back-link' in page
    if step == "street":
        assert 'value="Larkspur Lane"' in page
    assert journey.answer(step, **values) == "check"


@pytest.mark.parametrize("step", ["where", "street", "description", "photo", "check", "address", "coordinates"])
def test_a_page_opened_too_early_leads_to_the_first_missing_answer(ada: Resident, begin: Begin, step: str) -> None:
    journey = begin(ada)
    assert ada.client.get(f"{journey.url}/{step}").location == f"{journey.url}/kind"
    assert ada.post(f"{journey.url}/{step}").location == f"{journey.url}/kind"


def test_two_tabs_keep_each_others_answers(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    journey.answer("kind", kind="pothole")
    journey.answer("description", description="From the other tab")
    page = ada.get(f"{journey.url}/check")
    assert "Pothole" in page
    assert "From the other tab" in page


def test_an_open_draft_is_offered_again_and_can_be_deleted(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("description")
    page = ada.get(f"{START}/")
    assert f'href="{journey.url}/check"' in page
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/description"
    assert "It cannot be brought back." in ada.get(f"{journey.url}/discard")
    ada.get(f"{journey.url}/description")  # asking deletes nothing
    ada.post(f"{journey.url}/discard")
    assert "not sent yet" not in ada.get(f"{START}/")
    ada.get(f"{journey.url}/kind", status=404)


def test_starting_twice_opens_one_empty_draft(ada: Resident, begin: Begin) -> None:
    assert begin(ada).url == begin(ada).url


def test_a_photo_is_added_replaced_and_removed(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")
    assert journey.answer("photo", photo=(io.BytesIO(photo()), "street.jpg")) == "check"
    assert "Added" in ada.get(f"{journey.url}/check")
    assert "preparing your photo" in ada.get(f"{journey.url}/photo")
    assert journey.answer("photo") == "check"
    assert "Added" in ada.get(f"{journey.url}/check")
    assert journey.answer("photo", photo=(io.BytesIO(photo("PNG")), "street.png")) == "check"
    ada.post(f"{journey.url}/photo/remove")
    assert "Not provided" in ada.get(f"{journey.url}/check")


def test_a_photo_is_shown_once_the_worker_has_written_it_anew(
    ada: Resident, ben: Resident, app: Flask, begin: Begin
) -> None:
    journey = begin(ada).up_to("photo")
    journey.answer("photo", photo=(io.BytesIO(photo()), "street.jpg"))
    reference = journey.send()
    assert "preparing your photo" in ada.get(f"/cases/{reference}")
    with app.app_context():
        assert sorted(work()) == ["files.clean", "reporting.route"]
    (address,) = re.findall(r'<img [^>]*src="([^"]+)"', ada.get(f"/cases/{reference}"))
    assert ada.client.get(address).mimetype == "image/jpeg"
    ben.get(address, status=404)


def test_a_photo_that_cannot_be_decoded_is_told_with_the_reason(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")
    sound = photo("PNG")
    torn = sound[:200] + bytes(20) + sound[220:]
    journey.answer("photo", photo=(io.BytesIO(torn), "street.png"))
    reference = journey.send()
    with app.app_context():
        work()
    page = ada.get(f"/cases/{reference}")
    assert "We could not use your photo" in page
    assert "damaged" in page


def test_the_list_goes_on_where_a_page_ends(
    ada: Resident, app: Flask, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reporting.views.asking.PAGE", 2)
    references = [begin(ada).up_to("check").send() for _ in range(3)]
    first = ada.get(f"{START}/reports")
    assert references[2] in first
    assert references[0] not in first
    (older,) = re.findall(r'href="([^"]+after=[^"]+)"', first)
    assert references[0] in ada.get(older.replace("&amp;", "&"))
    assert references[2] in ada.get(f"{START}/reports?after=nonsense")


def test_the_confirmation_knows_whether_a_letter_can_be_sent(app: Flask, ada: Resident, begin: Begin) -> None:
    reference = begin(ada).up_to("check").send()
    sent = f"/services/reporting/reports/{reference}/sent"
    assert "We will send you the reference too." in ada.get(sent)
    with app.app_context():
        session().execute(text("update portal.profile set email = null, email_confirmed_at = null"))
        session().commit()
    assert "Note the reference: we have no confirmed email address for you." in ada.get(sent)
