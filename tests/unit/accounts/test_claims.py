"""What claims are worth, whatever is in them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts import claims as worth

NAMES = [*worth.LIMITS, *worth.CONTACT.values(), "locale"]
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)


# The first examples take long on a machine with other work, and that is no fault of ours.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING), st.sampled_from(["low", "medium", "high"]))
def test_claims_of_any_shape_are_judged(claims: dict[str, object], level: str) -> None:
    found = worth.verified(claims, level)
    assert all(value and len(value) <= worth.LIMITS[name] for name, value in found.items())
    assert worth.language(claims, "en") in ("en", "cy")
    for value in found.values():
        value.encode()
    if claims.get("email_verified") is not True:
        assert "email" not in found
    if level == "low":
        assert not set(worth.PERSONAL) & set(found)


def test_a_date_that_is_not_whole_is_no_verified_date_of_birth() -> None:
    for birthdate in ("1984", "0000-03-27", "1984-02-31", "27/03/1984"):
        assert worth.verified({"birthdate": birthdate}, "high") == {}


@pytest.mark.parametrize("unusable", ["Ann\ud800", "\u202eAnn", "An\x00n", "Ann\uffff", "x" * 5000])
def test_a_name_that_nobody_can_type_is_none(unusable: str) -> None:
    assert worth.text_claim({"given_name": unusable}, "given_name") == ""


@pytest.mark.parametrize("email", ["ann", "ann@", "jörg@example.org", "Ann <ann@example.org>", "a b@example.org"])
def test_an_address_that_we_could_not_write_to_is_not_verified(email: str) -> None:
    assert worth.verified({"email": email, "email_verified": True}, "low") == {}
