"""Whatever a home does with its visitors: no minute is lost or made, no balance is below nothing, never too many at
once, and no car twice."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import combinations
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal.kit import Account, Refused, session
from services.permits.models.visitors import VisitorBalance, VisitorSession
from services.permits.operations import visits as operations
from services.permits.operations.visits import lengthen_visit, start_visit, stop_visit
from services.permits.tests import parked
from services.permits.tests.people import resident
from tests.support.fixtures import Clock

CARS = ("AB12CDE", "XY34ZZZ", "LB68BEN")
AT_ONCE = 2
BOUGHT = 15 * 60
BEGINS = "2026-03-01T09:00"
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(("start", "start", "stop", "longer", "wait")), st.integers(0, 2), st.integers(1, 6)),
    min_size=1,
    max_size=14,
)


@pytest.fixture
def home(app: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sequence[Account]]:
    """Two of one home."""
    at.move_to(BEGINS)
    monkeypatch.setattr(operations, "limit", lambda *_words, **_named: None)
    with app.app_context():
        people = [resident(app, name).account for name in ("Ada", "Ben")]
        for each in people:
            parked.permit(each, "", kind="visitor", days=365)
        session().commit()
        yield people


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_rules_hold_after_every_step(home: Sequence[Account], at: Clock, steps: list[Step]) -> None:
    _afresh(home, at)
    for nth, (act, which, amount) in enumerate(steps):
        who = home[(nth + which) % len(home)]
        with suppress(Refused):
            _do(who, at, act, which, amount)
        session().commit()
        _hold(home)


def _afresh(home: Sequence[Account], at: Clock) -> None:
    """As if nothing had been done yet."""
    at.move_to(BEGINS)
    for table in (VisitorSession, VisitorBalance):
        session().execute(delete(table))
    for each in home:
        parked.balance(each, minutes=BOUGHT)
    session().commit()


def _do(who: Account, at: Clock, act: str, which: int, amount: int) -> None:
    if act == "start":
        start_visit(who, registration=CARS[which], hours=amount, key=uuid4())
    elif act == "wait":
        at.advance(minutes=37 * amount)
    else:
        mine = _visits_of(who)
        if not mine:
            return
        visit = mine[which % len(mine)]
        if act == "stop":
            stop_visit(who, visit_id=visit.id)
        else:
            lengthen_visit(who, visit_id=visit.id, ends_at=visit.ends_at, hours=amount)


def _visits_of(who: Account) -> Sequence[VisitorSession]:
    own = select(VisitorBalance.id).where(VisitorBalance.account_id == who.id)
    query = select(VisitorSession).where(VisitorSession.balance_id.in_(own)).order_by(VisitorSession.created_at)
    return session().scalars(query).all()


def _hold(home: Sequence[Account]) -> None:
    left = session().scalars(select(VisitorBalance.minutes)).all()
    used = session().scalar(select(func.coalesce(func.sum(VisitorSession.taken), 0))) or 0
    assert all(minutes >= 0 for minutes in left)
    assert sum(left) + used == BOUGHT * len(home)
    visits = session().scalars(select(VisitorSession)).all()
    for moment in [visit.during.lower for visit in visits]:
        assert moment is not None
        there = [visit for visit in visits if _is_there(visit, moment)]
        assert len(there) <= AT_ONCE
        assert all(one.vrm != other.vrm for one, other in combinations(there, 2))


def _is_there(visit: VisitorSession, moment: datetime) -> bool:
    assert visit.during.lower is not None
    return visit.during.lower <= moment < visit.ends_at
