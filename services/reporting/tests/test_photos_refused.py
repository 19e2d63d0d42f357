"""Photos that are none, too large or too many, and a store that is away: said beside the field, nothing lost."""

import io

import pytest
from flask import Flask

import portal.kit as kit
from services.reporting.operations import photos
from services.reporting.tests.conftest import Begin
from tests.support.photos import photo, png_bomb
from tests.support.residents import Resident


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"GIF89a not a photo", "must be a photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "must be a photo"),
        (png_bomb(9000, 9000), "50 million pixels"),
        (b"\xff\xd8\xff\xe0" + bytes(12 * 1024 * 1024), "smaller than 12 MB"),
    ],
)
def test_a_file_that_is_no_photo_of_use(ada: Resident, begin: Begin, content: bytes, sentence: str) -> None:
    journey = begin(ada).up_to("photo")
    answer = ada.post(f"{journey.url}/photo", 200, photos=(io.BytesIO(content), "street.jpg"))
    assert sentence in answer.get_data(as_text=True)
    assert "need to choose the photos again" in answer.get_data(as_text=True)
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/photo"
    assert journey.answer("photo") == "check"


def test_good_photos_are_kept_and_the_others_named(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")
    sent = [(io.BytesIO(photo()), "good.jpg"), (io.BytesIO(b"no photo"), "not.jpg"), (io.BytesIO(b""), "empty.jpg")]
    (said,) = ada.refused(f"{journey.url}/photo", photos=sent)
    assert "not.jpg: The file must be a photo" in said
    assert "empty.jpg: The file you chose is empty" in said
    assert "good.jpg" not in said
    page = ada.get(f"{journey.url}/photo")
    assert page.count("Remove photo") == 1
    assert "you can add 4 more" in page
    assert "1 photo" in ada.get(f"{journey.url}/check")


def test_the_page_names_the_limit_that_the_council_set(
    ada: Resident, begin: Begin, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = app.extensions["moothall.web"]
    monkeypatch.setattr(state, "settings", state.settings.model_copy(update={"upload_megabytes": 3}))
    journey = begin(ada).up_to("photo")
    assert "up to 3 MB" in ada.get(f"{journey.url}/photo")
    answer = ada.post(f"{journey.url}/photo", 200, photos=(io.BytesIO(bytes(3 * 1024 * 1024 + 1)), "street.jpg"))
    assert "smaller than 3 MB" in answer.get_data(as_text=True)


def test_the_file_store_is_down(ada: Resident, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise kit.Unavailable("We cannot keep files at the moment.")

    monkeypatch.setattr(photos, "receive_all", down)
    journey = begin(ada).up_to("photo")
    assert ada.refused(f"{journey.url}/photo", photos=(io.BytesIO(photo()), "a.jpg")) == [
        "We cannot keep files at the moment."
    ]
    assert journey.answer("photo") == "check"


def test_hundreds_of_photos_are_refused_and_the_draft_stays(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")
    many = [(io.BytesIO(b"x"), f"{n}.jpg") for n in range(400)]
    assert ada.refused(f"{journey.url}/photo", photos=many) == ["You can add 5 more files"]
    assert journey.answer("photo") == "check"
