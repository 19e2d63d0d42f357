"""An address that letters come back from can be confirmed anew, though it is the one that we have."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.accounts import email_change
from portal.accounts.queries import get_profile
from portal.db.session import session
from portal.errors import Refused
from portal.notify import contact_problems
from portal.notify.delivery import tidy
from portal.notify.models import OutboundMessage
from portal.notify.queries import newest_messages
from tests.integration.accounts.conftest import Resident


def bounced(account_id: uuid.UUID, days: int = 0) -> OutboundMessage:
    """A letter to Ann that came back."""
    moment = clock.now() - timedelta(days=days)
    letter = OutboundMessage(account_id=account_id, channel="email", to_address="ann@example.org")
    contact_problems.note_failure(letter, moment)
    return letter


def problems(account_id: uuid.UUID) -> int:
    return len(contact_problems.problems_of(account_id, email=get_profile(account_id).email, phone=None))


def test_the_same_address_can_be_confirmed_anew_once_letters_come_back(ann: Resident) -> None:
    with ann.app.test_request_context("/"):
        with pytest.raises(Refused, match="already"):
            email_change.ask(ann.account, email="ann@example.org", link=str)
        bounced(ann.account.id)
        assert problems(ann.account.id) == 1
        email_change.ask(ann.account, email="ann@example.org", link=lambda token: f"http://localhost/{token}/")
        (letter,) = newest_messages()
        found = re.search(r"http://localhost/([^/]+)/", letter.body)
        assert found
        email_change.confirm(ann.account, token=found[1])
        assert problems(ann.account.id) == 0
        assert newest_messages() == [letter]  # nothing was changed, so nobody is told of a change


def test_after_a_month_an_address_is_tried_again(app: Flask, ann: Resident) -> None:
    with app.test_request_context("/"):
        bounced(ann.account.id, days=29)
        session().commit()
        tidy()
        assert problems(ann.account.id) == 1
        contact_problems.clear(ann.account.id, "email")
        bounced(ann.account.id, days=31)
        session().commit()
        tidy()
        assert problems(ann.account.id) == 0


def test_your_details_mark_the_address_with_the_way_to_change_it(ann: Resident) -> None:
    assert "Our emails are not reaching" not in ann.get("/profile")
    with ann.app.test_request_context("/"):
        bounced(ann.account.id)
        session().commit()
    page = ann.get("/profile")
    assert "Our emails are not reaching this address" in page
    assert 'href="/profile/email">Give us another, or confirm this one again' in page
    assert "Confirmed by" not in page.partition("Email address")[2].partition("Telephone number")[0]
