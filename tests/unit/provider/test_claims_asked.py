"""Reading the `claims` parameter."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.provider.claims_asked import ClaimsAsked, read, short


def test_only_what_we_know_is_taken_and_the_rest_ignored() -> None:
    asked = read('{"userinfo":{"nickname":null,"email":{"essential":true},"sub":null},"id_token":{"name":null},"x":1}')
    assert asked == ClaimsAsked(userinfo=("email",), id_token=("name",))
    assert asked.names == {"email", "name"}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"userinfo":null}',
        '{"userinfo":{"email":null,"name":null},"id_token":{"birthdate":null}}',
        '{"id_token":{"sub":{"value":"x"},"acr":{"essential":true,"values":["a","b"]}}}',
        '{"id_token":{"acr":{"value":"a"}}}',
    ],
)
def test_the_short_form_says_the_same(text: str) -> None:
    assert read(short(read(text))) == read(text)


def test_the_short_form_grows_with_nothing_that_we_ignore() -> None:
    long = {"userinfo": {f"https://claims.example/{number}": {"essential": True} for number in range(50)}}
    assert short(read(json.dumps(long))) == "{}"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["userinfo", "id_token", "sub", "acr", "email", "value", "values", "essential"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_comes_is_read_or_refused_with_a_value_error(content: object) -> None:
    try:
        asked = read(json.dumps(content))
    except ValueError:
        return
    assert read(short(asked)) == asked
