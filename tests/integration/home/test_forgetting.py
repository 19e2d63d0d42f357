"""Callers who never claim what staff kept for them are forgotten; a case that is open keeps them."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal import clock
from portal.accounts import claim_codes
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.queries import get_account
from portal.cases.models import CaseRow
from portal.db.session import session
from portal.home import forgetting
from portal.home.forgetting import UNCLAIMED_FOR, forget_callers
from tests.support.cases import STAFF
from tests.support.desk import report
from tests.support.fixtures import Clock


def caller(app: Flask, *, ago: timedelta) -> uuid.UUID:
    """An account that staff opened so long ago."""
    with app.test_request_context("/"):
        found = claim_codes.open_for_caller(STAFF, given_name="Cara", family_name="Caller")
        since = {"unclaimed_since": clock.now() - ago}
        session().execute(update(AccountRow).where(AccountRow.id == found).values(since))
        session().commit()
    return found


def known(app: Flask) -> set[uuid.UUID]:
    """The accounts of which there still is a name."""
    with app.app_context():
        return set(session().scalars(select(ProfileRow.account_id)))


def test_a_caller_who_never_came_is_forgotten_unless_a_case_is_open(app: Flask, at: Clock) -> None:
    long_ago, lately = UNCLAIMED_FOR + timedelta(days=1), UNCLAIMED_FOR - timedelta(days=1)
    old, young, waiting, done = (caller(app, ago=ago) for ago in (long_ago, lately, long_ago, long_ago))
    with app.test_request_context("/"):
        accounts = [get_account(each) for each in (waiting, done)]
    _open, closed = (report(app, each) for each in accounts)
    with app.app_context():
        session().execute(update(CaseRow).where(CaseRow.id == closed.id).values(closed_at=func.now(), status="fixed"))
        session().commit()
        forget_callers()
        forget_callers()
        session().commit()
    assert known(app) == {young, waiting}
    with app.app_context():
        assert session().get_one(AccountRow, old).closed_at is not None
        assert session().get_one(AccountRow, old).unclaimed_since is None
        assert session().get_one(CaseRow, closed.id).account_id is None


def test_a_fault_with_one_keeps_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = sorted(caller(app, ago=UNCLAIMED_FOR * 2) for _each in range(2))
    real = forgetting.forget_person

    def faulty(account_id: uuid.UUID) -> None:
        if account_id == one:
            raise RuntimeError("no")
        real(account_id)

    monkeypatch.setattr(forgetting, "forget_person", faulty)
    with app.app_context():
        forget_callers()
    assert known(app) == {one}
    assert other not in known(app)
