"""Joined records: one for each person on a record, seen by nobody else, let go again."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Conflict, NotFound
from portal.joining.records import (
    all_joined,
    get_joined,
    holders_of,
    join_record,
    joined_after,
    joined_records,
    leave_record,
    protect,
)
from portal.joining.values import JoinedRecord
from tests.support.people import someone

REFERENCE = "80012345"


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield
        session().rollback()


@pytest.fixture
def ada(app: Flask) -> Account:
    return someone(app, "Ada")


@pytest.fixture
def ben(app: Flask) -> Account:
    return someone(app, "Ben")


def joined(account: Account, person_key: str, key: str = REFERENCE) -> JoinedRecord:
    made = join_record(account, service="reporting", kind="account", key=key, person_key=person_key, role="joint")
    session().commit()
    return made


def test_a_joined_record_is_found_by_its_reference(ada: Account) -> None:
    made = joined(ada, "p-1")
    assert get_joined(ada, "reporting", REFERENCE) == made
    assert joined_records(ada, "reporting") == [made]
    assert joined_records(ada, "council_tax") == []


def test_joining_twice_is_joining_once(ada: Account) -> None:
    assert joined(ada, "p-1") == joined(ada, "p-1")
    assert len(all_joined(ada.id)) == 1


def test_two_people_of_one_record_may_both_join_it(ada: Account, ben: Account) -> None:
    first, second = joined(ada, "p-1"), joined(ben, "p-2")
    assert holders_of("reporting", "account", REFERENCE) == [first, second]


def test_one_person_of_a_record_is_in_one_account_only(ada: Account, ben: Account) -> None:
    joined(ada, "p-1")
    with pytest.raises(Conflict):
        joined(ben, "p-1")
    assert all_joined(ben.id) == []


def test_somebody_elses_record_looks_like_none(ada: Account, ben: Account) -> None:
    joined(ada, "p-1")
    said = []
    for key in (REFERENCE, "00000000", f"{REFERENCE}\0"):
        with pytest.raises(NotFound) as refused:
            get_joined(ben, "reporting", key)
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_a_record_that_was_left_is_gone_and_may_be_joined_by_another(ada: Account, ben: Account) -> None:
    joined(ada, "p-1")
    leave_record(ada, service="reporting", kind="account", key=REFERENCE)
    assert joined_records(ada, "reporting") == []
    assert joined(ben, "p-1").account_id == ben.id
    with pytest.raises(NotFound):
        leave_record(ada, service="reporting", kind="account", key=REFERENCE)


def test_a_protected_record_is_so_for_everybody_on_it(ada: Account, ben: Account) -> None:
    joined(ada, "p-1"), joined(ben, "p-2")
    protect("reporting", "account", REFERENCE, protected=True, actor="system:tests")
    assert [each.protected for each in holders_of("reporting", "account", REFERENCE)] == [True, True]


def test_rounds_go_by_accounts_and_bring_all_of_each(app: Flask) -> None:
    for name in ("Carys", "Devi", "Edwin"):
        person = someone(app, name)
        for number in ("1", "2"):
            joined(person, f"p-{name}", f"8000000{number}")
    found: list[JoinedRecord] = []
    after = None
    while portion := joined_after("reporting", after, 2):
        found += portion
        after = portion[-1].account_id
    assert len(found) == len({each.id for each in found}) == 6
    assert [each.account_id for each in found] == sorted(each.account_id for each in found)


def test_two_accounts_at_once_end_in_one(app: Flask, ada: Account, ben: Account) -> None:
    ends: list[str] = []
    barrier = threading.Barrier(2)

    def join(account: Account) -> None:
        with app.test_request_context("/"):
            barrier.wait()
            try:
                joined(account, "p-1")
                ends.append("joined")
            except Conflict:
                ends.append("refused")
                session().rollback()

    threads = [threading.Thread(target=join, args=(each,)) for each in (ada, ben)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(ends) == ["joined", "refused"]
