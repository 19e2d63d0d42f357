"""Each detail can be changed on a page of its own, and nothing is overwritten unseen."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from portal.accounts import queries
from portal.accounts.values import Profile
from portal.audit import queries as audit
from portal.audit.operations import record
from portal.db.session import db, session
from portal.errors import Unavailable
from portal.gazetteer.demo import DemoGazetteer
from tests.integration.accounts.conftest import Resident
from tests.support.fixtures import Clock

NAME = {"given_name": "Ann Mary", "family_name": "Jones", "preferred_name": "Annie"}


def profile_of(resident: Resident) -> Profile:
    with resident.app.app_context():
        return queries.get_profile(resident.account.id)


def trail(resident: Resident) -> list[tuple[str, dict[str, object]]]:
    with resident.app.app_context():
        return [(entry.act, entry.details) for entry in audit.entries_about(resident.account.id)]


def test_the_overview_tells_what_a_provider_confirmed_from_what_the_resident_typed(ann: Resident) -> None:
    page = ann.get("/profile")
    typed, confirmed = page.split('<h2 class="govuk-heading-m">Confirmed by your council account</h2>')
    assert "Ann Jones" in typed
    assert "Confirmed by your council account" in typed  # the mark at the address
    assert "ann@example.org" in confirmed
    assert "Ann Jones" not in confirmed


def test_a_name_is_changed_and_the_next_page_says_so(ann: Resident) -> None:
    ann.send("/profile/name", NAME)
    page = ann.get("/profile")
    assert "Your name has been changed" in page
    assert "Ann Mary Jones" in page
    assert "Your name has been changed" not in ann.get("/profile")
    assert profile_of(ann).preferred_name == "Annie"
    with ann.app.app_context():
        assert queries.get_account(ann.account.id).display_name == "Annie"


def test_the_trail_names_the_fields_and_never_what_was_typed(ann: Resident) -> None:
    ann.send("/profile/name", NAME)
    assert trail(ann)[0] == ("profile.changed", {"fields": ["given_name", "preferred_name"]})
    assert "Annie" not in str(trail(ann))


def test_a_date_of_birth_is_changed(ann: Resident) -> None:
    answer = {"date_of_birth-day": "27", "date_of_birth-month": "3", "date_of_birth-year": "1984"}
    ann.send("/profile/date-of-birth", answer)
    assert "27 March 1984" in ann.get("/profile")


def test_a_telephone_number_is_kept_in_one_form_and_shown_in_the_usual_one(ann: Resident) -> None:
    ann.send("/profile/phone", {"phone": "(020) 7946-0100"})
    assert profile_of(ann).phone == "+442079460100"
    assert "020 7946 0100" in ann.get("/profile")
    ann.send("/profile/phone", {"phone": ""})
    assert profile_of(ann).phone is None
    assert "Your telephone number has been removed" in ann.get("/profile")


def test_a_way_of_contact_needs_the_means(ann: Resident) -> None:
    (sentence,) = ann.refused("/profile/contact", {"contact_by": "text", "contact_needs": ""})
    assert "add a telephone number first" in sentence
    ann.send("/profile/phone", {"phone": "020 7946 0100"})
    (sentence,) = ann.refused("/profile/contact", {"contact_by": "text", "contact_needs": ""})
    assert "mobile number" in sentence
    (sentence,) = ann.refused("/profile/contact", {"contact_by": "letter", "contact_needs": ""})
    assert "add an address first" in sentence
    ann.send("/profile/phone", {"phone": "07700 900123"})
    ann.send("/profile/contact", {"contact_by": "text", "contact_needs": "Large print,\r\nplease"})
    assert profile_of(ann).contact_by == "text"
    (sentence,) = ann.refused("/profile/phone", {"phone": ""})
    assert "Change that before" in sentence
    (sentence,) = ann.refused("/profile/phone", {"phone": "020 7946 0100"})
    assert "mobile number" in sentence


def test_a_language_is_spoken_at_once(ann: Resident) -> None:
    ann.send("/profile/language", {"language": "cy"})
    page = ann.get("/profile")
    assert '<html lang="cy"' in page
    assert profile_of(ann).language == "cy"
    ann.send("/profile/language", {"language": "en"})
    assert '<html lang="en"' in ann.get("/profile")
    assert ("profile.changed", {"fields": ["language"]}) in trail(ann)


def test_an_address_is_found_by_its_postcode(ann: Resident) -> None:
    found = DemoGazetteer().by_postcode("W6 9JU")[3]
    to_list = ann.send("/profile/address/home", {"postcode": "w69ju"}).location
    assert found.label in ann.get(to_list)
    to_confirm = ann.send(to_list, {"uprn": found.uprn}).location
    assert found.lines[0] in ann.get(to_confirm)
    ann.send(to_confirm, {})
    home = profile_of(ann).address("home")
    assert home is not None
    assert (home.uprn, home.lines, home.postcode) == (found.uprn, (*found.lines, found.town), "W6 9JU")
    assert "Same as your home address" in ann.get("/profile")


def test_an_address_can_be_typed_and_letters_can_go_elsewhere_and_back(ann: Resident) -> None:
    answer = {"line_1": "Tŷ Gwyn", "line_2": "", "town": "Bangor", "postcode": "ll571aa"}
    ann.send("/profile/address/correspondence/by-hand", answer)
    elsewhere = profile_of(ann).address("correspondence")
    assert elsewhere is not None
    assert (elsewhere.uprn, elsewhere.lines, elsewhere.postcode) == (None, ("Tŷ Gwyn", "Bangor"), "LL57 1AA")
    assert "Send letters to your home address" in ann.get("/profile/address/correspondence")
    ann.send("/profile/address/correspondence/remove", {})
    assert profile_of(ann).addresses == ()
    assert ann.client.get("/profile/address/correspondence/remove").status_code == 302


def test_the_last_address_stays_while_letters_are_wanted(ann: Resident) -> None:
    answer = {"line_1": "1 High Street", "line_2": "", "town": "Marlowe", "postcode": "W6 9JU"}
    ann.send("/profile/address/correspondence/by-hand", answer)
    ann.send("/profile/contact", {"contact_by": "letter", "contact_needs": ""})
    (sentence,) = ann.refused("/profile/address/correspondence/remove", {})
    assert "Add your home address" in sentence


def test_when_the_list_of_addresses_is_silent_the_address_is_typed(
    ann: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(DemoGazetteer, "by_postcode", silent)
    monkeypatch.setattr(DemoGazetteer, "by_uprn", silent)
    for path in ("/profile/address/home/choose?postcode=W6+9JU", "/profile/address/home/confirm?uprn=1"):
        answer = ann.client.get(path)
        assert answer.location == "/profile/address/home/by-hand"
        assert "not answering" in ann.get(answer.location)


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("/profile/name", NAME | {"given_name": "First"}, NAME | {"given_name": "Second"}),
        ("/profile/phone", {"phone": "07700 900111"}, {"phone": "07700 900222"}),
        (
            "/profile/date-of-birth",
            {"date_of_birth-day": "1", "date_of_birth-month": "2", "date_of_birth-year": "1990"},
            {"date_of_birth-day": "1", "date_of_birth-month": "2", "date_of_birth-year": "1991"},
        ),
        (
            "/profile/contact",
            {"contact_by": "email", "contact_needs": "one"},
            {"contact_by": "email", "contact_needs": "two"},
        ),
        (
            "/profile/address/home/by-hand",
            {"line_1": "1 A Road", "line_2": "", "town": "B", "postcode": "W6 9JU"},
            {"line_1": "2 A Road", "line_2": "", "town": "B", "postcode": "W6 9JU"},
        ),
    ],
)
def test_two_tabs_do_not_overwrite_each_other_unseen(
    ann: Resident, path: str, first: dict[str, str], second: dict[str, str]
) -> None:
    tab = ann.get(path)
    ann.send(path, first)
    before = profile_of(ann)
    refused = ann.send(path, second, 409, page=tab).get_data(as_text=True)
    assert "Nothing is overwritten" in refused
    assert "What is saved now" in refused
    changed = {name for name in first if first[name] != second[name]}
    assert all(second[name] in refused for name in changed)
    assert profile_of(ann) == before
    ann.send(path, second, page=refused)  # having seen both, the resident may decide
    assert profile_of(ann) != before


def test_a_change_of_another_answer_is_in_nobodys_way(ann: Resident) -> None:
    tab = ann.get("/profile/name")
    ann.send("/profile/phone", {"phone": "07700 900111"})
    ann.send("/profile/name", NAME, page=tab)
    assert profile_of(ann).given_name == "Ann Mary"


def test_a_form_sent_twice_is_no_conflict_with_itself(ann: Resident) -> None:
    tab = ann.get("/profile/name")
    ann.send("/profile/name", NAME, page=tab)
    ann.send("/profile/name", NAME, page=tab)
    assert [act for act, _ in trail(ann)].count("profile.changed") == 1


def test_a_refused_form_keeps_the_version_that_was_seen(ann: Resident) -> None:
    tab = ann.get("/profile/name")
    ann.send("/profile/name", NAME | {"given_name": "First"})
    refused = ann.send("/profile/name", NAME | {"given_name": ""}, 200, page=tab).get_data(as_text=True)
    assert ann.hidden(refused)["version"] == ann.hidden(tab)["version"]
    ann.send("/profile/name", NAME, 409, page=refused)


@pytest.mark.parametrize("version", ["", "x" * 5000, "<script>", "\x00", "0" * 16])
def test_a_version_that_is_none_overwrites_nothing(ann: Resident, version: str) -> None:
    ann.send("/profile/name", NAME | {"version": version}, 409)
    assert profile_of(ann).given_name == "Ann"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/profile/name", NAME),
        ("/profile/phone", {"phone": "07700 900111"}),
        ("/profile/address/home/by-hand", {"line_1": "1 A Road", "line_2": "", "town": "B", "postcode": "W6 9JU"}),
    ],
)
def test_a_form_without_its_version_overwrites_nothing(ann: Resident, path: str, values: dict[str, str]) -> None:
    token = {"csrf_token": ann.hidden(ann.get(path))["csrf_token"]}
    before = profile_of(ann)
    assert ann.client.post(path, data=values | token).status_code == 409
    assert profile_of(ann) == before


def test_the_history_tells_in_plain_words_what_happened_and_is_paged(ann: Resident) -> None:
    for n in range(30):
        ann.send("/profile/phone", {"phone": f"07700 9001{n:02}"})
    page = ann.get("/profile/history")
    assert page.count("Changed: telephone number") == 25
    assert "07700" not in page
    (older,) = {part.split('"')[0] for part in page.split('href="')[1:] if "before=" in part.split('"')[0]}
    page = ann.get(older)
    assert page.count("Changed: telephone number") == 5
    assert "The account was opened" in page
    assert page.index("Changed: telephone number") < page.index("The account was opened")
    year = "2026-01-01T00:00:00"
    for odd in ("x", "7", f"{year}~1", f"{year}%2B00:00~", f"{year}%2B99:00~1", f"{year}%2B00:00~{'9' * 30}", "٣", ""):
        assert "Changed" in ann.get(f"/profile/history?before={odd}")
    for far in ("0001-01-01T00:00:00%2B23:59~1", "9999-12-31T23:59:59-23:59~1"):
        ann.get(f"/profile/history?before={far}")


def test_the_history_is_by_the_time_of_the_act_whenever_it_was_written_down(ann: Resident, at: Clock) -> None:
    ann.send("/profile/phone", {"phone": "07700 900111"})
    at.advance(days=-30)
    with ann.app.app_context():
        for n in range(40):
            at.advance(minutes=-1)
            record("case.opened", actor=f"account:{ann.account.id}", account_id=ann.account.id, n=n)
        session().commit()
    page = ann.get("/profile/history")
    assert page.index("Changed: telephone number") < page.index("Something you sent was received")
    with ann.app.app_context():
        first = audit.entries_about(ann.account.id, limit=20)
        rest = audit.entries_about(ann.account.id, before=(first[-1].at, first[-1].id))
    every = [*first, *rest]
    assert len(every) == len({entry.id for entry in every}) == 42
    assert [entry.at for entry in every] == sorted((entry.at for entry in every), reverse=True)


def test_nobody_sees_anothers_history(ann: Resident, sign_in: object) -> None:
    assert callable(sign_in)
    ann.send("/profile/name", NAME)
    bob = sign_in("Bob")
    assert "Changed" not in bob.get("/profile/history")


def test_the_overview_asks_the_database_little(ann: Resident, app: Flask) -> None:
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    ann.get("/profile")
    event.remove(engine, "before_cursor_execute", note)
    assert len(statements) <= 6, statements  # one finds out who is signed in, one which records have been joined


def test_a_get_writes_nothing(ann: Resident) -> None:
    counts = "select (select count(*) from portal.audit_entry), (select max(xmin::text::bigint) from portal.profile)"
    with ann.app.app_context():
        before = session().execute(text(counts)).one()
    for path in ("", "/name", "/phone", "/contact", "/language", "/email", "/address/home", "/history"):
        ann.get(f"/profile{path}")
    with ann.app.app_context():
        assert session().execute(text(counts)).one() == before
