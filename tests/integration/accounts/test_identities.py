"""An account is found by the identity that opens it, and made once."""

import threading
import uuid
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.accounts import queries
from portal.accounts.operations import account_for_identity
from portal.db.session import db, session
from portal.errors import NotFound
from portal.web.languages import using

A, B = "https://one.example", "https://two.example"
CLAIMS: dict[str, Any] = {
    "given_name": "Ann",
    "family_name": "Jones",
    "birthdate": "1984-03-27",
    "email": "ann@example.org",
    "email_verified": True,
}


def count(table: str) -> int:
    return int(session().execute(text(f"select count(*) from portal.{table}")).scalar_one())


def test_a_first_sign_in_makes_an_account_and_the_next_finds_it(context: Flask) -> None:
    first = account_for_identity(issuer=A, subject="1", claims=CLAIMS)
    again = account_for_identity(issuer=A, subject="1", claims=CLAIMS)
    assert first == again
    assert first.display_name == "Ann"
    assert (count("account"), count("identity"), count("profile")) == (1, 1, 1)


def test_one_subject_at_two_issuers_is_two_people(context: Flask) -> None:
    one = account_for_identity(issuer=A, subject="1", claims=CLAIMS)
    two = account_for_identity(issuer=B, subject="1", claims=CLAIMS)
    assert one.id != two.id


def test_first_sign_ins_at_the_same_moment_make_one_account(app: Flask) -> None:
    together = threading.Barrier(8)
    found: list[uuid.UUID] = []

    def sign_in() -> None:
        with app.app_context():
            session().execute(text("select 1"))
            together.wait()
            found.append(account_for_identity(issuer=A, subject="1", claims=CLAIMS).id)
            db.session.commit()

    threads = [threading.Thread(target=sign_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    with app.app_context():
        counts = [count(table) for table in ("account", "identity", "profile", "audit_entry")]
    assert counts == [1, 1, 1, 1]


def test_an_address_that_the_provider_has_not_verified_is_not_ours_to_write_to(context: Flask) -> None:
    for flag in (False, "true", 1, None):
        account = account_for_identity(issuer=A, subject=str(flag), claims=CLAIMS | {"email_verified": flag})
        profile = queries.get_profile(account.id)
        assert profile.email is None
        assert profile.verified == ()


def test_names_are_verified_only_by_a_provider_that_has_checked_the_person(context: Flask) -> None:
    low = queries.get_profile(account_for_identity(issuer=A, subject="1", claims=CLAIMS).id)
    assert [claim.name for claim in low.verified] == ["email"]
    assert low.given_name == "Ann"
    second_factor = account_for_identity(issuer=A, subject="1", claims=CLAIMS, level="medium")
    assert [claim.name for claim in queries.get_profile(second_factor.id).verified] == ["email"]
    address = {"formatted": "12 High Street, Marlowe", "street_address": "12 High Street"}
    checked = account_for_identity(issuer=A, subject="1", claims=CLAIMS | {"address": address}, level="high")
    verified = {claim.name: (claim.value, claim.level) for claim in queries.get_profile(checked.id).verified}
    assert verified == {
        "address": ("12 High Street, Marlowe", "high"),
        "email": ("ann@example.org", "high"),
        "given_name": ("Ann", "high"),
        "family_name": ("Jones", "high"),
        "birthdate": ("1984-03-27", "high"),
    }


def test_a_proven_identity_fills_what_was_never_told(context: Flask) -> None:
    bare = {"email": "ann@example.org", "email_verified": True}
    account = account_for_identity(issuer=A, subject="1", claims=bare | {"given_name": "Annie"})
    proven = bare | {"given_name": "Ann Mary", "family_name": "Jones", "birthdate": "1984-03-27"}
    account_for_identity(issuer=A, subject="1", claims=proven, level="high")
    profile = queries.get_profile(account.id)
    assert (profile.given_name, profile.family_name) == ("Annie", "Jones")
    assert profile.date_of_birth == date(1984, 3, 27)


def test_a_later_sign_in_changes_what_is_verified_and_not_what_the_resident_has(context: Flask) -> None:
    account = account_for_identity(issuer=A, subject="1", claims=CLAIMS)
    account_for_identity(issuer=A, subject="1", claims=CLAIMS | {"email": "new@example.org", "given_name": "Anne"})
    profile = queries.get_profile(account.id)
    assert (profile.email, profile.given_name) == ("ann@example.org", "Ann")
    assert [claim.value for claim in profile.verified] == ["new@example.org"]


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"given_name": None, "family_name": 5, "birthdate": ["1984"], "email": {}, "email_verified": True},
        {"given_name": "x" * 5000, "family_name": "a\x00b", "birthdate": "0000-03-27"},
        {"given_name": "\r\nAnn", "email": "a\r\nb@example.org", "email_verified": True, "birthdate": "1984"},
        {"given_name": "\ud800", "family_name": "\uffff", "email": "\udfff@example.org", "email_verified": True},
        {"phone_number": "+44" * 90, "phone_number_verified": True, "locale": 5},
    ],
)
def test_claims_of_any_shape_make_an_account(context: Flask, claims: dict[str, object]) -> None:
    account = account_for_identity(issuer=A, subject="odd", claims=claims, level="high")
    session().commit()
    assert account.display_name in ("Resident", "Ann")
    assert queries.get_profile(account.id).date_of_birth is None


def test_a_new_account_speaks_the_language_of_the_provider_else_of_the_page(context: Flask) -> None:
    assert account_for_identity(issuer=A, subject="1", claims={"locale": "cy-GB"}).language == "cy"
    with using("cy"):
        assert account_for_identity(issuer=A, subject="2", claims={}).language == "cy"
    assert account_for_identity(issuer=A, subject="3", claims={}).language == "en"


def test_a_closed_account_is_not_found(context: Flask) -> None:
    account = account_for_identity(issuer=A, subject="1", claims=CLAIMS)
    session().execute(text("update portal.account set closed_at = now()"))
    for asks in (
        lambda: queries.get_account(account.id),
        lambda: queries.get_profile(account.id),
        lambda: account_for_identity(issuer=A, subject="1", claims=CLAIMS),
        lambda: queries.get_account(uuid.uuid4()),
    ):
        with pytest.raises(NotFound):
            asks()


def test_the_download_of_data_holds_everything(context: Flask) -> None:
    account = account_for_identity(issuer=A, subject="1", claims=CLAIMS, level="high")
    found = queries.everything_about(account.id)
    assert found["account"]["id"] == str(account.id)
    assert found["profile"]["family_name"] == "Jones"
    assert [claim["name"] for claim in found["verified"]] == ["birthdate", "email", "family_name", "given_name"]
    assert [(one["issuer"], one["subject"]) for one in found["identities"]] == [(A, "1")]
