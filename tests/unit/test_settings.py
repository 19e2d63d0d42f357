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
