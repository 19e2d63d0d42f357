"""A resident claims what staff kept for them while staff work on it: all of it arrives, and nobody stops anybody."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.accounts import claim_codes
from portal.accounts.models import FOLDED_NAME
from portal.accounts.queries import get_account
from portal.accounts.values import Account
from portal.cases import messages
from portal.cases.cosigning import ask, sign, take_up
from portal.cases.models import CaseRow
from portal.cases.opening import open_case
from portal.cases.talk_models import CosigningRow, MessageRow
from portal.cases.task_queries import get_task
from portal.cases.tasks import set_task
from portal.db.session import session
from portal.errors import Conflict, Refused
from portal.home.claiming import claim
from tests.support.cases import STAFF
from tests.support.talk import TALKING, new_case, talking


@pytest.fixture(autouse=True)
def kinds(app: Flask) -> Iterator[None]:
    with talking(app):
        yield


class Mounted:
    """A service that looks what it may do."""

    def __init__(self, look: Callable[[uuid.UUID, Account], None]) -> None:
        self.service = self
        self.claim = look


def kept_for_caller(app: Flask) -> tuple[Account, str]:
    """An account that staff keep for a caller, and the code that opens it."""
    with app.test_request_context("/"):
        source = claim_codes.open_for_caller(STAFF, given_name="Sam", family_name="Caller")
        code = claim_codes.make_code(STAFF, source)
        session().commit()
        return get_account(source), code


def beside(app: Flask, act: Callable[[], object]) -> tuple[threading.Thread, list[Exception]]:
    """Do this in a thread and commit; what it raises is in the list."""
    faults: list[Exception] = []

    def run() -> None:
        with app.test_request_context("/"):
            try:
                act()
                session().commit()
            except Exception as fault:  # noqa: BLE001  # whatever it is, the test looks at it
                session().rollback()
                faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, faults


def test_an_act_on_a_case_while_it_is_claimed_stops_neither(
    app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, code = kept_for_caller(app)
    with app.test_request_context("/"):
        case = new_case(source)
    locked, real = threading.Event(), messages.change

    def slow(*arguments: object, **values: object) -> object:
        locked.set()
        time.sleep(0.4)  # the claim comes as far as it can
        return real(*arguments, **values)  # type: ignore[arg-type]  # as they are

    monkeypatch.setattr(messages, "change", slow)
    writing, faults = beside(app, lambda: messages.send_message(STAFF, case.id, "Hello", key="k", channel="desk"))
    assert locked.wait(5)
    claiming, more = beside(app, lambda: claim(sam, code))
    for thread in (writing, claiming):
        thread.join()
    assert faults + more == []
    with app.app_context():
        assert session().scalars(select(CaseRow.account_id)).all() == [sam.id]
        assert session().scalars(select(MessageRow.account_id)).all() == [sam.id]


def test_the_cases_are_locked_before_any_service_is_told(
    app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, code = kept_for_caller(app)
    with app.test_request_context("/"):
        case = new_case(source)
    free: list[bool] = []

    def look(_source: uuid.UUID, _account: Account) -> None:
        query = select(CaseRow.id).where(CaseRow.id == case.id).with_for_update(skip_locked=True)
        thread, _faults = beside(app, lambda: free.append(session().scalar(query) is not None))
        thread.join()

    with app.test_request_context("/"):
        monkeypatch.setattr("portal.home.claiming.mounted", lambda: [Mounted(look)])
        claim(sam, code)
        session().commit()
    assert free == [False]


def test_a_case_that_is_opened_while_the_account_is_claimed_is_refused(app: Flask, sam: Account) -> None:
    source, code = kept_for_caller(app)
    with app.test_request_context("/"):
        claim(sam, code)
        thread, faults = beside(app, lambda: open_case(source, case_type=TALKING, key="late"))
        time.sleep(0.3)
        assert thread.is_alive()  # it waits until it is certain whose the account is
        session().commit()
        thread.join()
    assert [type(fault) for fault in faults] == [Conflict]
    with app.app_context():
        assert session().scalars(select(CaseRow)).all() == []


def test_a_case_that_is_opened_before_the_account_is_claimed_is_claimed_too(app: Flask, sam: Account) -> None:
    source, code = kept_for_caller(app)
    with app.test_request_context("/"):
        open_case(source, case_type=TALKING, key="early")
        thread, faults = beside(app, lambda: claim(sam, code))
        time.sleep(0.3)
        session().commit()
        thread.join()
    assert faults == []
    with app.app_context():
        assert session().scalars(select(CaseRow.account_id)).all() == [sam.id]


@pytest.mark.parametrize("how", ["withdrawn", "locked"])
def test_who_claims_a_case_cannot_sign_it_as_the_second_person(
    app: Flask, sam: Account, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, code = kept_for_caller(app)
    if how == "locked":  # were the invitation not withdrawn, whose the case is counts at the moment of signing
        monkeypatch.setattr("portal.cases.cosignings.withdraw_own", lambda *_cases, **_who: {})
    with app.test_request_context("/"):
        case = new_case(source)
        task = set_task(case.id, kind="cosign", title="Ask", words="I agree.", actor=STAFF, key="1")
        tokens: list[str] = []
        ask(source, task.id, email="sam.other@tests.example", link=lambda token: tokens.append(token) or token)
        found = take_up(sam, tokens[0])
        session().commit()
        claim(sam, code)
        session().commit()
        with pytest.raises(Refused):
            sign(sam, found.id)
        session().rollback()
        assert get_task(sam.id, task.id).state == "open"
        state = session().scalar(select(CosigningRow.state))
    assert state == ("withdrawn" if how == "withdrawn" else "asked")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("update portal.case_document set owner_id = :id where owner_id = :id", "ix_case_document_owner_id"),
        ("select id from portal.case_cosigning where case_id = :id", "ix_case_cosigning_case_id"),
        ("select id from portal.address where postcode = 'W6 9JU'", "ix_address_postcode"),
        (f"select account_id from portal.profile where {FOLDED_NAME} = 'x'", "ix_profile_family_name_folded"),
        ("select id from portal.account where unclaimed_since < now()", "ix_account_unclaimed_since"),
    ],
    ids=["files", "signatures", "postcode", "name", "unclaimed"],
)
def test_finding_and_claiming_go_along_indexes(app: Flask, query: str, index: str) -> None:
    with app.app_context():
        session().execute(text("set local enable_seqscan = off"))  # in a small table it would be the quicker way
        plan = "\n".join(session().scalars(text(f"explain {query}"), {"id": uuid.UUID(int=7)}))
        session().rollback()
    assert index in plan
