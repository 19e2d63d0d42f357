"""Residents are told once of what no longer lowers their bill, and asked once whether something still does."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kit import clock, session
from services.council_tax.operations import looking_ahead
from services.council_tax.queries.ends import ends_of
from services.council_tax.tests.claiming import lowers
from services.council_tax.tests.conftest import Works
from services.council_tax.tests.told import REFERENCE, ToldSystem, account
from tests.support.residents import Resident

TODAY = date(2026, 6, 10)
Nights = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def june(monkeypatch: pytest.MonkeyPatch, told: ToldSystem) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 10, 2, tzinfo=UTC))
    monkeypatch.setattr(looking_ahead, "system", lambda **_patience: told)


@pytest.fixture
def night(app: Flask, works: Works) -> Nights:
    """One night's look, and all that anybody has been told so far."""

    def look() -> list[str]:
        with app.app_context():
            looking_ahead.look_ahead()
            session().commit()
        works()
        with app.app_context():
            return list(session().scalars(text("select subject from portal.notice order by told_at, key")))

    return look


def test_what_ended_yesterday_is_told_once(ada: Resident, told: ToldSystem, night: Nights) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("student", until_on=date(2026, 6, 9)),))
    assert night() == night() == ["Something that lowered your council tax bill has ended"]
    page = ada.get("/inbox")
    assert "has ended" in page
    assert "student" not in page


def test_what_is_due_for_review_is_asked_once_a_review(ada: Resident, told: ToldSystem, night: Nights) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("single_person", review_on=TODAY),))
    assert night() == night() == ["Does this still apply to your council tax?"]


def test_each_person_on_the_account_is_told(ada: Resident, ben: Resident, told: ToldSystem, night: Nights) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("student", until_on=date(2026, 6, 9)),))
    assert len(night()) == 2


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"until_on": date(2026, 6, 10)}, 0),
        ({"until_on": date(2026, 6, 9)}, 1),
        ({"until_on": date(2026, 5, 11)}, 1),
        ({"until_on": date(2026, 5, 10)}, 0),
        ({"review_on": date(2026, 6, 11)}, 0),
        ({"review_on": date(2026, 6, 10)}, 1),
        ({"review_on": date(2026, 5, 10)}, 0),
        ({"review_on": date(2026, 6, 10), "until_on": date(2026, 12, 1)}, 0),
        ({"until_on": date(2026, 6, 9), "kind": "premium"}, 0),
    ],
    ids=["last day", "over", "a month", "old news", "not yet", "due", "long due", "ends anyway", "a premium"],
)
def test_only_what_is_new_is_told(values: dict[str, date], count: int) -> None:
    assert len(ends_of(account(adjustments=(lowers("student", **values),)), TODAY)) == count
