"""`moothall service list`: what was found, and what of it will go."""

import re

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.cli import services


def test_services_are_listed_and_what_will_go_is_said_beside(
    app: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOTHALL_DATABASE_URL", clean_database)
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "tests-tests-tests-tests-tests-tests")
    monkeypatch.setenv("MOOTHALL_MAIL__HOST", "127.0.0.1")
    monkeypatch.setattr(services, "warnings_of", lambda package, folder: [f"{package} uses {folder.name}."])
    ran = CliRunner().invoke(services.service, ["list"])
    assert re.search(r"^permits +Parking permits  \(services\.permits\)  on$", ran.stdout, re.MULTILINE), ran.output
    assert "services.permits uses permits." in ran.stderr
