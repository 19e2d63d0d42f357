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

STEPS_BUT_THE_FIRST = ["kind", "pick", "questions", "where", "street", "map", "photo", "private", "nearby", "check"]


def test_a_place_in_words_makes_a_report(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    assert journey.answer("description", description="Red letters\n<b>two metres</b> wide") == "kind"
    assert journey.answer("kind", kind="graffiti") == "questions"
    assert journey.answer("questions", answer_on="private") == "where"
    assert journey.answer("where", where="street") == "street"
    assert journey.answer("street", **STREET) == "photo"
    assert journey.answer("photo") == "check"
    page = ada.get(f"{journey.url}/check")
    for words in (
        "Graffiti",
        "Larkspur Meadow: By the bottle banks",
        "Red letters<br>&lt;b&gt;two metres",
        "Not provided",
    ):
        assert words in page
    reference = journey.send()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", reference)
    confirmation = ada.get(f"{START}/reports/{reference}/sent")
    assert reference in confirmation
    assert "street cleaning team" in confirmation
    assert "Larkspur Meadow" in ada.get(f"/cases/{reference}")
    assert reference in ada.get(f"{START}/reports")


def test_an_address_is_found_by_its_postcode(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("where")
    assert journey.answer("where", where="address") == "postcode"
    assert journey.answer("postcode", postcode="w69ju") == "address"
    uprn, label = re.findall(r'<option value="(\d+)">([^<]+)', ada.get(f"{journey.url}/address"))[2]
    assert journey.answer("address", address=uprn) == "photo"
    journey.answer("photo")
    assert label in ada.get(f"{journey.url}/check")
    assert label in ada.get(f"/cases/{journey.send()}")


def test_coordinates_are_forgiving(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("where")
    journey.answer("where", where="coordinates")
    assert journey.answer("coordinates", lat="51,4927° N", lon="0,2339 W") == "photo"
    journey.answer("photo")
    assert "51.49270, -0.23390" in ada.get(f"/cases/{journey.send()}")


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("kind", {"kind": "fly_tipping"}),
        ("questions", {"answer_amount": "van", "answer_kinds": ["garden", "other"]}),
        ("private", {"private": "yes"}),
        ("street", {"street": "Goldcrest Meadow", "whereabouts": "At the school gate", "unknown": "Goldcrest Meadow"}),
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
        assert 'value="Larkspur Meadow"' in page
    assert journey.answer(step, **values) == "check"


@pytest.mark.parametrize("step", STEPS_BUT_THE_FIRST)
def test_a_page_opened_too_early_leads_to_the_first_missing_answer(ada: Resident, begin: Begin, step: str) -> None:
    journey = begin(ada)
    assert ada.client.get(f"{journey.url}/{step}").location == f"{journey.url}/description"
    assert ada.post(f"{journey.url}/{step}").location == f"{journey.url}/description"


def test_two_tabs_keep_each_others_answers(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    journey.answer("kind", kind="pothole")
    journey.answer("description", description="From the other tab")
    journey.answer("questions")
    page = ada.get(f"{journey.url}/check")
    assert "Pothole" in page
    assert "From the other tab" in page


def test_an_open_draft_is_offered_again_and_can_be_deleted(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("street")
    page = ada.get(f"{START}/")
    assert f'href="{journey.url}/check"' in page
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/street"
    assert "It cannot be brought back." in ada.get(f"{journey.url}/discard")
    ada.get(f"{journey.url}/description")  # asking deletes nothing
    ada.post(f"{journey.url}/discard")
    assert "not sent yet" not in ada.get(f"{START}/")
    ada.get(f"{journey.url}/kind", status=404)


def test_starting_twice_opens_one_empty_draft(ada: Resident, begin: Begin) -> None:
    assert begin(ada).url == begin(ada).url


def test_photos_are_added_and_removed(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")
    two = [(io.BytesIO(photo()), "street.jpg"), (io.BytesIO(photo("PNG")), "street.png")]
    assert journey.answer("photo", photos=two) == "check"
    assert "2 photos" in ada.get(f"{journey.url}/check")
    assert "preparing your photo" in ada.get(f"{journey.url}/photo")
    assert journey.answer("photo") == "check"
    assert journey.answer("photo", photos=(io.BytesIO(photo()), "wall.jpg")) == "check"
    assert "3 photos" in ada.get(f"{journey.url}/check")
    for left in ("2 photos", "1 photo", "Not provided"):
        first, *_ = re.findall(r'action="([^"]+/remove)"', ada.get(f"{journey.url}/photo"))
        ada.post(first)
        assert left in ada.get(f"{journey.url}/check")


def test_a_sixth_photo_is_one_too_many(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")

    def some(count: int) -> list[tuple[io.BytesIO, str]]:
        return [(io.BytesIO(photo()), f"{number}.jpg") for number in range(count)]

    assert ada.refused(f"{journey.url}/photo", photos=some(6)) == ["You can add 5 more files"]
    journey.answer("photo", photos=some(3))
    assert ada.refused(f"{journey.url}/photo", photos=some(3)) == ["You can add 2 more files"]
    journey.answer("photo", photos=some(2))
    assert "as many as one report can have" in ada.get(f"{journey.url}/photo")
    assert "5 photos" in ada.get(f"{journey.url}/check")


def test_a_photo_is_shown_once_the_worker_has_written_it_anew(
    ada: Resident, ben: Resident, app: Flask, begin: Begin
) -> None:
    journey = begin(ada).up_to("photo")
    journey.answer("photo", photos=(io.BytesIO(photo()), "street.jpg"))
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
    journey.answer("photo", photos=(io.BytesIO(torn), "street.png"))
    reference = journey.send()
    with app.app_context():
        work()
    page = ada.get(f"/cases/{reference}")
    assert "We could not use your photo" in page
    assert "damaged" in page


def test_the_list_goes_on_where_a_page_ends(
    ada: Resident, app: Flask, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reporting.views.reports.PAGE", 2)
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
