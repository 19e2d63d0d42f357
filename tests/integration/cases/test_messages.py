"""Messages on a case, both ways."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import insert, select

from portal.accounts.values import Account
from portal.cases import messages
from portal.cases.messages import mark_read, may_write, messages_of, send_message
from portal.cases.moving import move_case
from portal.cases.queries import get_case, timeline
from portal.cases.rule_models import TeamRow
from portal.cases.talk_models import MessageRow
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused, TooMany
from portal.web.languages import using
from tests.support.cases import OTHER_STAFF, RIGHTS, STAFF
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.people import someone
from tests.support.talk import new_case, talking


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with talking(app), app.test_request_context("/"):
        yield


@pytest.fixture
def case(sam: Account) -> Case:
    session().execute(insert(TeamRow).values(slug="streets", title="Street services", title_cy="Strydoedd"))
    return new_case(sam)


def say(actor: str, case: Case, body: str = "When will you come?", key: str | None = None) -> messages.Message:
    sent = send_message(actor, case.id, body, key=key or uuid.uuid4().hex)
    session().commit()
    return sent


def by(account: Account) -> str:
    return f"account:{account.id}"


def test_each_message_gives_the_turn_to_the_other_side_and_is_in_the_timeline(sam: Account, case: Case) -> None:
    say(STAFF, case, "Which pothole?")
    assert get_case(sam.id, case.id).waits_for == "resident"
    say(by(sam), case, "The deep one.")
    now = get_case(sam.id, case.id)
    assert (now.waits_for, now.version) == ("council", case.version + 2)
    page, older = messages_of(case.id)
    assert [(each.body, each.from_staff) for each in page] == [("The deep one.", False), ("Which pothole?", True)]
    assert older is None
    told = timeline(case.id)
    assert [(event.kind, event.visible, event.actor) for event in told[:2]] == [
        ("message_sent", True, by(sam)),
        ("message_sent", True, STAFF),
    ]
    assert all("pothole" not in str(event) for event in told)


def test_the_same_message_sent_twice_or_at_once_is_there_once(app: Flask, sam: Account, case: Case) -> None:
    def send(_turn: int) -> uuid.UUID:
        with app.test_request_context("/"):
            sent = send_message(by(sam), case.id, "Hello?", key="one")
            session().commit()
            return sent.id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    assert len(messages_of(case.id)[0]) == 1
    assert len(timeline(case.id)) == 2
    with pytest.raises(Conflict, match="other words"):
        say(by(sam), case, "Something else", key="one")
    assert say(by(sam), new_case(sam, "2"), "Something else", key="one")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param("", "Write something", id="empty"),
        pytest.param(" \n\t\u200b ", "Write something", id="blank"),
        pytest.param("x" * 4001, "4,000 characters", id="long"),
        pytest.param("a\x00b", "cannot use", id="control"),
    ],
)
def test_what_says_nothing_or_too_much_is_refused(sam: Account, case: Case, body: str, sentence: str) -> None:
    for actor in (by(sam), STAFF):
        with pytest.raises(Refused, match=sentence):
            say(actor, case, body)
    assert messages_of(case.id) == ([], None)


def test_another_resident_can_neither_write_nor_mark(app: Flask, case: Case) -> None:
    robin = by(someone(app, "Robin"))
    for act in (lambda: say(robin, case), lambda: mark_read(robin, case.id), lambda: say(STAFF, _nowhere(case))):
        with pytest.raises(NotFound):
            act()


def _nowhere(case: Case) -> Case:
    return replace(case, id=uuid.uuid4())


def test_a_resident_writes_only_so_often_and_staff_as_they_must(sam: Account, case: Case) -> None:
    for n in range(messages.AN_HOUR):
        say(by(sam), case, f"Hole {n}.", key=f"{n}")
    with pytest.raises(TooMany, match=r"we have them all\. Wait 60 minutes .* 020 7946 0100"):
        say(by(sam), case)
    assert say(by(sam), case, "Hole 0.", key="0"), "what was sent already costs nothing"
    say(STAFF, case)


def test_residents_are_told_of_the_team_and_never_of_the_person(sam: Account, case: Case) -> None:
    sent = say(STAFF, case, "We come on Monday.")
    assert (sent.team, sent.team_title) == ("streets", "Street services")
    with using("cy"):
        assert messages_of(case.id)[0][0].team_title == "Strydoedd"
    assert say(by(sam), case).team == ""


def test_the_mail_holds_a_reference_and_a_link_and_only_the_resident_gets_one(sam: Account, case: Case) -> None:
    say(STAFF, case, "Your arrears are 300 pounds.")
    say(by(sam), case)
    (letter,) = letters(messages.MAIL)
    assert letter.to_address == "sam@tests.example"
    assert case.reference in letter.subject
    assert f"/cases/{case.reference}" in letter.body
    assert "300" not in letter.body
    assert "Sam" not in letter.body


def test_what_is_read_is_counted_no_more_and_an_answer_means_read(sam: Account, case: Case) -> None:
    other = new_case(sam, "2")
    for _ in range(2):
        say(STAFF, case)
    say(STAFF, other)
    assert mark_read(by(sam), case.id) == 2
    assert mark_read(by(sam), case.id) == 0
    say(by(sam), other)
    assert mark_read(by(sam), other.id) == 0
    assert mark_read(OTHER_STAFF, other.id) == 1


def test_pages_of_messages_meet_without_gap_or_repeat(sam: Account, case: Case, at: Clock) -> None:
    for n in range(7):
        say(STAFF, case, f"{n}")  # all at one moment, so that the id decides
    seen, mark = [], None
    for _ in range(4):
        page, mark = messages_of(case.id, before=mark, limit=2)
        seen += [message.id for message in page]
    assert mark is None
    assert len(seen) == len(set(seen)) == 7
    assert len(messages_of(case.id, before="9" * 40)[0]) == 7, "a mark that cannot be read means the first page"
    assert len(messages_of(case.id, before="9" * 17 + "-" + "0" * 32)[0]) == 7


def close(case: Case) -> None:
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()


def test_a_message_soon_after_the_end_opens_it_again_and_says_so_before(sam: Account, case: Case, at: Clock) -> None:
    close(case)
    at.advance(days=13)
    writing = may_write(get_case(sam.id, case.id))
    assert writing.reopens
    assert "opens it again" in writing.sentence
    say(by(sam), case)
    now = get_case(sam.id, case.id)
    assert (now.is_open, now.reopened, now.waits_for) == (True, 1, "council")
    assert [event.kind for event in timeline(case.id)[:2]] == ["message_sent", "reopened"]


def test_a_message_too_late_is_refused_with_what_to_do(sam: Account, case: Case, at: Clock) -> None:
    close(case)
    at.advance(days=15)
    with pytest.raises(Refused, match=r"closed more than 14 days ago.*new request"):
        say(by(sam), case)
    say(STAFF, case, "One more thing.")  # staff may add a word
    assert get_case(sam.id, case.id).waits_for == "nobody"


def test_a_kind_of_case_without_messages_says_so(sam: Account) -> None:
    with pytest.raises(Refused, match="Ring us"):
        say(by(sam), new_case(sam, silent=True))


def test_what_staff_take_down_for_a_caller_is_the_residents(sam: Account, case: Case) -> None:
    sent = send_message(STAFF, case.id, "He rang.", key="1", channel="telephone", for_resident=True)
    session().commit()
    assert (sent.from_staff, sent.author, sent.team) == (False, STAFF, "")
    assert get_case(sam.id, case.id).waits_for == "council"
    assert letters(messages.MAIL) == []


def test_staff_who_write_for_a_caller_have_not_read_what_we_wrote_to_them(sam: Account, case: Case) -> None:
    send_message(STAFF, case.id, "Please answer us.", key="1", channel="desk")
    send_message(STAFF, case.id, "They say: on Monday.", key="2", channel="telephone", for_resident=True)
    first = select(MessageRow.read_at).where(MessageRow.idempotency_key == "1")
    assert session().scalar(first) is None
    send_message(f"account:{sam.id}", case.id, "As I said.", key="3")
    assert session().scalar(first) is not None


def test_staff_send_nothing_with_a_hole_in_it(sam: Account, case: Case) -> None:
    with pytest.raises(Refused, match="name"):
        send_message(STAFF, case.id, "Dear {{ name }}, we come.", key="1", channel="desk")
    send_message(f"account:{sam.id}", case.id, "What is {{name}}?", key="2")


def test_the_same_words_a_day_later_or_after_an_answer_are_said_again(sam: Account, case: Case, at: Clock) -> None:
    first = say(by(sam), case)
    assert say(by(sam), case) == first
    at.advance(days=1, seconds=1)
    assert say(by(sam), case) != first
    for actor, words in ((STAFF, "Next week."), (by(sam), "When will you come?")):
        at.advance(seconds=1)
        say(actor, case, words)
    assert len(messages_of(case.id)[0]) == 4
