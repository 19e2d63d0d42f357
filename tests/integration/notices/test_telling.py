"""Residents are told once, in their language, in their inbox and by the channel that they chose."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.notices import choices, forgetting, inbox
from portal.notices import digest as digests
from portal.notices.models import NoticeRow
from portal.notices.telling import tell
from portal.notify.contact_problems import digest, note_failure
from portal.notify.models import ContactProblem, OutboundMessage
from tests.support.fixtures import Clock
from tests.support.people import someone
from tests.support.residents import statements
from tests.support.worker import work

TEMPLATE = "reporting/mail/received.txt"


@pytest.fixture
def on(app: Flask, sam: Account) -> Iterator[Account]:
    """Sam, within a request, so that rooms can be called by hand."""
    with app.test_request_context("/"):
        yield sam


def told(account: Account, key: str = "one", **values: Any) -> bool:
    said = tell(account.id, topic="reporting", template=TEMPLATE, key=key, path="/cases/A", reference="A", **values)
    session().commit()
    return said


def sent() -> list[tuple[str, str]]:
    rows = session().execute(select(OutboundMessage.channel, OutboundMessage.to_address))
    return sorted((row.channel, row.to_address) for row in rows)


def number(account: Account, phone: str, contact_by: str = "text") -> None:
    session().execute(
        update(ProfileRow).where(ProfileRow.account_id == account.id).values(phone=phone, contact_by=contact_by)
    )
    session().commit()


def test_a_resident_is_told_in_the_inbox_and_by_letter(on: Account) -> None:
    assert told(on)
    (notice,), older = inbox.inbox_page(on.id)
    assert (notice.subject, notice.path, notice.topic) == ("We have your report A", "/cases/A", "reporting")
    assert older is None
    assert sent() == [("email", "sam@tests.example")]


def test_telling_twice_of_one_event_is_telling_once(on: Account) -> None:
    assert told(on)
    assert not told(on)
    assert told(on, key="another")
    assert inbox.unread(on.id) == 2
    assert len(sent()) == 2


def test_of_two_at_once_one_tells(app: Flask, sam: Account) -> None:
    said: list[bool] = []

    def one() -> None:
        with app.test_request_context("/"):
            said.append(told(sam))

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False, False, False, True]
    with app.app_context():
        assert len(sent()) == 1


def test_what_is_rolled_back_was_never_said(on: Account) -> None:
    tell(on.id, topic="reporting", template=TEMPLATE, key="one", path="/cases/A", reference="A")
    session().rollback()
    assert inbox.unread(on.id) == 0
    assert sent() == []


def test_it_speaks_the_language_of_the_resident(on: Account) -> None:
    session().execute(update(AccountRow).where(AccountRow.id == on.id).values(language="cy"))
    told(on)
    (notice,), _older = inbox.inbox_page(on.id)
    assert notice.subject != "We have your report A"
    assert "A" in notice.subject


def test_who_wants_texts_gets_a_text_and_no_letter(on: Account) -> None:
    number(on, "+447700900123")
    told(on)
    assert sent() == [("sms", "+447700900123")]
    (text,) = session().scalars(select(OutboundMessage)).all()
    assert text.body.startswith("We have your report A")
    assert text.body.endswith("/cases/A")


def test_a_number_that_takes_no_texts_leaves_the_letter(on: Account) -> None:
    number(on, "+442079460100")
    told(on)
    assert sent() == [("email", "sam@tests.example")]


def test_the_choice_for_a_topic_wins_over_the_profile(on: Account) -> None:
    number(on, "+447700900123")
    choices.choose(on, topic="reporting", channel="email")
    told(on)
    assert sent() == [("email", "sam@tests.example")]


def test_none_is_the_inbox_alone(on: Account) -> None:
    choices.choose(on, topic="reporting", channel="none")
    assert told(on)
    assert sent() == []
    assert inbox.unread(on.id) == 1


@pytest.mark.parametrize(("topic", "channel"), [("reporting", "pigeon"), ("nothing", "email")])
def test_what_cannot_be_chosen_is_not_found(on: Account, topic: str, channel: Any) -> None:
    with pytest.raises(NotFound):
        choices.choose(on, topic=topic, channel=channel)


def test_texts_cannot_be_chosen_without_a_mobile_number(on: Account) -> None:
    with pytest.raises(Refused, match="mobile"):
        choices.choose(on, topic="reporting", channel="sms")
    assert choices.choices_of(on.id) == {}


def test_an_address_that_bounces_gives_way_to_the_telephone(on: Account) -> None:
    number(on, "+447700900123", contact_by="email")
    told(on)
    (letter,) = session().scalars(select(OutboundMessage)).all()
    note_failure(letter, letter.created_at)
    told(on, key="two")
    assert sent() == [("email", "sam@tests.example"), ("sms", "+447700900123")]


def test_a_digest_is_one_letter_with_everything_since_the_last(on: Account, at: Clock) -> None:
    choices.choose(on, topic="reporting", channel="digest")
    told(on, "one")
    at.advance(minutes=1)
    tell(on.id, topic="reporting", template=TEMPLATE, key="two", path="/cases/B", reference="B")
    session().commit()
    assert sent() == []
    for _morning in range(2):
        digests.digest()
        session().commit()
        work()
    (letter,) = session().scalars(select(OutboundMessage)).all()
    assert letter.subject == "What is new in your council account"
    assert letter.body.index("report A") < letter.body.index("report B")
    assert "http://localhost/inbox/choices" in letter.body


def test_a_digest_is_a_text_where_the_address_bounced_meanwhile(on: Account) -> None:
    number(on, "+447700900123", contact_by="email")
    choices.choose(on, topic="reporting", channel="digest")
    told(on, "one")
    told(on, "two")
    session().add(
        ContactProblem(
            account_id=on.id,
            channel="email",
            address_hash=digest("sam@tests.example"),
            state="permanent-failure",
            since_at=clock.now(),
        )
    )
    session().commit()
    digests.digest()
    session().commit()
    work()
    (text,) = session().scalars(select(OutboundMessage)).all()
    assert (text.channel, text.to_address) == ("sms", "+447700900123")
    assert "There are 2 new messages in your council account. Read it at http://localhost/inbox" in text.body


def test_digests_go_to_everybody_portion_by_portion(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 2)
    monkeypatch.setattr(digests, "_NEXT", digests._NEXT.limit(2))
    people = [someone(app, f"P{each}") for each in range(5)]
    with app.test_request_context("/"):
        for person in people:
            choices.choose(person, topic="reporting", channel="digest")
            told(person)
        digests.digest()
        session().commit()
        while work():
            pass
        assert len(sent()) == 5


def test_a_closed_account_is_told_nothing(on: Account, at: Clock) -> None:
    session().execute(update(AccountRow).where(AccountRow.id == on.id).values(closed_at=at.moment))
    assert not told(on)
    assert sent() == []


def test_the_inbox_is_paged_by_key_and_read_marks_stay(on: Account, at: Clock) -> None:
    for each in range(5):
        told(on, str(each))
        at.advance(seconds=1)
    first, older = inbox.inbox_page(on.id, limit=3)
    second, end = inbox.inbox_page(on.id, before=older, limit=3)
    assert [len(first), len(second), end] == [3, 2, None]
    assert len({each.id for each in [*first, *second]}) == 5
    inbox.mark_read(on, first[0].id)
    assert inbox.unread(on.id) == 4
    inbox.mark_path_read(on, "/cases/A")
    assert inbox.unread(on.id) == 0


def test_another_persons_notice_is_none(app: Flask, on: Account) -> None:
    told(on)
    (notice,), _older = inbox.inbox_page(on.id)
    other = someone(app, "Olga")
    with pytest.raises(NotFound):
        inbox.get_notice(other.id, notice.id)
    with pytest.raises(NotFound):
        inbox.mark_read(other, notice.id)


def test_telling_asks_little_of_the_database(app: Flask, on: Account) -> None:
    with statements(app) as seen:
        tell(on.id, topic="reporting", template=TEMPLATE, key="one", path="/cases/A", reference="A")
    assert len(seen) <= 5, seen  # how they are reached, what bounces, the notice, the letter, its job


def test_old_notices_are_forgotten_and_a_person_too(on: Account, at: Clock) -> None:
    told(on)
    choices.choose(on, topic="reporting", channel="none")
    at.advance(days=2 * 365 + 1)
    told(on, "late")
    inbox.tidy()
    assert [row.key for row in session().scalars(select(NoticeRow))] == ["late"]
    assert [each["subject"] for each in inbox.everything_about(on.id)] == ["We have your report A"]
    forgetting.forget(on.id)
    assert inbox.everything_about(on.id) == []
    assert choices.choices_of(on.id) == {}
