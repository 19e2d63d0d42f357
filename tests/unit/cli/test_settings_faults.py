"""What is wrong with a setting is said with the name of the variable to change."""

import pytest

from portal.errors import SetupError
from portal.settings.reading import load_settings

SECRET = {"MOOTHALL_SECRET_KEY": "s" * 32}
PARTY = {"MOOTHALL_PROVIDERS__ID__ISSUER": "https://id.example", "MOOTHALL_PROVIDERS__ID__CLIENT_ID": "x"}


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "MOOTHALL_SECRET_KEY: must be at least 32 characters"),
        (SECRET | {"MOOTHALL_PUBLIC_URL": "http://my.council.example"}, "MOOTHALL_PUBLIC_URL: must be https"),
        (SECRET | {"MOOTHALL_PUBLIC_URL": "https://a.example/b"}, "MOOTHALL_PUBLIC_URL: must look like"),
        (
            SECRET | {"MOOTHALL_PUBLIC_URL": "https://my.council.example", "MOOTHALL_DEMO": "1"},
            "MOOTHALL_DEMO: must not be set here",
        ),
        (
            SECRET | PARTY | {"MOOTHALL_PROVIDERS__ID__CLIENT_SECRET": "y", "MOOTHALL_PROVIDERS__ID__SCOPES": "[]"},
            "MOOTHALL_PROVIDERS__ID__SCOPES: must contain openid",
        ),
    ],
)
def test_a_fault_names_its_variable(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SetupError) as caught:
        load_settings(environment)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(sentence)
    assert "Settings:" not in line
