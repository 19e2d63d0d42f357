"""The job that deletes what has run out, when there is much of it."""

from typing import Any

import pytest
from sqlalchemy import event

from portal.db.session import db
from portal.identity import operations
from portal.jobs import portions
from tests.integration.identity.conftest import Browser
from tests.support.fixtures import Clock


class CutOff(Exception):
    """The worker is killed."""


def test_what_is_done_stays_done_when_the_job_is_cut_off(
    browser: Browser, at: Clock, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        browser.begin()
    at.advance(days=1)
    monkeypatch.setattr(portions, "AT_ONCE", 2)
    with browser.client.application.app_context():
        deletions = 0

        def cut(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            nonlocal deletions
            deletions += statement.startswith("DELETE")
            if deletions == 3:
                raise CutOff

        event.listen(db.engine, "before_cursor_execute", cut)
        with pytest.raises(CutOff):
            operations.tidy()
        event.remove(db.engine, "before_cursor_execute", cut)
        db.session.rollback()
        assert rows("select count(*) from portal.sign_in_attempt") == [(1,)]
        operations.tidy()
        db.session.rollback()  # each portion is committed already
    assert rows("select count(*) from portal.sign_in_attempt") == [(0,)]
