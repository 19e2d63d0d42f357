"""Settings that would only fail later are refused at the start."""

import pytest

from portal.errors import SetupError
from portal.settings.reading import load_settings

KEY = {"MOOTHALL_SECRET_KEY": "k" * 32}


def test_only_the_demo_does_without_a_mail_server() -> None:
    with pytest.raises(SetupError, match="MOOTHALL_MAIL__HOST"):
        load_settings(KEY)
    assert load_settings(KEY | {"MOOTHALL_DEMO": "true"}).mail.host is None
    assert load_settings(KEY | {"MOOTHALL_MAIL__HOST": "smtp.example"}).mail.host == "smtp.example"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TOKEN", "two\nlines", "on one line"),
        ("WEBHOOK_SECRET", "w" * 32, "TOKEN: must be set"),
        ("WEBHOOK_SECRET", "short", "at least 20"),
        ("URL", "publicapi.example", "must look like"),
    ],
    ids=["token", "secret alone", "short secret", "address"],
)
def test_a_payment_gateway_that_could_not_work_is_refused(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        load_settings(KEY | {"MOOTHALL_DEMO": "true", f"MOOTHALL_PAY__{name}": value})


def test_a_payment_gateway_is_asked_over_https_alone() -> None:
    away = {"MOOTHALL_PUBLIC_URL": "https://my.council.example", "MOOTHALL_MAIL__HOST": "smtp.example"}
    with pytest.raises(SetupError, match="PAY__URL: must be https"):
        load_settings(KEY | away | {"MOOTHALL_PAY__URL": "http://pay.example"})
    assert not load_settings(KEY | away).pay.is_set
