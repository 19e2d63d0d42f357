"""What the resident can still do when the council has finished: say what they thought of it, and reopen it."""

import uuid
from typing import Final

from portal import clock
from portal.accounts.values import Account
from portal.cases.declared import CaseType
from portal.cases.service_levels import promised_at
from portal.cases.types import find_type
from portal.cases.values import Case, ChangedMeanwhile, Channel, kind_of
from portal.cases.writing import change, check_version, done_already, events_since, lock_case
from portal.errors import Conflict, Forbidden, Refused
from portal.staff.operations import has_left
from portal.web.languages import gettext as _

LONGEST_RATING_WORDS: Final = 1000


def reopen_case(
    actor: str, case_id: uuid.UUID, *, reason: str, channel: Channel = "web", expected_version: int | None = None
) -> Case:
    """A closed case, open again with a new promise, for its resident or for staff in their place.

    The same again changes nothing: a case that this very act has opened stays as it is. What they themselves did
    meanwhile, such as rating it, and what they are not shown, stands in no resident's way.

    It can be rated anew when it has come to its new end. Raises NotFound, ChangedMeanwhile, Conflict when it is open
    already and these words are said nowhere, Refused without a reason, when the days for it are over or its type has
    none.
    """
    case = lock_case(case_id, actor=actor)
    if case.is_open:
        _said_already(case, expected_version, actor=actor, reason=reason)
        return case
    _check_seen(case, expected_version, actor=actor)
    if not reason.strip():
        raise Refused(_("Tell us why, so that we know what is left to do."))
    return reopen_locked(case, actor=actor, channel=channel, reason=reason)


def reopen_by_staff(
    case_id: uuid.UUID, *, actor: str, reason: str, channel: Channel = "desk", expected_version: int | None = None
) -> Case:
    """A closed case, open again because staff found that it is not over. Whether they may is the caller's to know.

    Raises NotFound, ChangedMeanwhile, Refused as `reopen_case`; Forbidden for anybody but staff.
    """
    if kind_of(actor) != "staff":
        raise Forbidden
    case = lock_case(case_id, actor=actor)
    if case.is_open and done_already(case, expected_version, kind="reopened", actor=actor, reason=reason):
        return case
    check_version(case, expected_version)
    if case.is_open:
        raise Refused(_("This case is open already."))
    if not reason.strip():
        raise Refused(_("Say why: the resident reads it."))
    return reopen_locked(case, actor=actor, channel=channel, reason=reason)


def reopen_locked(case: Case, *, actor: str, channel: Channel, reason: str = "") -> Case:
    """A locked, closed case open again: what `reopen_case` does, and a message on a closed case. Raises Refused."""
    case_type = may_reopen(case)
    first = case_type.find_status(case_type.reopened) or case_type.first
    return change(
        case,
        kind="reopened",
        actor=actor,
        channel=channel,
        reason=reason,
        status=first.code,
        closed_at=None,
        waits_for=first.turn,
        due_at=promised_at(clock.now(), case_type.promise_of(case.summary)),
        escalated_at=None,  # the new promise can be broken anew
        reopened=case.reopened + 1,
        rating=None,  # of an end that was none; the ledger's event keeps it
        rating_words="",
        rated_at=None,
        holder_id=None if case.holder_id and has_left(case.holder_id) else case.holder_id,
    )


def may_reopen(case: Case) -> CaseType:
    """The type of a closed case that may still be reopened. Raises Refused with what to do instead."""
    case_type = find_type(case.service, case.type)
    if case.is_merged:
        raise Refused(_("This was joined with another case, which is the one that we work on."))
    if case_type is None or not case.may_be_reopened(case_type.reopen_days, clock.now()):
        raise Refused(_("It is too late to reopen this. Send us a new request instead."))
    return case_type


def rate_case(account: Account, case_id: uuid.UUID, *, rating: int, words: str = "", channel: Channel = "web") -> Case:
    """The resident's own closed case with what they thought of it, from 1 to 5, which they can say once.

    The same rating again changes nothing. Raises NotFound, Refused when it is open or its type is not rated, Conflict
    when it was rated otherwise.
    """
    if not 1 <= rating <= 5 or len(words) > LONGEST_RATING_WORDS:
        raise ValueError(f"a rating is from 1 to 5, with at most {LONGEST_RATING_WORDS} characters")
    actor = f"account:{account.id}"
    case = lock_case(case_id, actor=actor)
    if case.rating is not None:
        return _the_same(case, rating, words)
    case_type = find_type(case.service, case.type)
    if case.is_merged:
        raise Refused(_("This was joined with another case, which is the one that we work on."))
    if case.is_open or case_type is None or not case_type.rates:
        raise Refused(_("You can rate this once we have finished with it."))
    return change(
        case,
        kind="rated",
        actor=actor,
        channel=channel,
        details={"rating": rating},
        rating=rating,
        rating_words=words,
        rated_at=clock.now(),
    )


def _said_already(case: Case, expected_version: int | None, *, actor: str, reason: str) -> None:
    """Raises Conflict when an open case was opened by something else than this act: its words would be lost."""
    if expected_version is None:
        return
    since = events_since(case, expected_version)
    if not any((each.kind, each.actor, each.reason) == ("reopened", actor, reason) for each in since):
        raise Conflict(_("This case is open again already. Send us what you wrote as a message."))


def _check_seen(case: Case, expected_version: int | None, *, actor: str) -> None:
    try:
        check_version(case, expected_version)
    except ChangedMeanwhile as changed:
        news = [event for event in changed.events if event.visible and event.actor != actor]
        if news or not changed.events or kind_of(actor) != "resident":
            raise


def _the_same(case: Case, rating: int, words: str) -> Case:
    if (case.rating, case.rating_words) != (rating, words):
        raise Conflict(_("You have already told us what you thought of this."))
    return case
