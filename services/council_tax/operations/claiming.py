"""Claim something of an account: answers kept question by question, evidence with them, and sent once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, Final
from uuid import UUID

from portal.kit import (
    Account,
    Case,
    Conflict,
    Draft,
    NotFound,
    clock,
    delete_file,
    discard_draft,
    finish_draft,
    get_case,
    get_draft,
    hold_draft,
    limit,
    open_drafts,
    receive,
    record,
    save_answers,
    seal,
    start_draft,
    unseal,
)
from portal.kit import gettext as _
from services.council_tax.operations.asking import ask_change
from services.council_tax.operations.claim_changes import change_of, facts_of
from services.council_tax.queries.bills import get_own
from services.council_tax.queries.claims import find_same_claim
from services.council_tax.rules.claim_journeys import CHECK, Journey, first_missing
from services.council_tax.workflow import SERVICE

SEALED: Final = frozenset({"sort_code", "account_number"})
"""Fields whose answers are sealed wherever they wait."""
OPENED_WITHIN: Final = timedelta(hours=1)
"""Older digits are asked for again: somebody else may sit there by now."""
FILES: Final = "files"
"""Under which name a draft holds its evidence."""
MOST_FILES: Final = 6
FILES_AN_HOUR: Final = 30
UNSENT_DAYS: Final = 35
"""How long evidence that was not sent is kept: longer than a draft that nobody touches."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that is being made. `said` are the answers by field, opened; `answered` the questions that have one."""

    resident: Account
    reference: str
    journey: Journey
    draft: Draft
    said: Mapping[str, Any]  # plain JSON
    answered: frozenset[str]

    @property
    def missing(self) -> str:
        """The first question without an answer; check when all have one."""
        return first_missing(self.journey, self.said, self.answered)

    @property
    def files(self) -> Sequence[UUID]:
        """The evidence so far."""
        return [UUID(each) for each in self.draft.answers.get(FILES, {}).get("ids", ())]


def find_begun(resident: Account, journey: Journey, reference: str) -> Claim | None:
    """The claim that was begun and not sent. Raises NotFound for an account that is not theirs."""
    get_own(resident, reference)
    found = (each for each in open_drafts(resident.id, service=SERVICE) if each.journey == _name(journey, reference))
    draft = next(found, None)
    return _claim(resident, journey, reference, draft) if draft else None


def begin_claim(resident: Account, journey: Journey, *, reference: str, anew: bool = False) -> Claim:
    """What was begun in whichever tab, or new answers; `anew` deletes what was begun. Raises NotFound, Refused."""
    begun = find_begun(resident, journey, reference)
    if begun is not None and not anew:
        return begun
    if begun is not None:
        for file_id in begun.files:
            _delete(resident, file_id)
        discard_draft(resident, begun.draft.id)
    draft = start_draft(resident, service=SERVICE, journey=_name(journey, reference))
    return _claim(resident, journey, reference, draft)


def get_claim(resident: Account, journey: Journey, reference: str, draft_id: UUID) -> Claim:
    """The resident's own answers for this account. Raises NotFound."""
    get_own(resident, reference)
    return _claim(resident, journey, reference, _own(resident, journey, reference, get_draft(resident.id, draft_id)))


def answer_claim(claim: Claim, step: str, values: Mapping[str, Any]) -> Claim:  # plain JSON
    """Keep the answers of a question. What no longer stands beside them is asked again."""
    kept = {
        name: seal(value, account_id=claim.resident.id, purpose=_purpose(claim.draft, name))
        if name in SEALED
        else value
        for name, value in values.items()
    }
    same = claim.draft.answers.get(step) == kept
    draft = save_answers(claim.resident, claim.draft.id, step=step, answers=kept)
    for undone in () if same else claim.journey.undoes.get(step, ()):
        if draft.answers.get(undone):
            draft = save_answers(claim.resident, draft.id, step=undone, answers={})
    return _claim(claim.resident, claim.journey, claim.reference, draft)


