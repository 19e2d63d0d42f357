"""What One Login's identity says of a resident: names, date of birth and address, kept where they are whole."""

from typing import Any

import pytest

from tests.integration.identity.conftest import Browser
from tests.integration.identity.core_identity import VOCABULARY, OneLogin, browser, confirmed, one_login, proof

__all__ = ["browser", "one_login"]


def test_gov_22_names_and_birth_date_are_kept_and_the_raw_token_is_not(
    browser: Browser, one_login: OneLogin, rows: Any
) -> None:
    proof(browser)
    kept = confirmed(rows)
    assert (kept["given_name"], kept["family_name"]) == ("Priya Ann", "Shah-Jones")
    assert kept["birthdate"] == "1980-02-29"
    signature = str(one_login.token()).split(".")[1][:40]
    tables = rows("select table_schema, table_name from information_schema.tables where table_schema = 'portal'")
    for schema, table in tables:
        assert not rows(f"select 1 from {schema}.{table} t where t::text like '%{signature}%'"), table


@pytest.mark.parametrize(
    "subject",
    [
        {},
        {"name": [], "birthDate": []},
        {"name": "Priya", "birthDate": "1980-02-29"},
        {"name": [{"nameParts": "Priya"}, 7, {"nameParts": [{"type": "GivenName", "value": 7}]}]},
        {"birthDate": [{"value": "1980-02-30"}, {"value": None}, 7]},
    ],
)
def test_gov_22_odd_names_and_dates_are_left_out(
    browser: Browser, one_login: OneLogin, subject: dict[str, Any], rows: Any
) -> None:
    one_login.subject = subject
    assert proof(browser).status_code == 303
    assert not {"given_name", "family_name", "birthdate"} & set(confirmed(rows))


HOME = {"buildingNumber": "12", "streetName": "High Street", "addressLocality": "Marlowe", "postalCode": "ZZ99 1AA"}
ABROAD = {"streetName": "Main Street", "addressLocality": "Springfield", "addressRegion": "IL", "postalCode": "62701"}


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        ([HOME | {"addressCountry": "GB", "validFrom": "2020-01-01"}], "12 High Street, Marlowe, ZZ99 1AA"),
        (
            [ABROAD | {"validUntil": "2020-01-01"}, HOME | {"addressCountry": "GB", "validFrom": "2020-01-01"}],
            "12 High Street, Marlowe, ZZ99 1AA",
        ),
        (
            [HOME | {"validFrom": "2020-01-01"}, ABROAD | {"addressCountry": "US", "validFrom": "2024-01-01"}],
            "Main Street, Springfield, IL, 62701, US",
        ),
        ([], None),
        (None, None),
        ("somewhere", None),
        ([7, {"streetName": 7}], None),
    ],
)
def test_gov_23_the_current_address_is_found_in_any_order_or_not_at_all(
    browser: Browser, one_login: OneLogin, listed: object, kept: str | None, rows: Any
) -> None:
    one_login.provider.userinfo |= {
        f"{VOCABULARY}address": listed,
        f"{VOCABULARY}passport": [{"documentNumber": "1"}],
        f"{VOCABULARY}drivingPermit": None,
    }
    assert proof(browser).status_code == 303
    assert confirmed(rows).get("address") == kept
