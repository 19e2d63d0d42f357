"""`moothall check` tries the offices that the settings name, and says which of them does not answer."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr

from services.reporting.backoffice import trying
from services.reporting.queries import about
from services.reporting.settings.offices import Office
from services.reporting.tests.playing_works import settings_with
from tests.support.office import FaultyOffice, office_running, says_text

NOBODY = "http://127.0.0.1:1"
SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


@pytest.fixture
def office() -> Iterator[FaultyOffice]:
    with office_running() as running:
        yield running


def test_who_does_not_answer_is_named(app: Flask, office: FaultyOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.does(says_text("<services/>", mimetype="text/xml"))
    offices = {
        "there": Office(kind="open311", url=office.url),
        "gone": Office(kind="open311", url=NOBODY),
        "hook": Office(kind="webhook", url=f"{NOBODY}/hook", key=SECRET),
        "letters": Office(kind="email", address="lamps@contractor.example"),
    }
    with settings_with(app, offices=offices), app.app_context():
        said = about.check()
        monkeypatch.setattr(trying, "SECONDS", 0)
        untried = about.check()
    assert said.sentence.split(". ") == [
        f"The office gone does not answer at {NOBODY} as open311",
        f"The office hook does not answer at {NOBODY}/hook as webhook.",
    ]
    assert "The office there was not tried" in untried.sentence
    assert not said.ok


def test_a_receiver_that_takes_calls_alone_is_there(app: Flask, office: FaultyOffice) -> None:
    office.does(says_text("Method Not Allowed", status=405, mimetype="text/plain"))
    with settings_with(app, offices={"hook": Office(kind="webhook", url=office.url, key=SECRET)}), app.app_context():
        assert about.check().ok
