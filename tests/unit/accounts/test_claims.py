"""What claims are worth, whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import claims as worth

NAMES = [*worth.LIMITS, *worth.CONTACT.values(), "locale"]
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING), st.sampled_from(["low", "medium", "high"]))
def test_claims_of_any_shape_are_judged(claims: dict[str, object], level: str) -> None:
    found = worth.verified(claims, level)
    assert all(value and len(value) <= worth.LIMITS[name] for name, value in found.items())
    assert worth.language(claims, "en") in ("en", "cy")
    if claims.get("email_verified") is not True:
        assert "email" not in found
    if level == "low":
        assert not set(worth.PERSONAL) & set(found)


def test_a_date_that_is_not_whole_is_no_verified_date_of_birth() -> None:
    for birthdate in ("1984", "0000-03-27", "1984-02-31", "27/03/1984"):
        assert worth.verified({"birthdate": birthdate}, "high") == {}
