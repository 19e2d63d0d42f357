"""Already reported? What is open near by is shown first, and can be followed instead."""

import io
import re
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.kit import find_file, session
from services.reporting.models.following import Follower
from services.reporting.models.reports import Photo
from services.reporting.operations import following
from services.reporting.tests.conftest import START, Begin, Journey
from services.reporting.tests.telling import link_in
from tests.support.photos import photo
from tests.support.residents import Resident
from tests.support.worker import work

HERE = {"lat": "51.49270", "lon": "-0.23390"}
BESIDE = {"lat": "51.49290", "lon": "-0.23390"}
"""About 22 metres away."""
FAR = {"lat": "51.49400", "lon": "-0.23390"}


def at(journey: Journey, place: dict[str, str], kind: str = "pothole") -> str:
    journey.up_to("where", kind).answer("where", where="coordinates")
    return journey.answer("coordinates", **place)


def reported(resident: Resident, begin: Begin, kind: str = "pothole") -> str:
    journey = begin(resident)
    at(journey, HERE, kind)
    journey.answer("photo")
    return journey.send()


def test_what_is_open_near_by_is_shown_before_sending(ada: Resident, ben: Resident, begin: Begin) -> None:
    theirs = reported(ben, begin)
    journey = begin(ada)
    assert at(journey, BESIDE) == "nearby"
    page = ada.get(f"{journey.url}/nearby")
    assert "22 metres away" in page
    assert f'value="{theirs}"' in page
    assert "Ben" not in page
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/nearby"
    assert ada.refused(f"{journey.url}/nearby") == ["Select the report of your problem, or none of these"]
    assert journey.answer("nearby", choice="none") == "photo"
    journey.answer("photo")
    assert ada.post(f"{journey.url}/check").location.endswith("/sent")


def test_nothing_near_by_asks_nothing(ada: Resident, ben: Resident, begin: Begin) -> None:
    reported(ben, begin)
    assert at(begin(ada), FAR) == "photo"


def test_another_kind_near_by_is_no_duplicate(ada: Resident, ben: Resident, begin: Begin) -> None:
    reported(ben, begin, "graffiti")
    assert at(begin(ada), BESIDE) == "photo"


def test_moving_the_pin_to_where_one_is_asks_after_all(ada: Resident, ben: Resident, begin: Begin) -> None:
    reported(ben, begin)
    journey = begin(ada)
    at(journey, FAR)
    journey.answer("photo")
    assert journey.answer("coordinates", **BESIDE) == "nearby"
    assert journey.answer("nearby", choice="none") == "check"
    assert journey.answer("coordinates", **BESIDE) == "check"  # nothing new has come to light


def test_one_near_by_is_followed_instead_with_a_photo(app: Flask, ada: Resident, ben: Resident, begin: Begin) -> None:
    theirs = reported(ben, begin)
    journey = begin(ada)
    at(journey, BESIDE)
    same = ada.post(f"{journey.url}/nearby", choice=theirs).location
    assert "This has been reported already" in ada.get(same)
    ada.post(same, photo=(io.BytesIO(photo()), "hole.jpg"))
    assert "You follow this report of your neighbour now" in ada.get(f"{START}/problems/{theirs}")
    ada.get(f"{journey.url}/description", status=404)
    with app.app_context():
        assert session().scalars(select(Follower.account_id)).all() == [ada.account.id]
        assert session().scalars(select(Photo.moderation)).all() == ["waiting"]


def test_a_guest_follows_by_a_letter(app: Flask, ben: Resident, begin: Begin) -> None:
    theirs = reported(ben, begin)
    client = app.test_client()
    page = client.get(f"{START}/guest").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None

    def send(path: str, **values: Any) -> str:
        answer = client.post(path, data={"csrf_token": token[1], **values})
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    url = send(f"{START}/guest").rpartition("/")[0]
    send(f"{url}/description", description="A hole")
    send(f"{url}/kind", kind="pothole")
    send(f"{url}/questions")
    send(f"{url}/where", where="map")
    assert send(f"{url}/map", **BESIDE).endswith("/nearby")
    same = send(f"{url}/nearby", choice=theirs)
    assert "Follow this report" in client.get(same).text
    email = {"email": "guest@tests.example"}
    assert send(same, **email, photo=(io.BytesIO(photo()), "hole.jpg")).endswith(f"/problems/{theirs}")
    with app.app_context():
        found = session().execute(select(Follower.email, Follower.confirmed_at)).one()
        assert tuple(found) == ("guest@tests.example", None)
        assert session().scalar(select(func.count()).select_from(Follower)) == 1
        assert session().scalars(select(Photo)).all() == []  # a moderator sees what somebody stands for
        letter = link_in(following.LETTER)
    assert "It adds the photo that you sent" in client.get(letter).text
    for _twice in range(2):
        send(letter)
    with app.app_context():
        work()
        added = session().scalars(select(Photo)).one()
        assert added.moderation == "waiting"
        kept = find_file(added.owner_id, added.file_id)
        assert kept is not None
        assert kept.state == "ready"
    send(same, **email, photo=(io.BytesIO(photo()), "another.jpg"))
    assert "Do you want to add your photo" in client.get(letter).text
    assert (
        "must be a photo"
        in client.post(same, data={"csrf_token": token[1], **email, "photo": (io.BytesIO(b"MZ"), "a.jpg")}).text
    )
