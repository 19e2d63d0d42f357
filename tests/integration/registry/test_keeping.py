"""What is over is erased each night by what the manifests say: in portions, and whatever is wrong with one of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.db.session import session
from portal.kit import Retention
from portal.registry import keeping
from portal.registry.discovery import Mounted
from portal.registry.keeping import let_go, let_go_of, would_let_go
from portal.registry.models import ServiceSwitch
from portal.registry.mount import mounted
from tests.support.fixtures import Clock


def kept(let_go: Callable[[datetime], int] | None) -> Retention:
    return Retention(what="Plots", days=10, after="the end", basis="law", tables=("plot",), let_go=let_go)


def invented(*retention: Retention) -> Mounted:
    """A service of this portal that keeps things so."""
    first = mounted()[0]
    return replace(first, service=replace(first.service, retention=retention))


def put(many: int) -> None:
    """Rows to let go of; any table will do."""
    now = clock.now()
    session().add_all(ServiceSwitch(slug=f"s{n}", reason="", reason_cy="", off_since=now) for n in range(many))
    session().commit()


def left() -> int:
    return session().scalar(select(func.count()).select_from(ServiceSwitch)) or 0


def two_at_a_time(before: datetime) -> int:
    assert before == clock.now() - timedelta(days=10)
    rows = session().scalars(select(ServiceSwitch).order_by(ServiceSwitch.slug).limit(2)).all()
    for row in rows:
        session().delete(row)
    session().flush()
    return len(rows)


def faulty(_before: datetime) -> int:
    raise ValueError("of a plot")


@pytest.fixture(autouse=True)
def context(app: Flask, at: Clock) -> Iterator[None]:
    """In the application, with five rows, and while the clock stands still."""
    with app.app_context():
        put(5)
        yield


def test_portions_are_erased_until_nothing_is_left_and_each_is_on_the_trail() -> None:
    (gone,) = let_go_of(invented(kept(two_at_a_time), kept(None)))
    assert (gone.many, gone.fault, left()) == (5, "", 0)
    entries = session().execute(
        select(AuditEntry.subject, AuditEntry.details).where(AuditEntry.act == "service.let_go").order_by(AuditEntry.id)
    )
    assert [row.details["many"] for row in entries] == [2, 2, 1]


def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    (gone,) = would_let_go(invented(kept(two_at_a_time)))
    assert (gone.many, left()) == (5, 5)


def test_a_service_cannot_commit_in_a_dry_run() -> None:
    def commits(before: datetime) -> int:
        many = two_at_a_time(before)
        session().commit()
        return many

    (gone,) = would_let_go(invented(kept(commits)))
    assert (gone.fault, left()) == ("RuntimeError", 5)


def test_a_fault_of_one_keeps_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    service = invented(kept(faulty), kept(two_at_a_time))
    monkeypatch.setattr(keeping, "mounted", lambda: [service])
    let_go()
    assert left() == 0
    assert f"{service.slug} could not let go of what is over in plot" in caplog.text
    assert "ValueError" in caplog.text


def test_one_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_PORTIONS", 3)
    (gone,) = let_go_of(invented(kept(lambda _before: 7)))
    assert (gone.many, gone.fault) == (21, "RuntimeError")
