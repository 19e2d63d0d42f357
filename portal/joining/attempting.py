"""One try to join a record: counted, asked of the council's system, written down, and joined when it fits.

Whatever becomes of it is an answer and no exception, so that the page's transaction is committed and the trail has it.
For a reference that nobody has and for somebody else's, the same is asked, written and said.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from portal import clock
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.backoffices.values import OfficeRefused
from portal.db.session import release, session
from portal.errors import Conflict, TooMany, Unavailable
from portal.joining import drafts, telling, tries
from portal.joining.drafts import JoinDraft
from portal.joining.kinds import Declared
from portal.joining.records import find_joined, join_record
from portal.joining.values import How, JoinedRecord, Match
from portal.web.fault_log import told

log = logging.getLogger(__name__)

End = Literal["joined", "already", "taken", "ask_more", "not_matched", "unavailable", "too_many"]
MOST_ASKS: Final = 4
PROTECTED_ASKS: Final = 2
"""How many facts a protected record takes at least: one could be guessed."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try. `taken`: somebody else's account has it for the same person."""

    end: End
    joined: JoinedRecord | None = None
    again_at: datetime | None = None
    """With `too_many`: from when on it is worth trying again."""


def try_to_join(account: Account, declared: Declared, draft: JoinDraft) -> Tried:
    """Ask whether the answers fit, and join the record if they do. Keeps the draft, with what to ask next.

    Nothing may have been written in this transaction: the council's system is asked in between.
    """
    own = find_joined(account, declared.service, draft.reference)
    if own is not None and own.kind == declared.kind.code:
        return Tried("already", own)
    release()
    try:
        tries.count_try(account, declared, draft.reference)
    except TooMany as limit:
        return _stopped(account, declared, draft, Tried("too_many", again_at=later(limit)))
    try:
        match = _guarded(declared, draft, declared.kind.match(draft.answers))
    except Unavailable:
        tries.take_back_try(account, declared, draft.reference)
        return _stopped(account, declared, draft, Tried("unavailable"))
    except OfficeRefused:  # an answer, and counted like one: whoever asks learns that it is not to be had
        match = Match(outcome="not_matched", wrong="reference")
    except Exception as error:  # noqa: BLE001  # a fault of ours must be on the trail too, and cost nobody a try
        session().rollback()
        log.error("%s: a record could not be joined: %s", declared.service, told(error))
        tries.take_back_try(account, declared, draft.reference)
        return _stopped(account, declared, draft, Tried("unavailable"))
    if match.outcome == "matched":
        tries.settle_tries(account, declared, draft.reference, asked=draft.asked + 1)
        return join_for(account, declared, key=draft.reference, match=match, how="answers")
    return _not_yet(account, declared, draft, match)


def _guarded(declared: Declared, draft: JoinDraft, match: Match) -> Match:
    """A protected record takes facts, and not amounts alone, which others can look up; whatever its system says."""
    told = [declared.kind.find_fact(code) for code in draft.answers.facts]
    kinds = [fact.kind for fact in told if fact is not None]
    is_enough = len(kinds) >= PROTECTED_ASKS and set(kinds) != {"money"}
    if match.outcome == "matched" and match.protected and not is_enough:
        return Match(outcome="not_matched", wrong="facts" if kinds else "reference")
    return match


def join_for(account: Account, declared: Declared, *, key: str, match: Match, how: How) -> Tried:
    """Join what is theirs beyond doubt, and say so to whoever has to know."""
    service, kind = declared.service, declared.kind.code
    try:
        joined = join_record(
            account,
            service=service,
            kind=kind,
            key=key,
            person_key=match.person_key,
            role=match.role,
            protected=match.protected,
            how=how,
        )
    except Conflict:
        drafts.keep_join_draft(account, declared, JoinDraft(end="taken"))
        telling.tell_holder(declared, key, match.person_key)
        return _ended(account, declared, Tried("taken"), how=how)
    drafts.drop_join_draft(account.id, service, kind)
    telling.tell_of_joining(account, declared, joined)
    return _ended(account, declared, Tried("joined", joined), how=how)


def later(limit: TooMany) -> datetime:
    """When a limit is over."""
    return clock.now() + timedelta(seconds=limit.retry_after)


def _not_yet(account: Account, declared: Declared, draft: JoinDraft, match: Match) -> Tried:
    """Keep what does not fit, or what is to be asked besides. Facts that we have no words for cannot be asked."""
    asks = tuple(code for code in match.asks if declared.kind.find_fact(code))[:MOST_ASKS]
    if match.outcome == "ask_more" and set(asks) - set(draft.facts):
        drafts.keep_join_draft(account, declared, replace(draft, asks=asks, asked=draft.asked + 1, wrong="", end=""))
        return _ended(account, declared, Tried("ask_more"))
    wrong = match.wrong or ("facts" if draft.asks or match.outcome == "ask_more" else "reference")
    drafts.keep_join_draft(account, declared, draft.ended("not_matched", wrong=wrong))
    return _ended(account, declared, Tried("not_matched"), wrong=wrong)


def _stopped(account: Account, declared: Declared, draft: JoinDraft, tried: Tried) -> Tried:
    """Nothing was found out. All that was answered is kept, to be sent again by one press of a button."""
    again_at = tried.again_at.isoformat() if tried.again_at else ""
    drafts.keep_join_draft(account, declared, draft.ended(tried.end, again_at=again_at))
    return _ended(account, declared, tried)


def _ended(account: Account, declared: Declared, tried: Tried, **more: str) -> Tried:
    """Write down how it ended: ids and codes, never what was typed."""
    record(
        "record.tried",
        actor=f"account:{account.id}",
        account_id=account.id,
        subject=f"record:{tried.joined.id}" if tried.joined else "",
        service=declared.service,
        kind=declared.kind.code,
        end=tried.end,
        **more,
    )
    if tried.end == "unavailable":
        log.warning("%s: the council's system did not answer when a record was to be joined", declared.service)
    return tried
