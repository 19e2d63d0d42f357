"""Whatever is sent to a profile page, the answer is a sentence or a clean status, and nothing is half-written."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.accounts import queries
from tests.integration.accounts.conftest import Resident, errors

LONG = "x" * 5000
PATHS = [
    "/profile/name",
    "/profile/date-of-birth",
    "/profile/phone",
    "/profile/contact",
    "/profile/language",
    "/profile/email",
    "/profile/address/home",
    "/profile/address/home/choose?postcode=W6+9JU",
    "/profile/address/home/by-hand",
]
FIELDS = [
    *("given_name", "family_name", "phone", "contact_by", "contact_needs", "language", "postcode", "uprn"),
    *("line_1", "town", "version", "date_of_birth-day", "date_of_birth-month", "date_of_birth-year"),
]
NAME = {"given_name": "Ann", "family_name": "Jones", "preferred_name": ""}
TYPED = {"line_1": "1 High Street", "line_2": "", "town": "Marlowe", "postcode": "W6 9JU"}


def born(day: str, month: str, year: str) -> dict[str, str]:
    return {"date_of_birth-day": day, "date_of_birth-month": month, "date_of_birth-year": year}


BAD: list[tuple[str, dict[str, Any]]] = [
    ("/profile/name", NAME | {"given_name": ""}),
    ("/profile/name", NAME | {"family_name": "   "}),
    ("/profile/name", NAME | {"given_name": LONG}),
    ("/profile/name", NAME | {"given_name": "Ann\x00"}),
    ("/profile/name", NAME | {"preferred_name": "A\x1bB"}),
    ("/profile/name", NAME | {"given_name": ["Ann", "Bob"]}),
    ("/profile/date-of-birth", {}),
    ("/profile/date-of-birth", born("", "", "")),
    ("/profile/date-of-birth", born("31", "2", "1984")),
    ("/profile/date-of-birth", born("1", "1", "1800")),
    ("/profile/date-of-birth", born("1", "1", "1799")),
    ("/profile/date-of-birth", born("1", "1", "2999")),
    ("/profile/date-of-birth", born("1", "1", "2100")),
    ("/profile/date-of-birth", born("29", "2", "1983")),
    ("/profile/date-of-birth", born("0", "13", "99")),
    ("/profile/date-of-birth", born("١", "١", "١٩٨٤")),
    ("/profile/date-of-birth", born("1.5", "-1", "1e3")),
    ("/profile/date-of-birth", born(LONG, LONG, LONG)),
    ("/profile/date-of-birth", born("\x00", "1", "1984")),
    ("/profile/date-of-birth", {"date_of_birth-day": "1"}),
    ("/profile/date-of-birth", {"date_of_birth-day": "1", "date_of_birth-year": "1984"}),
    ("/profile/date-of-birth", born("1", "1", "1984") | {"date_of_birth-day": ["1", "2"]}),
    ("/profile/date-of-birth", {"date_of_birth": ["1", "2", "1984", "5"]}),
    ("/profile/phone", {"phone": "nonsense"}),
    ("/profile/phone", {"phone": "12345"}),
    ("/profile/phone", {"phone": "0000000000"}),
    ("/profile/phone", {"phone": "+999 12345678"}),
    ("/profile/phone", {"phone": "+33 1"}),
    ("/profile/phone", {"phone": "020 7946 0100 ext 5"}),
    ("/profile/phone", {"phone": "0" * 5000}),
    ("/profile/phone", {"phone": "020 7946\x00 0100"}),
    ("/profile/contact", {}),
    ("/profile/contact", {"contact_by": "pigeon"}),
    ("/profile/contact", {"contact_by": "email", "contact_needs": LONG}),
    ("/profile/contact", {"contact_by": "email", "contact_needs": "a\x00b"}),
    ("/profile/contact", {"contact_by": ["email", "letter"]}),
    ("/profile/language", {}),
    ("/profile/language", {"language": "tlh"}),
    ("/profile/language", {"language": LONG}),
    ("/profile/email", {"email": ""}),
    ("/profile/email", {"email": "nobody"}),
    ("/profile/email", {"email": "a@b"}),
    ("/profile/email", {"email": "ann@example.org\r\nBcc: all@example.org"}),
    ("/profile/email", {"email": "ann@example.org, bob@example.org"}),
    ("/profile/email", {"email": "a" * 300 + "@example.org"}),
    ("/profile/email", {"email": "Ann <ann@example.org>"}),
    ("/profile/address/home", {"postcode": ""}),
    ("/profile/address/home", {"postcode": "W6"}),
    ("/profile/address/home", {"postcode": "12345"}),
    ("/profile/address/home", {"postcode": LONG}),
    ("/profile/address/home", {"postcode": "W6\x00 9JU"}),
    ("/profile/address/home/choose?postcode=W6+9JU", {}),
    ("/profile/address/home/choose?postcode=W6+9JU", {"uprn": "1"}),
    ("/profile/address/home/by-hand", TYPED | {"line_1": ""}),
    ("/profile/address/home/by-hand", TYPED | {"town": ""}),
    ("/profile/address/home/by-hand", TYPED | {"postcode": "nonsense"}),
    ("/profile/address/home/by-hand", TYPED | {"line_2": LONG}),
    ("/profile/address/home/by-hand", TYPED | {"line_1": "1\x00"}),
]


@pytest.mark.parametrize(("path", "values"), BAD)
def test_a_wrong_answer_is_told_in_a_sentence(ann: Resident, path: str, values: dict[str, Any]) -> None:
    with ann.app.app_context():
        before = queries.everything_about(ann.account.id)
    sentences = ann.refused(path, values)
    assert all(len(sentence) > 10 and "\x00" not in sentence for sentence in sentences)
    with ann.app.app_context():
        assert queries.everything_about(ann.account.id) == before


def test_a_date_with_a_fourth_part_is_still_a_date(ann: Resident) -> None:
    ann.send("/profile/date-of-birth", born("1", "2", "1984") | {"date_of_birth-hour": "5", "extra": "x"})
    assert "1 February 1984" in ann.get("/profile")


def test_a_telephone_number_in_other_digits_is_understood(ann: Resident) -> None:
    ann.send("/profile/phone", {"phone": "٠٢٠٧٩٤٦٠١٠٠"})
    assert "020 7946 0100" in ann.get("/profile")


@pytest.mark.parametrize(
    "path",
    [
        "/profile/address/work",
        "/profile/address/home/confirm/x",
        "/profile/nothing",
    ],
)
def test_a_page_that_is_not_there_is_not_found(ann: Resident, path: str) -> None:
    assert ann.client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["", "uprn=", "uprn=x", "uprn=%00", "uprn=" + "9" * 500, "uprn=1&uprn=2"])
def test_an_address_that_is_on_no_list_leads_back_to_the_postcode(ann: Resident, query: str) -> None:
    answer = ann.client.get(f"/profile/address/home/confirm?{query}")
    assert answer.location == "/profile/address/home"


@pytest.mark.parametrize("query", ["", "postcode=", "postcode=x", "postcode=%00", "postcode=" + "9" * 500])
def test_a_list_for_no_postcode_leads_back_to_the_postcode(ann: Resident, query: str) -> None:
    answer = ann.client.get(f"/profile/address/home/choose?{query}")
    assert answer.location == "/profile/address/home"


def test_a_postcode_without_addresses_says_so(ann: Resident) -> None:
    page = ann.get("/profile/address/home/choose?postcode=ZE1+0AA")
    assert "We know no address" in page
    assert "Type the address yourself" in page


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_nothing_is_taken(ann: Resident, path: str) -> None:
    assert ann.client.post(path, data=NAME).status_code == 400


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS[:5] + PATHS[6:]),  # but for the e-mail address, which has a limit
    values=st.lists(
        st.tuples(
            st.sampled_from(FIELDS),
            st.text(max_size=30) | st.sampled_from(["1", "1984", "email", "cy", "W6 9JU", "07700 900123"]),
        ),
        max_size=12,
    ),
)
def test_no_answer_at_all_breaks_a_page(ann: Resident, path: str, values: list[tuple[str, str]]) -> None:
    hidden = ann.hidden(ann.get(path))
    sent: MultiDict[str, str] = MultiDict([("csrf_token", hidden["csrf_token"])])
    for name, value in values:
        sent.add(name, value.encode("utf-8", "ignore").decode())
    answer = ann.client.post(path, data=sent)
    assert answer.status_code in (200, 303, 409)
    if answer.status_code == 200:
        assert errors(answer.get_data(as_text=True))
