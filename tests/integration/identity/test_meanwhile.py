"""A callback takes as long as the provider does. What is decided meanwhile counts for it."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

from portal import clock
from portal.accounts import operations as accounts
from portal.db.session import session
from portal.identity import operations, recovery
from portal.identity.ending import BY_THEMSELVES
from tests.integration.identity.conftest import Browser
from tests.integration.identity.two_providers import YOURS, Town, both, county
from tests.support.hostile_provider import HostileProvider

__all__ = ["both", "county"]


def meanwhile(app: Any, provider: HostileProvider, act: Callable[[], object]) -> None:
    """Have this done, and committed, while the provider makes its ID token."""

    def doing(token: Any) -> Any:
        with app.test_request_context("/"):
            act()
            session().commit()
        return token

    provider.raw_id_token = doing


def whose(rows: Any) -> uuid.UUID:
    ((account_id,),) = rows("select id from portal.account")
    return uuid.UUID(str(account_id))


def report(account_id: uuid.UUID) -> None:
    recovery.report(account_id, doubted_since=clock.now(), actor="system:tests")


def test_a_way_is_not_added_once_a_sign_in_was_reported(both: Town, rows: Any) -> None:
    ada = both.browser()
    both.come(ada, "town")
    meanwhile(both.app, both.county, lambda: report(whose(rows)))
    answer = both.add(ada, "county")
    assert answer.status_code == 403
    assert "was not added" in answer.text
    assert len(both.identities()) == 1
    assert not ada.is_signed_in()


def test_a_way_is_not_added_once_they_signed_out_everywhere(both: Town, rows: Any) -> None:
    ada = both.browser()
    both.come(ada, "town")
    meanwhile(both.app, both.county, lambda: operations.end_sessions(whose(rows), why=BY_THEMSELVES))
    assert both.add(ada, "county").status_code == 403
    assert len(both.identities()) == 1


def step_up_while(browser: Browser, rows: Any, act: Callable[[uuid.UUID], object]) -> Any:
    """Prove more, while this is done to the account; the answer to the callback."""
    browser.sign_in()
    browser.provider.claims["acr"] = "documents"
    callback = browser.provider.authorize(browser.leave_to_prove("/extra").headers["Location"])
    meanwhile(browser.client.application, browser.provider, lambda: act(whose(rows)))
    answer = browser.come_back(callback)
    assert not browser.is_signed_in()
    assert rows("select id from portal.session where ended_at is null") == []
    return answer


def test_more_proof_does_not_bring_back_a_session_that_was_ended(browser: Browser, rows: Any) -> None:
    answer = step_up_while(browser, rows, lambda whose: operations.end_sessions(whose, why=BY_THEMSELVES))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/extra&why=elsewhere")
    assert "session_ended" in str(rows("select details from portal.audit_entry"))


def test_more_proof_does_not_bring_back_a_session_that_was_reported(browser: Browser, rows: Any) -> None:
    step_up_while(browser, rows, report)


def test_what_waits_is_not_linked_once_a_sign_in_was_reported(both: Town, rows: Any) -> None:
    both.come(both.browser(), "town")
    newcomer = both.browser()
    both.county.userinfo["email"] = "ada@example.org"
    assert both.come(newcomer, "county").headers["Location"] == YOURS
    begun = both.press(newcomer, YOURS, to=f"{YOURS}/sign-in/town")
    meanwhile(both.app, both.town, lambda: report(whose(rows)))
    both.go(newcomer, begun, "town")
    assert len(both.identities()) == 1


def test_signing_out_everywhere_waits_for_who_is_just_changing_the_account(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    app, account_id, done = browser.client.application, whose(rows), threading.Event()

    def end() -> None:
        with app.test_request_context("/"):
            operations.end_sessions(account_id, why=BY_THEMSELVES)
            session().commit()
            done.set()

    ending = threading.Thread(target=end)
    with app.test_request_context("/"):
        accounts.lock(account_id)
        ending.start()
        assert not done.wait(0.2)
        session().commit()
    ending.join()
    assert not browser.is_signed_in()
