"""Messages on a case, both ways between the resident and the council."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, insert, select, tuple_, update

from portal import clock
from portal.cases.ending import reopen_locked
from portal.cases.merge_fields import holes_in
from portal.cases.merging import speaks_on
from portal.cases.rule_models import TeamRow
from portal.cases.talk_models import MessageRow
from portal.cases.talk_values import Message, mark_of, read_mark
from portal.cases.telling import tell_resident
from portal.cases.types import find_status, find_type
from portal.cases.values import Case, Channel, kind_of
from portal.cases.writing import change, check_version, in_their_place, lock_case
from portal.db.session import session
from portal.errors import Conflict, Refused, TooMany
from portal.web import limits
from portal.web.languages import current_language, ngettext
from portal.web.languages import gettext as _
from portal.web.state import web_state
from portal.web.texts import UnusableText, clean

LONGEST_MESSAGE: Final = 4000
LONGEST_KEY: Final = 80
AN_HOUR: Final = 20
"""How many messages a resident may send in an hour, on all cases together."""
SAME_WORDS: Final = timedelta(days=1)
"""For how long the same words of the same author, with nothing said in between, are the same message."""
PAGE: Final = 20
MAIL: Final = "home/mail/message.txt"

_COLUMNS = (
    MessageRow.id,
    MessageRow.case_id,
    MessageRow.sent_at,
    MessageRow.author,
    MessageRow.channel,
    MessageRow.from_staff,
    MessageRow.team,
    MessageRow.body,
    MessageRow.read_at,
    TeamRow.title,
    TeamRow.title_cy,
)
_MESSAGES = select(*_COLUMNS).outerjoin(TeamRow, TeamRow.slug == MessageRow.team)
_BY_KEY = _MESSAGES.where(MessageRow.case_id == bindparam("case"), MessageRow.idempotency_key == bindparam("key"))
_LAST = (
    _MESSAGES.where(MessageRow.case_id == bindparam("case"), MessageRow.sent_at > bindparam("since"))
    .order_by(MessageRow.sent_at.desc(), MessageRow.id.desc())
    .limit(1)
)
_BY_ID = _MESSAGES.where(MessageRow.id == bindparam("message"))
_NEWEST = (
    _MESSAGES.where(MessageRow.case_id == bindparam("case"))
    .order_by(MessageRow.sent_at.desc(), MessageRow.id.desc())
    .limit(bindparam("limit"))
)
_OLDER = _NEWEST.where(tuple_(MessageRow.sent_at, MessageRow.id) < tuple_(bindparam("at"), bindparam("id")))


@dataclass(frozen=True, slots=True)
class Writing:
    """Whether a resident may write on a case now. `sentence` says what will come of it, or why not."""

    allowed: bool
    reopens: bool = False
    sentence: str = ""


def may_write(case: Case) -> Writing:
    """What a message of the resident would do on this case."""
    case_type = find_type(case.service, case.type)
    if case.is_merged:
        return Writing(False, sentence=_joined(case))
    if case_type is None or not case_type.messages:
        return Writing(False, sentence=_("We do not take messages about this here. Ring us instead."))
    if case.is_open:
        return Writing(True)
    if case.may_be_reopened(case_type.reopen_days, clock.now()):
        return Writing(True, reopens=True, sentence=_("This is closed. A message opens it again, and we answer you."))
    return Writing(False, sentence=_too_late(case_type.reopen_days))


def send_message(
    actor: str,
    case_id: uuid.UUID,
    body: str,
    *,
    key: str,
    channel: Channel = "web",
    for_resident: bool = False,
    may_reopen: bool = True,
    expected_version: int | None = None,
) -> Message:
    """Write on a case. Whose turn it is changes sides, and the resident is told of what the council wrote.

    `key` makes it once, however often it is sent: a page draws a new one. A resident's same words again, with nothing
    said in between, are once too. `for_resident` is for staff who take down what a caller says. What the council writes
    bears the name of the case's team, never the person's. On a case that was closed lately, a resident's message opens
    it again, unless not `may_reopen`: they wrote it before they knew that it is closed, and are asked first. With
    `expected_version`, nobody's words cross another's.
    Raises NotFound, Refused with what to do, TooMany, ChangedMeanwhile, Conflict when the key was used for other words.
    """
    words = readable(body, LONGEST_MESSAGE)
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a message needs a key of at most {LONGEST_KEY} characters")
    case = lock_case(case_id, actor=actor)
    before = session().execute(_BY_KEY, {"case": case.id, "key": key}).one_or_none()
    if before is not None and (before.author, before.body) == (actor, words):
        return _message(before)
    check_version(case, expected_version)
    if before is not None:
        raise Conflict(_("You have sent this page already, with other words. Open the case again before you write."))
    from_staff = kind_of(actor) != "resident" and not for_resident
    if from_staff and case.is_merged:
        raise Refused(_answers_elsewhere(case))
    if from_staff and (holes := holes_in(words)):
        raise Refused(_("Fill in or take out what is still open: %(fields)s", fields=", ".join(holes)))
    if not from_staff:
        if (again := _sent_just_before(case, actor, words)) is not None:
            return again
        case = _let_resident_write(case, actor, channel, may_reopen=may_reopen)
    message_id = uuid.uuid4()
    session().execute(
        insert(MessageRow).values(
            id=message_id,
            case_id=case.id,
            account_id=case.account_id,
            sent_at=clock.now(),
            author=actor,
            channel=channel,
            from_staff=from_staff,
            team=case.team if from_staff else "",
            body=words,
            idempotency_key=key,
        )
    )
    if from_staff or kind_of(actor) == "resident":  # who answers has read; a caller hears what staff choose to read out
        _mark(case.id, MessageRow.from_staff.is_(not from_staff))
    after = change(
        case,
        kind="message_sent",
        actor=actor,
        channel=channel,
        details={"message": str(message_id), "from_staff": from_staff} | in_their_place(actor, for_resident),
        waits_for=_whose_turn(case, from_staff),
    )
    if from_staff:
        tell_resident(after, MAIL)
    return _message(session().execute(_BY_ID, {"message": message_id}).one())


def messages_of(
    case_id: uuid.UUID, *, before: str | None = None, limit: int = PAGE
) -> tuple[Sequence[Message], str | None]:
    """The messages of a case, newest first, and the mark where the next page begins, if there is one.

    Get the case first: this does not ask whose it is. `before` is such a mark, straight from the address.
    """
    values: dict[str, Any] = {"case": case_id, "limit": limit + 1}
    query, mark = _NEWEST, read_mark(before)
    if mark is not None:
        query, values = _OLDER, {**values, "at": mark[0], "id": mark[1]}
    found = [_message(row) for row in session().execute(query, values)]
    page = found[:limit]
    return page, mark_of(page[-1].sent_at, page[-1].id) if len(found) > limit else None


def mark_read(actor: str, case_id: uuid.UUID) -> int:
    """Note that this side has read what the other wrote; how many messages that were. Raises NotFound."""
    case = lock_case(case_id, actor=actor)
    return _mark(case.id, MessageRow.from_staff.is_(kind_of(actor) == "resident"))


def readable(text: str, longest: int) -> str:
    """The text as it is kept. Raises Refused when it is empty, too long, or holds what nobody can read."""
    try:
        words = clean(text, multiline=True)
    except UnusableText:
        raise Refused(_("There are characters that we cannot use. Type it again instead of pasting it.")) from None
    if not words:
        raise Refused(_("Write something before you send it."))
    if len(words) > longest:
        raise Refused(_("It must be %(limit)s characters or fewer.", limit=f"{longest:,}"))
    return words


def _joined(case: Case) -> str:
    if speaks_on(case) != case.id:
        return _("This was joined with another case of yours. Write to us there.")
    return _("We work on an earlier case about the same thing. If you need something else, send us a new request.")


def _sent_just_before(case: Case, actor: str, words: str) -> Message | None:
    """The last that was said on the open case, if it is these very words by this author.

    A browser that goes back restores what was typed on a page with a new key. Who asks once more after a day has
    nothing new to say either, but wants it heard.
    """
    if not case.is_open:
        return None
    last = session().execute(_LAST, {"case": case.id, "since": clock.now() - SAME_WORDS}).one_or_none()
    return _message(last) if last is not None and (last.author, last.body) == (actor, words) else None


def _answers_elsewhere(case: Case) -> str:
    """Why staff write nothing on a duplicate: its resident could not answer there."""
    if speaks_on(case) != case.id:
        return _("This was joined with another case of the same resident. Write to them there.")
    return _(
        "This was joined with another resident's case, and nobody can answer here. They are told how that one ends."
    )


def _let_resident_write(case: Case, actor: str, channel: Channel, *, may_reopen: bool) -> Case:
    writing = may_write(case)
    if not writing.allowed:
        raise Refused(writing.sentence)
    if writing.reopens and not may_reopen:
        raise Refused(_closed_meanwhile(case))
    if kind_of(actor) == "resident":
        _count(actor)
    return reopen_locked(case, actor=actor, channel=channel) if writing.reopens else case


def _count(actor: str) -> None:
    """Raises TooMany in words that say what was sent: nobody shall fear that it was lost."""
    try:
        limits.hit(f"case-message:{actor}", limit=AN_HOUR, seconds=3600)
    except TooMany as error:
        sentence = _(
            "You have sent us %(n)s messages within an hour, and we have them all. Wait %(minutes)s minutes before you"
            " send this one, or ring us: %(telephone)s.",
            n=AN_HOUR,
            minutes=ceil(error.retry_after / 60),
            telephone=web_state().settings.council.telephone,
        )
        raise TooMany(sentence, error.retry_after) from None


def _closed_meanwhile(case: Case) -> str:
    status = find_status(case.service, case.type, case.status)
    return _(
        "This was closed meanwhile: %(status)s. Send your message again if you want us to open it again.",
        status=str(status.title) if status else case.status,
    )


def _whose_turn(case: Case, from_staff: bool) -> str:
    """The other side's; nobody's, where the council adds a word to a case that is closed."""
    if not case.is_open:
        return "nobody"
    return "resident" if from_staff else "council"


def _mark(case_id: uuid.UUID, whose: ColumnElement[bool]) -> int:
    read = update(MessageRow).where(MessageRow.case_id == case_id, whose, MessageRow.read_at.is_(None))
    return len(session().execute(read.values(read_at=clock.now()).returning(MessageRow.id)).all())


def _too_late(days: int) -> str:
    if not days:
        return _("This is closed. If you need something else, send us a new request.")
    return ngettext(
        "This was closed more than %(n)s day ago. If you need something else, send us a new request.",
        "This was closed more than %(n)s days ago. If you need something else, send us a new request.",
        days,
    )


def _message(row: Row[*tuple[Any, ...]]) -> Message:
    """The message, with the team by the name that residents know it by."""
    title = (row.title_cy if current_language() == "cy" else row.title) or row.title or ""
    told = {name: getattr(row, name) for name in Message.__slots__ if name != "team_title"}
    return Message(team_title=title, **told)