def add_file(claim: Claim, stream: IO[bytes]) -> None:
    """Add evidence. Raises Refused when it is no photo or PDF, too large or one too many; TooMany; Unavailable."""
    if len(claim.files) >= MOST_FILES:
        raise Conflict(_("You can send %(most)s files here. Remove one first.", most=MOST_FILES))
    limit(f"council_tax.evidence:{claim.resident.id}", limit=FILES_AN_HOUR, seconds=3600)
    delete_on = clock.today() + timedelta(days=UNSENT_DAYS)
    file = receive(
        stream,
        account_id=claim.resident.id,
        service=SERVICE,
        purpose="evidence",
        kind="document",
        delete_on=delete_on,
    )
    _save_files(claim, [*claim.files, file.id])


def remove_file(claim: Claim, file_id: UUID) -> None:
    """Take evidence out again. Raises NotFound, Conflict when the claim was sent."""
    if file_id not in claim.files:
        raise NotFound
    _save_files(claim, [each for each in claim.files if each != file_id])
    _delete(claim.resident, file_id)


def send_claim(claim: Claim) -> Case:
    """Send it to the council's system, once. Raises NotFound, TooMany, Conflict where it cannot be sent (again)."""
    resident, reference, journey = claim.resident, claim.reference, claim.journey
    draft = _own(resident, journey, reference, hold_draft(resident, claim.draft.id))
    if draft.case_id is not None:
        return get_case(resident.id, draft.case_id)
    held = _claim(resident, journey, reference, draft)
    if held.missing != CHECK:
        raise Conflict(_("An answer is missing, or lay here too long. Give it again, then send."))
    change = change_of(journey, held.said)
    who = getattr(change, "answers", {}).get("who", "")
    if same := find_same_claim(resident, reference, change.kind, getattr(change, "code", ""), who):
        raise Conflict(_("You have asked for this already. Your reference is %(reference)s.", reference=same.reference))
    case = ask_change(
        resident,
        reference=reference,
        change=change,
        case_type=journey.case_type,
        key=str(draft.id),
        facts=facts_of(change),
        documents=held.files if "evidence" in journey.steps(held.said) else (),
    )
    finish_draft(resident, draft.id, case_id=case.id)
    if journey.private:
        record(
            f"council_tax.{journey.name}_asked",
            actor=f"account:{resident.id}",
            account_id=resident.id,
            subject=f"case:{case.id}",
        )
    return case


def _claim(resident: Account, journey: Journey, reference: str, draft: Draft) -> Claim:
    said: dict[str, Any] = {}
    answered = set()
    for step, part in draft.answers.items():
        opened = {name: _opened(draft, name, value) for name, value in part.items()}
        if part and not any(opened[name] is None for name in SEALED & opened.keys()):
            answered.add(step)
            said |= opened
    return Claim(resident, reference, journey, draft, said, frozenset(answered))


def _opened(draft: Draft, name: str, value: Any) -> Any:  # plain JSON
    if name not in SEALED:
        return value
    return unseal(value, account_id=draft.account_id, purpose=_purpose(draft, name), within=OPENED_WITHIN)


def _own(resident: Account, journey: Journey, reference: str, draft: Draft) -> Draft:
    if draft.account_id != resident.id or draft.service != SERVICE or draft.journey != _name(journey, reference):
        raise NotFound
    return draft


def _save_files(claim: Claim, ids: Sequence[UUID]) -> None:
    save_answers(claim.resident, claim.draft.id, step=FILES, answers={"ids": [str(each) for each in ids]})


def _delete(resident: Account, file_id: UUID) -> None:
    with suppress(NotFound):  # swept away meanwhile
        delete_file(resident.id, file_id)


def _name(journey: Journey, reference: str) -> str:
    return f"{journey.name} {reference}"


def _purpose(draft: Draft, name: str) -> str:
    return f"claim {draft.id} {name}"
