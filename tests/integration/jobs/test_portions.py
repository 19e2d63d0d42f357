"""Much is deleted in portions, each for good."""

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select

from portal import clock
from portal.db.session import session
from portal.jobs import portions
from portal.jobs.portions import delete_in_portions
from portal.notify.models import OutboundMessage

LETTER = {
    "to_address": "ann@example.org",
    "template": "x",
    "language": "en",
    "subject": "x",
    "body": "",
    "state": "sent",
}


def test_a_backlog_goes_in_portions_that_stay_deleted(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setattr(portions, "AT_ONCE", 4)
    seen: list[str] = []

    def notice(address: str) -> None:
        seen.append(address)
        if len(seen) == 6:
            raise RuntimeError("cut off")

    with app.app_context():
        now = clock.now()
        session().execute(insert(OutboundMessage), [LETTER | {"created_at": now} for _ in range(10)])
        session().commit()
        with pytest.raises(RuntimeError, match="cut off"):
            delete_in_portions(
                OutboundMessage, OutboundMessage.created_at <= now, column=OutboundMessage.to_address, then=notice
            )
        session().rollback()
        left = select(func.count()).select_from(OutboundMessage)
        assert session().scalar(left) == 6
        commits: list[object] = []
        event.listen(session(), "after_commit", commits.append)
        delete_in_portions(OutboundMessage, OutboundMessage.created_at <= now)
        assert session().scalar(left) == 0
        assert len(commits) == 2
