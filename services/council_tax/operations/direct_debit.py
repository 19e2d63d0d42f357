"""Set up, change and end a Direct Debit. The digits of a bank account are sealed wherever they wait."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from portal.kit import (
    Account,
    Case,
    Conflict,
    Draft,
    NotFound,
    clock,
    discard_draft,
    finish_draft,
    get_case,
    get_draft,
    hold_draft,
    open_drafts,
    record,
    save_answers,
    seal,
    start_draft,
    unseal,
)
from portal.kit import gettext as _
from services.council_tax.backoffice.changes import EndDirectDebit, SetDirectDebit
from services.council_tax.operations.asking import ask_change
from services.council_tax.queries.bank_tables import bank_tables
from services.council_tax.queries.bills import get_own
from services.council_tax.rules.debit_journey import Step, first_missing
from services.council_tax.rules.modulus import fits
from services.council_tax.workflow import SERVICE

SEALED: Final = frozenset({Step.SORT_CODE, Step.ACCOUNT_NUMBER})
OPENED_WITHIN: Final = timedelta(hours=1)
"""Older digits are asked for again: somebody else may sit there by now."""


def begin_debit(account: Account, *, reference: str) -> Draft:
    """A new set of answers in place of any that were begun for this account. Raises NotFound, Refused."""
    get_own(account, reference)
    for draft in open_drafts(account.id, service=SERVICE):
        if draft.journey == _journey(reference):
            discard_draft(account, draft.id)
    return start_draft(account, service=SERVICE, journey=_journey(reference))


def get_debit_draft(account: Account, reference: str, draft_id: UUID) -> Draft:
    """The resident's own answers for this account. Raises NotFound."""
    get_own(account, reference)
    draft = get_draft(account.id, draft_id)
    if draft.service != SERVICE or draft.journey != _journey(reference):
        raise NotFound
    return draft


def answers_of(draft: Draft) -> Mapping[Step, str]:
    """What has been answered, opened. Digits that were sealed too long ago are left out, and so asked again."""
    found: dict[Step, str] = {}
    for step in Step:
        kept = draft.answers.get(step, {}).get("value")
        if kept and step in SEALED:
            kept = unseal(kept, account_id=draft.account_id, purpose=_purpose(draft, step), within=OPENED_WITHIN)
        if kept:
            found[step] = kept
    return found


def answer(account: Account, draft: Draft, *, step: Step, value: str) -> Draft:
    """Keep one answer. A new sort code undoes the account number, which was checked against the old one."""
    kept = seal(value, account_id=account.id, purpose=_purpose(draft, step)) if step in SEALED else value
    draft = save_answers(account, draft.id, step=step, answers={"value": kept})
    if step is Step.SORT_CODE:
        draft = save_answers(account, draft.id, step=Step.ACCOUNT_NUMBER, answers={})
    return draft


def set_debit(account: Account, *, reference: str, draft_id: UUID) -> Case:
    """Send the instruction to the council's system, once.

    Raises NotFound, TooMany; Conflict when an answer is missing, or when the two numbers do not go together.
    """
    draft = hold_draft(account, draft_id)
    if draft.journey != _journey(reference):
        raise NotFound
    answers = answers_of(draft)
    if draft.case_id is not None:
        return get_case(account.id, draft.case_id)
    if first_missing(answers) is not Step.CHECK:
        raise Conflict(_("You began this some time ago. Enter the bank details again, then send it."))
    if not fits(answers[Step.SORT_CODE], answers[Step.ACCOUNT_NUMBER], bank_tables()):  # changed in another tab
        raise Conflict(
            _("This account number does not go with the sort code. Check both against your bank card or app")
        )
    change = SetDirectDebit(
        payer_name=answers[Step.PAYER],
        sort_code=answers[Step.SORT_CODE],
        account_number=answers[Step.ACCOUNT_NUMBER],
        day=_day(answers[Step.DAY]),
    )
    case = ask_change(account, reference=reference, change=change, case_type="direct_debit", key=str(draft_id))
    finish_draft(account, draft_id, case_id=case.id)
    _note("council_tax.direct_debit_set", account, case)
    return case


def end_debit(account: Account, *, reference: str, debit_id: str) -> Case:
    """Ask the council's system to end the Direct Debit, once a day. Raises NotFound."""
    key = f"end {debit_id} {clock.today().isoformat()}"
    case = ask_change(account, reference=reference, change=EndDirectDebit(), case_type="direct_debit", key=key)
    _note("council_tax.direct_debit_ended", account, case)
    return case


def _note(act: str, account: Account, case: Case) -> None:
    record(act, actor=f"account:{account.id}", subject=f"case:{case.id}")


def _journey(reference: str) -> str:
    return f"direct_debit {reference}"


def _purpose(draft: Draft, step: Step) -> str:
    return f"direct debit {draft.id} {step}"


def _day(text: str) -> Any:  # one of the four days that the form offers; the change itself refuses any other
    return int(text)
