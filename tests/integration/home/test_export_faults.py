"""A service that cannot say what it keeps about somebody: the file says so, and the log says no more than where."""

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.home import data
from portal.web.state import web_state


def test_what_a_fault_says_of_a_resident_is_not_logged(
    app: Flask, sam: Account, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = web_state(app)
    monkeypatch.setattr(state, "settings", state.settings.model_copy(update={"demo": False}))
    address = "@".join(("sam", "example.org"))

    def export(account: Account) -> object:
        raise LookupError(f"nothing known of {account.display_name}, {address}")

    with app.test_request_context("/"):
        assert data._part("reporting", export, sam).keys() == {"missing"}
    assert "service failed to export: reporting" in caplog.text
    assert "LookupError" in caplog.text
    assert "in export" in caplog.text
    assert address not in caplog.text
    assert "nothing known of Sam" not in caplog.text
