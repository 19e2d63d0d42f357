"""What somebody has answered so far on the way to joining a record: one draft for each kind, sealed, for a day."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.identity.sealed import seal, unseal
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.joining.kinds import Declared
from portal.joining.models import JoinDraftRow
from portal.joining.values import Answers, Wrong

PURPOSE: Final = "answers about council records"
KEPT_FOR: Final = timedelta(days=1)

_FIND = select(JoinDraftRow.answers).where(
    JoinDraftRow.account_id == bindparam("account"),
    JoinDraftRow.service == bindparam("service"),
    JoinDraftRow.kind == bindparam("kind"),
)
_MADE = insert(JoinDraftRow)
_KEEP = _MADE.on_conflict_do_update(
    index_elements=["account_id", "service", "kind"],
    set_={"answers": _MADE.excluded.answers, "touched_at": _MADE.excluded.touched_at},
)


@dataclass(frozen=True, slots=True)
class JoinDraft:
    """The answers so far; the facts that the council's system has asked for, and how often it did; and how the last
    try ended.

    `end` is empty, or an `attempting.End` after which somebody has to decide what to do next; `again_at` says from when
    on another try is worth it, as ISO 8601 writes it.
    """

    reference: str = ""
    name: str = ""
    postcode: str = ""
    asks: tuple[str, ...] = ()
    asked: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)
    wrong: Wrong = ""
    end: str = ""
    again_at: str = ""

    @property
    def answers(self) -> Answers:
        """As the council's system is asked. Only the facts that were asked for: others would be guesses."""
        asked = {code: self.facts[code] for code in self.asks if code in self.facts}
        return Answers(reference=self.reference, name=self.name, postcode=self.postcode, facts=asked)

    def with_reference(self, reference: str) -> "JoinDraft":
        """Of another record: what was asked about the former is not asked any more."""
        return JoinDraft(reference=reference, name=self.name, postcode=self.postcode)

    def with_person(self, *, name: str, postcode: str) -> "JoinDraft":
        """Of another person or home."""
        return JoinDraft(reference=self.reference, name=name, postcode=postcode)

    def with_fact(self, code: str, answer: str) -> "JoinDraft":
        """With one more fact, or another answer."""
        return replace(self, facts={**self.facts, code: answer}, wrong="", end="")

    def ended(self, end: str, *, wrong: Wrong = "", again_at: str = "") -> "JoinDraft":
        """After a try. Facts that did not fit are asked again."""
        facts = {} if end == "not_matched" else self.facts
        return replace(self, end=end, wrong=wrong, again_at=again_at, facts=facts)

    @property
    def is_complete(self) -> bool:
        """Whether there is enough to ask the council's system with."""
        return bool(self.reference and self.name and self.postcode)

    def next_ask(self) -> str | None:
        """The first fact that is yet to be answered."""
        return next((code for code in self.asks if code not in self.facts), None)


def find_join_draft(account: Account, declared: Declared) -> JoinDraft:
    """What they have answered so far; an empty draft when that is nothing, or no key of ours opens it any more."""
    values = {"account": account.id, "service": declared.service, "kind": declared.kind.code}
    opened = unseal(session().scalar(_FIND, values), PURPOSE)
    return read(opened) if opened is not None else JoinDraft()


def keep_join_draft(account: Account, declared: Declared, draft: JoinDraft) -> None:
    """From now on this is what they have answered."""
    session().execute(
        _KEEP,
        {
            "account_id": account.id,
            "service": declared.service,
            "kind": declared.kind.code,
            "answers": sealed(draft),
            "touched_at": clock.now(),
        },
    )


def drop_join_draft(account_id: uuid.UUID, service: str, kind: str) -> None:
    """The record is joined: nothing of the answers is needed any more."""
    theirs = (JoinDraftRow.account_id == account_id, JoinDraftRow.service == service, JoinDraftRow.kind == kind)
    session().execute(delete(JoinDraftRow).where(*theirs))


def sealed(draft: JoinDraft) -> str:
    """As it is stored."""
    return seal(json.dumps(asdict(draft)), PURPOSE)


def read(opened: str) -> JoinDraft:
    """What was sealed."""
    said: dict[str, Any] = json.loads(opened)
    return JoinDraft(**{**said, "asks": tuple(said["asks"])})


@job("joining.sweep_drafts", cron="41 3 * * *")
def sweep_drafts() -> None:
    """Delete answers that nobody has touched for a day."""
    delete_in_portions(JoinDraftRow, JoinDraftRow.touched_at < clock.now() - KEPT_FOR)
