"""The list for patrols: what it holds and leaves out, who may ask, and what it costs."""

import csv
import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.kit import NotFound, Refused, clock, session
from services.permits.models.enforcement import EnforcementToken
from services.permits.operations import enforcement
from services.permits.operations.enforcement import make_token, revoke_token, tokens
from services.permits.queries import enforcement as queries
from services.permits.rules.marks import Mark, read_mark
from services.permits.settings import PermitSettings
from services.permits.tests import parked
from services.permits.tests.people import resident
from tests.support.residents import Resident, statements

BASE = "/services/permits/enforcement"
LOOK_UP = f"{BASE}/registrations"
NOON = "2026-11-24T12:00"


@pytest.fixture
def open_app(app: Flask) -> Iterator[Flask]:
    """The portal with its context open."""
    with app.app_context():
        yield app


@pytest.fixture
def ada(open_app: Flask) -> Resident:
    """A resident."""
    return resident(open_app, "Ada")


@pytest.fixture
def token(open_app: Flask) -> str:
    """A token that we know."""
    made = make_token("Wardens")
    session().commit()
    return made


class Handheld:
    """What a patrol asks with."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.token = token

    def ask(self, path: str, status: int = 200) -> TestResponse:
        """One call."""
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer

    def look_up(self, registration: str, zone: str = "") -> Any:
        """What is said of one car."""
        return self.ask(f"{LOOK_UP}/{registration}" + (f"?zone={zone}" if zone else "")).json

    def listed(self, query: str = "") -> list[str]:
        """The registrations on the whole list, page after page."""
        found: list[str] = []
        after: str | None = ""
        while after is not None:
            page = self.ask(f"{BASE}/permits?limit=2&after={after}{query}").json
            assert page is not None
            found += [each["registration"] for each in page["permits"]]
            after = page["next"]
        return found


@pytest.fixture
def handheld(client: FlaskClient, token: str) -> Handheld:
    """One with the right token."""
    return Handheld(client, token)


def test_a_car_with_a_permit_may_park_in_its_zone_until_the_end_of_its_last_day(
    ada: Resident, handheld: Handheld, at: Any
) -> None:
    at.move_to(NOON)
    parked.permit(ada.account, "AB12CDE", days=3)
    session().commit()
    said = handheld.look_up("ab12%20cde", "A")
    assert said["registration"] == "AB12CDE"
    assert said["may_park"] is True
    assert said["permits"] == [
        {
            "registration": "AB12CDE",
            "zone": "A",
            "kind": "resident",
            "from": "2026-11-24T00:00:00+00:00",
            "until": "2026-11-27T00:00:00+00:00",
        }
    ]
    parked.zone("B")
    session().commit()
    assert handheld.look_up("AB12CDE", "B")["may_park"] is False
    assert handheld.look_up("AB12CDE")["may_park"] is True
    assert handheld.look_up("AB12CDF") | {"asked_at": ""} == {
        "registration": "AB12CDF",
        "asked_at": "",
        "may_park": False,
        "permits": [],
    }
    at.move_to("2026-11-26T23:59")
    assert handheld.look_up("AB12CDE")["may_park"] is True
    at.move_to("2026-11-27T00:00")
    assert handheld.look_up("AB12CDE")["may_park"] is False


def test_the_day_ends_at_local_midnight_in_summer_too(ada: Resident, handheld: Handheld, at: Any) -> None:
    at.move_to("2026-07-01T12:00")
    parked.permit(ada.account, "AB12CDE", days=1)
    session().commit()
    at.move_to("2026-07-01T22:59")
    assert handheld.look_up("AB12CDE")["permits"][0]["until"] == "2026-07-02T00:00:00+01:00"
    at.move_to("2026-07-01T23:00")
    assert handheld.look_up("AB12CDE")["may_park"] is False


@pytest.mark.parametrize("status", ["asked", "to_pay", "expired", "replaced", "cancelled", "revoked", "lapsed"])
def test_what_is_not_active_is_nowhere_on_the_list(ada: Resident, handheld: Handheld, status: str) -> None:
    parked.permit(ada.account, "AB12CDE", status=status)
    session().commit()
    assert handheld.look_up("AB12CDE")["may_park"] is False
    assert handheld.listed() == []


def test_a_permit_that_begins_tomorrow_is_not_on_the_list_today(ada: Resident, handheld: Handheld) -> None:
    parked.permit(ada.account, "AB12CDE", first=clock.today() + timedelta(days=1))
    session().commit()
    assert handheld.look_up("AB12CDE")["may_park"] is False
    assert handheld.listed() == []


def test_a_courtesy_car_stands_in_for_the_permits_own(ada: Resident, handheld: Handheld) -> None:
    mine = parked.permit(ada.account, "AB12CDE")
    parked.lent(mine, "XY34ZZZ")
    session().commit()
    assert handheld.look_up("AB12CDE")["may_park"] is False
    assert handheld.look_up("XY34ZZZ")["permits"][0]["kind"] == "courtesy_car"
    assert handheld.listed() == ["XY34ZZZ"]
    mine.status = "cancelled"
    session().commit()
    assert handheld.look_up("XY34ZZZ")["may_park"] is False
    assert handheld.listed() == []


def test_a_visitors_car_may_park_until_its_time_is_up(ada: Resident, handheld: Handheld, at: Any) -> None:
    at.move_to(NOON)
    bought = parked.balance(ada.account, minutes=600)
    parked.visit(bought, "VV11SIT", starts=clock.now())
    session().commit()
    assert handheld.look_up("VV11SIT", "A")["permits"][0]["until"] == "2026-11-24T13:00:00+00:00"
    assert handheld.listed() == ["VV11SIT"]
    at.move_to("2026-11-24T13:00")
    assert handheld.look_up("VV11SIT")["may_park"] is False
    assert handheld.listed() == []


def test_the_list_holds_each_car_once_however_it_is_paged(ada: Resident, handheld: Handheld) -> None:
    for number in range(5):
        parked.permit(ada.account, f"AB12CD{chr(65 + number)}", zone_code="AB"[number % 2])
    parked.lent(parked.permit(ada.account, "OWN1", zone_code="B"), "LENT2")
    bought = parked.balance(ada.account, minutes=600)
    for lane in (1, 2, 3):
        parked.visit(bought, f"VISIT{lane}", starts=clock.now(), lane=lane)
    session().commit()
    everything = handheld.listed()
    assert len(everything) == len(set(everything)) == 9
    in_a, in_b = handheld.listed("&zone=a"), handheld.listed("&zone=B")
    assert len(in_a) == 6
    assert len(in_b) == 3
    assert sorted(in_a + in_b) == sorted(everything)


def test_the_csv_says_the_same(ada: Resident, handheld: Handheld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PORTION", 2)
    for number in range(5):
        parked.permit(ada.account, f"AB12CD{chr(65 + number)}")
    session().commit()
    answer = handheld.ask(f"{BASE}/permits.csv?zone=A")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert sorted(row["registration"] for row in rows) == sorted(handheld.listed())
    assert set(rows[0]) == {"registration", "zone", "kind", "from", "until"}


def test_nothing_about_people_is_in_any_answer(ada: Resident, handheld: Handheld) -> None:
    row = parked.permit(ada.account, "AB12CDE")
    session().commit()
    for path in (f"{LOOK_UP}/AB12CDE", f"{BASE}/permits", f"{BASE}/permits.csv"):
        said = handheld.ask(path).get_data(as_text=True)
        assert "AB12CDE" in said
        for private in ("Larkspur", "900000000001", "Ada", row.reference, str(ada.account.id)):
            assert private not in said


@pytest.mark.parametrize("path", [f"{LOOK_UP}/AB12CDE", f"{BASE}/permits", f"{BASE}/permits.csv"])
def test_who_brings_no_token_or_a_wrong_one_hears_nothing(
    client: FlaskClient, token: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert client.get(path, headers={"Authorization": f"Basic {token}"}).status_code == 401
    with caplog.at_level(logging.WARNING):
        assert client.get(path, headers={"Authorization": f"Bearer {token}x"}).status_code == 403
    assert token not in caplog.text


def test_a_token_that_was_taken_back_is_none(handheld: Handheld, open_app: Flask) -> None:
    handheld.ask(f"{BASE}/permits")
    (known,) = tokens()
    revoke_token(known.id)
    session().commit()
    handheld.ask(f"{BASE}/permits", 403)
    with pytest.raises(NotFound):
        revoke_token(known.id)
    with pytest.raises(NotFound):
        revoke_token(uuid4())


def test_a_token_is_kept_by_its_digest_alone(token: str, open_app: Flask) -> None:
    row = session().scalars(select(EnforcementToken)).one()
    assert token not in (row.digest, row.name)
    assert len(token) >= 43
    assert row.name == "Wardens"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"], ids=["empty", "blank", "long", "control"])
def test_a_token_needs_the_name_of_who_will_use_it(open_app: Flask, name: str) -> None:
    with pytest.raises(Refused):
        make_token(name)


def test_who_calls_too_often_is_told_when_to_come_again(handheld: Handheld, monkeypatch: pytest.MonkeyPatch) -> None:
    few = PermitSettings(enforcement_calls_a_minute=2)
    monkeypatch.setattr(enforcement, "settings_of", lambda _kind: few)
    for _ in range(2):
        handheld.ask(f"{LOOK_UP}/AB12CDE")
    answer = handheld.ask(f"{LOOK_UP}/AB12CDE", 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_who_guesses_tokens_is_no_longer_listened_to(
    client: FlaskClient, open_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enforcement, "MOST_WRONG", 2)
    answers = [client.get(f"{LOOK_UP}/A1", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(3)]
    assert answers == [403, 403, 429]


def test_a_zone_that_there_is_none_of_is_said_to_be_none(ada: Resident, handheld: Handheld) -> None:
    parked.permit(ada.account, "AB12CDE")
    session().commit()
    for path in (f"{LOOK_UP}/AB12CDE?zone=Z", f"{BASE}/permits?zone=Z", f"{BASE}/permits.csv?zone=Z"):
        assert handheld.ask(path, 404).json == {"error": "no such zone"}


@pytest.mark.parametrize(
    "path",
    [
        f"{LOOK_UP}/AB12%3BCDE",
        f"{LOOK_UP}/%C3%84B12CDE",
        f"{LOOK_UP}/{'A' * 13}",
        f"{BASE}/permits?limit=0",
        f"{BASE}/permits?limit=1001",
        f"{BASE}/permits?limit=%D9%A3",
        f"{BASE}/permits?limit={'9' * 400}",
        f"{BASE}/permits?after=permit",
        f"{BASE}/permits?after=permit~A~1",
        f"{BASE}/permits?after=elsewhere~A~{UUID(int=1)}",
        f"{BASE}/permits?after=permit~%00~{UUID(int=1)}",
        f"{BASE}/permits?zone=%00",
        f"{BASE}/permits.csv?zone=%00",
        f"{LOOK_UP}/AB12CDE?zone=%00",
        f"{LOOK_UP}/AB12CDE?zone={'A' * 13}",
    ],
    ids=[
        "sign",
        "letter",
        "long",
        "none",
        "many",
        "figure",
        "huge",
        "half",
        "no_id",
        "source",
        "zero",
        "zone",
        "csv_zone",
        "look_up_zone",
        "long_zone",
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(handheld: Handheld, path: str) -> None:
    answer = handheld.ask(path, 400)
    assert answer.json is not None
    assert answer.json["error"]


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = Mark("courtesy_car", "B2", UUID(int=77))
    assert read_mark(str(mark)) == mark
    assert read_mark("").source == "permit"


def test_a_look_up_is_one_statement_beside_token_and_limit(ada: Resident, handheld: Handheld, open_app: Flask) -> None:
    parked.permit(ada.account, "AB12CDE")
    session().commit()
    handheld.look_up("AB12CDE")
    with statements(open_app) as sent:
        handheld.look_up("AB12CDE")
    assert len([each for each in sent if "permits." in each]) == 2, sent
