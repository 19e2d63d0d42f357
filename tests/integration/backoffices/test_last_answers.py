"""The last good answer: shown with its time, sealed, nobody else's, and forgotten."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from pydantic import BaseModel
from sqlalchemy import select, update

from portal.accounts import erasure
from portal.accounts.values import Account
from portal.backoffices import answers
from portal.backoffices.answers import ask
from portal.backoffices.forgetting import everything_about, forget, hand_over
from portal.backoffices.leaving import let_go
from portal.backoffices.models import LastAnswerRow
from portal.backoffices.values import Answer
from portal.db.session import session
from portal.errors import NotFound, Unavailable
from tests.support.fixtures import Clock
from tests.support.people import someone

SERVICE = "sample"
KEY = "account:12345678"


class Balance(BaseModel):
    pence: int
    note: str = ""


def away() -> Balance:
    raise Unavailable("Not now.")


def gone() -> Balance:
    raise NotFound


def asked(account_id: uuid.UUID, question: Callable[[], Balance], key: str = KEY) -> Answer[Balance]:
    return ask(account_id, service=SERVICE, key=key, question=question, kind=Balance)


def owes(pence: int) -> Callable[[], Balance]:
    return lambda: Balance(pence=pence, note="Larkspur Lane")


@pytest.fixture
def ann(context: Flask) -> uuid.UUID:
    return someone(context, "Ann").id


def rows() -> list[LastAnswerRow]:
    session().rollback()
    return list(session().scalars(select(LastAnswerRow)))


def test_a_good_answer_is_fresh(ann: uuid.UUID, at: Clock) -> None:
    assert asked(ann, owes(5000)) == Answer(Balance(pence=5000, note="Larkspur Lane"), at.moment, fresh=True)


def test_while_the_office_is_away_the_last_good_answer_is_shown_with_its_time(ann: uuid.UUID, at: Clock) -> None:
    asked(ann, owes(5000))
    said_at = at.moment
    at.advance(hours=3)
    assert asked(ann, away) == Answer(Balance(pence=5000, note="Larkspur Lane"), said_at, fresh=False)


def test_without_a_good_answer_there_is_none_and_no_zero(ann: uuid.UUID) -> None:
    assert asked(ann, away) == Answer(None, None, fresh=False)


def test_nobody_is_shown_anothers_answer_not_even_when_rows_are_moved(ann: uuid.UUID, context: Flask) -> None:
    asked(ann, owes(5000))
    ben = someone(context, "Ben").id
    assert asked(ben, away).value is None
    assert asked(ann, away, key="account:87654321").value is None
    session().execute(update(LastAnswerRow).values(account_id=ben))
    session().commit()
    assert asked(ben, away) == Answer(None, None, fresh=False)


def test_it_is_sealed_in_the_table(ann: uuid.UUID) -> None:
    asked(ann, owes(5000))
    (row,) = rows()
    assert "Larkspur" not in row.sealed
    assert "5000" not in row.sealed


def test_it_is_kept_by_a_page_that_only_reads_and_written_once_a_minute(ann: uuid.UUID, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    first = at.moment
    asked(ann, owes(5000))
    session().rollback()
    at.advance(seconds=30)
    asked(ann, owes(5000))
    assert rows()[0].as_of_at == first
    asked(ann, owes(4000))
    assert rows()[0].as_of_at == at.moment, "another answer is kept at once"
    at.advance(seconds=61)
    asked(ann, owes(4000))
    assert rows()[0].as_of_at == at.moment


def test_what_the_office_no_longer_knows_is_dropped(ann: uuid.UUID) -> None:
    asked(ann, owes(5000))
    with pytest.raises(NotFound):
        asked(ann, gone)
    assert asked(ann, away).value is None


def test_it_is_shown_and_kept_for_thirty_days(ann: uuid.UUID, at: Clock) -> None:
    asked(ann, owes(5000))
    at.advance(days=29)
    assert asked(ann, away).value is not None
    at.advance(days=1, seconds=1)
    assert asked(ann, away).value is None
    answers.tidy()
    assert rows() == []


def test_one_of_an_older_shape_is_none(ann: uuid.UUID) -> None:
    asked(ann, owes(5000))

    class Newer(BaseModel):
        pounds: int

    def newer() -> Newer:
        raise Unavailable

    assert ask(ann, service=SERVICE, key=KEY, question=newer, kind=Newer).value is None


def test_several_values_are_an_answer_too(ann: uuid.UUID) -> None:
    def two() -> tuple[Balance, ...]:
        return (Balance(pence=1), Balance(pence=2))

    def none() -> tuple[Balance, ...]:
        raise Unavailable

    ask(ann, service=SERVICE, key=KEY, question=two, kind=tuple[Balance, ...])
    assert ask(ann, service=SERVICE, key=KEY, question=none, kind=tuple[Balance, ...]).value == two()


def test_other_faults_are_not_hidden_behind_it(ann: uuid.UUID) -> None:
    asked(ann, owes(5000))
    with pytest.raises(ZeroDivisionError):
        asked(ann, lambda: Balance(pence=1 // 0))


def test_it_is_in_the_residents_data_file_and_forgotten_with_them(ann: uuid.UUID, at: Clock) -> None:
    asked(ann, owes(5000))
    assert everything_about(ann)["last_answers"] == [
        {
            "service": SERVICE,
            "question": KEY,
            "as_of_at": at.moment,
            "answer": {"pence": 5000, "note": "Larkspur Lane"},
        }
    ]
    forget(ann)
    session().commit()
    assert rows() == []


def test_who_claims_an_account_does_not_get_what_it_was_told(ann: uuid.UUID, sam: Account) -> None:
    asked(ann, owes(5000))
    hand_over(ann, sam.id)
    session().commit()
    assert rows() == []


def test_nothing_is_kept_of_somebody_who_was_forgotten_while_the_office_was_asked(ann: uuid.UUID) -> None:
    def meanwhile() -> Balance:
        forget(ann)
        erasure.forget(ann)
        session().commit()
        return Balance(pence=1)

    assert asked(ann, meanwhile).fresh
    assert rows() == []


def test_of_a_record_that_was_let_go_nothing_is_kept(ann: uuid.UUID) -> None:
    for key in (KEY, "statement:12345678:2", "properties:p-1:", "account:123456789", "account:2"):
        asked(ann, owes(5000), key)
    let_go(ann, service=SERVICE, kind="account", key="12345678", person_key="p-1")
    session().commit()
    assert {row.key for row in rows()} == {"account:123456789", "account:2"}
