"""At the desk: a code for whom staff have made sure of; what somebody has joined; protected records with a reason."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.values import Account
from portal.db.session import session
from portal.joining.records import all_joined, join_record, joined_records, protect
from portal.joining.values import JoinedRecord
from portal.kit import Card
from portal.registry.mount import EXTENSION as SERVICES
from portal.staff.models import StaffLookRow
from tests.integration.joining.walking import NOBODYS, SHARED, WITH_FACTS, name_them, trail
from tests.support.records import KIND, SERVICE, TownHall
from tests.support.residents import Resident, resident
from tests.support.staff import Colleague, colleague

CODE = re.compile(r"[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}")
ASKED: dict[str, Any] = {"kind": f"{SERVICE}/{KIND}"}
REASON = "They rang because a bill went to their old home."


@pytest.fixture
def sunita(app: Flask, hall: TownHall) -> Colleague:
    """A caseworker."""
    return colleague(app, "Sunita")


@pytest.fixture
def tina(app: Flask, hall: TownHall) -> Colleague:
    """A team leader."""
    return colleague(app, "Tina", role="lead")


@pytest.fixture
def carys(app: Flask, hall: TownHall) -> Resident:
    """Her address is kept from others."""
    someone = resident(app, "Carys")
    with app.test_request_context("/"):
        join_record(someone.account, service=SERVICE, kind=KIND, key=WITH_FACTS, person_key="p-carys", protected=True)
        session().commit()
    return someone


def joined_by(app: Flask, who: Resident) -> list[JoinedRecord]:
    with app.app_context():
        found = list(all_joined(who.account.id))
        session().rollback()
    return found


def make(staff: Colleague, reference: str, name: str, *, reason: str = "") -> str:
    staff.get("/desk/records/code")
    asked = {"reference": reference, "name": name, "postcode": "W6 9JU", "reason": reason, **ASKED}
    staff.client.submit(**asked, identity_check="document")
    return staff.client.page.main


def test_a_code_is_shown_once_joins_once_and_says_how_they_were_known(
    app: Flask, sunita: Colleague, hall: TownHall
) -> None:
    found = CODE.search(make(sunita, "8002 2222", "Carys Tester"))
    assert found is not None
    carys = resident(app, "Carys")
    carys.get("/join/code")
    carys.client.follow(carys.client.submit(code=found[0]))
    assert "it is in your account" in carys.client.page.main
    assert joined_by(app, carys)[0].how == "desk"
    assert found[0] not in sunita.get("/desk/records/code")
    ((subject, details),) = trail(app, "record.code_made")
    assert details == {"service": SERVICE, "kind": KIND, "identity_check": "document", "protected": False}
    assert subject.startswith("join_code:")


@pytest.mark.parametrize(
    ("reference", "name"), [(SHARED, "Somebody Else"), (NOBODYS, "Ada Tester")], ids=["name", "reference"]
)
def test_no_code_is_made_for_what_does_not_fit(app: Flask, sunita: Colleague, reference: str, name: str) -> None:
    make(sunita, reference, name)
    refused = ("#reference", "Reference, name and postcode do not fit. Check them with the resident.")
    assert refused in sunita.client.page.errors
    assert trail(app, "record.code_made") == []


def test_no_code_is_made_without_saying_how_they_were_known(app: Flask, sunita: Colleague) -> None:
    sunita.get("/desk/records/code")
    sunita.client.submit(reference=SHARED, name="Ada Tester", postcode="W6 9JU", **ASKED)
    assert "Choose how you made sure who they are" in sunita.client.page.main
    assert trail(app, "record.code_made") == []


def test_while_the_system_is_away_what_was_typed_stays_in_the_form(sunita: Colleague, hall: TownHall) -> None:
    hall.away = True
    make(sunita, SHARED, "Ada Tester")
    assert "does not answer" in sunita.client.page.main
    assert sunita.client.page.form_with("name").values["name"] == ["Ada Tester"]


def test_what_somebody_joined_is_seen_and_they_can_see_that(app: Flask, sunita: Colleague, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    assert SHARED in sunita.get(f"/desk/records/of/{ada.account.id}")
    assert "Which records of ours" in ada.get("/who-looked")


@pytest.mark.parametrize("path", ["/desk/records", "/desk/records/code"])
def test_who_may_help_with_no_kind_of_record_is_told_why_there_is_none(
    app: Flask, sunita: Colleague, path: str
) -> None:
    words = "You have no rights for a service that has records"
    sven = colleague(app, "Sven", role="caseworker", service="reporting")
    assert words in str(sven.get(path))
    assert words not in str(sunita.get(path))


def test_a_record_leads_to_whose_account_it_is_in(sunita: Colleague, ada: Resident, ben: Resident) -> None:
    for who in (ada, ben):
        name_them(who, SHARED, f"{who.account.display_name} Tester")
    sunita.get("/desk/records")
    sunita.client.submit(reference=SHARED, **ASKED)
    assert f"/desk/records/of/{ada.account.id}" in sunita.client.page.html
    assert f"/desk/records/of/{ben.account.id}" in sunita.client.page.html


def test_a_protected_record_is_shown_to_no_caseworker(sunita: Colleague, carys: Resident) -> None:
    page = sunita.get(f"/desk/records/of/{carys.account.id}")
    assert "1 protected record" in page
    assert WITH_FACTS not in page
    sunita.post(f"/desk/records/of/{carys.account.id}", status=200, reason=REASON)
    assert WITH_FACTS not in sunita.client.page.main
    sunita.get("/desk/records")
    sunita.client.submit(reference=WITH_FACTS, reason=REASON, **ASKED)
    assert "Carys" not in sunita.client.page.main
    assert "This record is protected" in sunita.client.page.main


def test_a_protected_record_is_shown_to_who_may_and_says_why(tina: Colleague, carys: Resident) -> None:
    path = f"/desk/records/of/{carys.account.id}"
    assert WITH_FACTS not in tina.get(path)
    tina.client.submit(reason=REASON)
    assert WITH_FACTS in tina.client.page.main
    assert REASON in carys.get("/who-looked")
    tina.get("/desk/records")
    tina.client.submit(reference=WITH_FACTS, **ASKED)
    assert "Carys" not in tina.client.page.main
    tina.client.submit(reference=WITH_FACTS, reason=REASON, **ASKED)
    assert "Carys" in tina.client.page.main


def test_a_code_for_a_protected_record_takes_the_right_and_a_reason(
    app: Flask, sunita: Colleague, tina: Colleague, carys: Resident, hall: TownHall
) -> None:
    hall.protected.add(WITH_FACTS)
    refused = ("#reason", "This record is protected. Only who may see protected records can, and has to say why.")
    for staff, reason in ((sunita, ""), (sunita, REASON), (tina, "")):
        assert CODE.search(make(staff, WITH_FACTS, "Carys Tester", reason=reason)) is None
        assert refused in staff.client.page.errors
    assert trail(app, "record.code_made") == []
    assert CODE.search(make(tina, WITH_FACTS, "Carys Tester", reason=REASON))
    assert REASON in carys.get("/who-looked")


def test_why_there_is_a_code_for_a_protected_record_is_kept_when_nobody_has_it_yet(
    app: Flask, tina: Colleague, hall: TownHall
) -> None:
    hall.protected.add(WITH_FACTS)
    assert CODE.search(make(tina, WITH_FACTS, "Carys Tester", reason=REASON))
    ((_subject, details),) = trail(app, "record.code_made")
    assert details["protected"]
    assert [subject for subject, details in trail(app, "staff.looked") if details["what"] == "protected"] == [""]
    with app.app_context():
        kept = select(StaffLookRow.account_id, StaffLookRow.reason).where(StaffLookRow.what == "protected")
        assert session().execute(kept).all() == [(None, REASON)]


def test_a_record_is_taken_out_and_the_resident_is_told(app: Flask, sunita: Colleague, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    (record,) = joined_by(app, ada)
    path = f"/desk/records/of/{ada.account.id}/{record.id}/remove"
    assert "is told so" in sunita.get(path)
    assert sunita.client.submit().status_code == 303
    assert joined_by(app, ada) == []
    assert "no longer in your council account" in ada.get("/inbox")
    ((_subject, details),) = trail(app, "record.left")
    assert details == {"service": SERVICE, "kind": KIND}


def test_a_protected_record_is_taken_out_by_who_may_alone(
    app: Flask, sunita: Colleague, tina: Colleague, carys: Resident
) -> None:
    (record,) = joined_by(app, carys)
    path = f"/desk/records/of/{carys.account.id}/{record.id}/remove"
    sunita.get(path, 404)
    assert WITH_FACTS not in tina.get(path)


def test_who_helps_with_another_service_sees_none(app: Flask, ada: Resident) -> None:
    name_them(ada, SHARED, "Ada Tester")
    nora = colleague(app, "Nora", role="caseworker", service="reporting")
    assert SHARED not in nora.get(f"/desk/records/of/{ada.account.id}")
    nora.get("/desk/records")
    nora.client.submit(reference=SHARED)
    assert "Choose the kind of record" in nora.client.page.main


def test_who_fills_in_a_form_for_a_resident_sees_no_protected_record(
    app: Flask, sunita: Colleague, carys: Resident
) -> None:
    sunita.get(f"/desk/assist/{carys.account.id}")
    sunita.client.submit(channel="telephone", identity_check="details")
    assert WITH_FACTS not in sunita.get("/profile")
    sunita.get("/join", 403)
    with app.test_request_context("/"):
        protect(SERVICE, KIND, WITH_FACTS, protected=False, actor="system:tests")
        session().commit()
    assert WITH_FACTS in sunita.get("/profile")


def test_nor_does_a_card_on_home_show_them_one(
    app: Flask, sunita: Colleague, carys: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services are asked in threads, which must know who looks."""
    services = app.extensions[SERVICES]
    known = services[SERVICE]

    def cards(account: Account) -> list[Card]:
        return [Card(title=f"Account {each.key}", url="/home") for each in joined_records(account, SERVICE)]

    monkeypatch.setitem(services, SERVICE, replace(known, service=replace(known.service, home_cards=cards)))
    sunita.get(f"/desk/assist/{carys.account.id}")
    sunita.client.submit(channel="telephone", identity_check="details")
    assert f"Account {WITH_FACTS}" not in sunita.get("/home")
    assert f"Account {WITH_FACTS}" in carys.get("/home")
