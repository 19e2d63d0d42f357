"""Direct Debit: where it stands, and the questions that set one up or change it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Assurance,
    Conflict,
    Draft,
    Form,
    Refused,
    TooMany,
    clock,
    commits,
    current_account,
    demands,
    get_case,
    render,
    sensitive,
)
from services.council_tax.forms.bank_details import NOT_A_PAIR
from services.council_tax.forms.direct_debit import (
    AccountNumberForm,
    AuthorityForm,
    ConfirmForm,
    DayForm,
    PayerForm,
    SortCodeForm,
)
from services.council_tax.operations.direct_debit import answer, answers_of, begin_debit, get_debit_draft, set_debit
from services.council_tax.queries.accounts import glance
from services.council_tax.queries.asked import waiting_changes
from services.council_tax.queries.bank_tables import bank_tables
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.debits import all_due_pence, late_pence, plan_of
from services.council_tax.rules.bank_details import ending
from services.council_tax.rules.debit_journey import Step, first_missing, may_open, step_before
from services.council_tax.rules.modulus import fits
from services.council_tax.views.blueprint import bp
from services.council_tax.views.guarantee import collector, guarantee

RECENTLY = timedelta(minutes=15)
"""How long ago somebody may have signed in who gives us bank details."""
PATH = "/accounts/<reference>/direct-debit"
Answers = Mapping[Step, str]
Question = Callable[[str, Draft, Answers], ResponseReturnValue]


@bp.get(PATH)
def direct_debit(reference: str) -> ResponseReturnValue:
    """Whether one is collected and how, what waits to be sent, and the way to set up, change or cancel."""
    answered = ask_account(current_account(), reference)
    waiting = [one for one in waiting_changes(current_account(), reference) if one.kind.startswith("direct_debit")]
    return render(
        "council_tax/direct_debit.html",
        reference=reference,
        answer=answered,
        debit=answered.value and answered.value.direct_debit,
        late=answered.value and late_pence(answered.value),
        all_due=answered.value and all_due_pence(answered.value),
        waiting=waiting,
        guarantee=guarantee(),
    )


@bp.post(PATH)
@demands(Assurance.LOW, fresh=RECENTLY)
@sensitive
@commits
def begin_direct_debit(reference: str) -> ResponseReturnValue:
    """Start the questions. On the page's own address, so that signing in again leads back to it."""
    draft = begin_debit(current_account(), reference=reference)
    return redirect(page_of(Step.AUTHORITY, reference, draft))


def page_of(step: Step, reference: str, draft: Draft) -> str:
    """The address of a question."""
    return url_for(f".{endpoint_of(step)}", reference=reference, draft_id=draft.id)


def endpoint_of(step: Step) -> str:
    """The name of a question's page."""
    return f"direct_debit_{step.replace('-', '_')}"


def question(step: Step) -> Callable[[Question], Question]:
    """Make a view a page of the journey: it gets the draft and its answers. Who comes too early is shown the way."""

    def register(view: Question) -> Question:
        @bp.route(f"{PATH}/<uuid:draft_id>/{step}", endpoint=endpoint_of(step), methods=["GET", "POST"])
        @demands(Assurance.LOW, fresh=RECENTLY)
        @sensitive
        @commits
        @wraps(view)
        def guarded(reference: str, draft_id: UUID) -> ResponseReturnValue:
            account = current_account()
            draft = get_debit_draft(account, reference, draft_id)
            if draft.case_id:
                case = get_case(account.id, draft.case_id)
                return redirect(url_for(".direct_debit_sent", reference=reference, case_reference=case.reference))
            answers = answers_of(draft)
            if not may_open(step, answers):
                return redirect(page_of(first_missing(answers), reference, draft))
            return view(reference, draft, answers)

        return view

    return register


def go_on(reference: str, draft: Draft, step: Step, value: str) -> ResponseReturnValue:
    """Keep an answer and go to the first question that is still open."""
    draft = answer(current_account(), draft, step=step, value=value)
    return redirect(page_of(first_missing(answers_of(draft)), reference, draft))


def show(reference: str, draft: Draft, step: Step, form: Form, template: str = "question", **values: Any) -> str:
    """The page of a question, with the way back. `values` are the template's."""
    before = step_before(step, answers_of(draft))
    back = page_of(before, reference, draft) if before else url_for(".direct_debit", reference=reference)
    return render(f"council_tax/debit_{template}.html", form=form, back=back, reference=reference, **values)


@question(Step.AUTHORITY)
def authority(reference: str, draft: Draft, answers: Answers) -> ResponseReturnValue:
    """Whether they may instruct the bank alone. Who may not is told of the paper form."""
    form = AuthorityForm({"authority": answers.get(Step.AUTHORITY)})
    if form.accepted():
        if form.authority.data == "no":
            return redirect(url_for(".direct_debit_paper", reference=reference))
        return go_on(reference, draft, Step.AUTHORITY, "yes")
    return show(reference, draft, Step.AUTHORITY, form, heading=form.authority.text)


@question(Step.PAYER)
def payer(reference: str, draft: Draft, answers: Answers) -> ResponseReturnValue:
    """The name on the bank account."""
    form = PayerForm({"payer_name": answers.get(Step.PAYER)})
    if form.accepted():
        return go_on(reference, draft, Step.PAYER, form.payer_name.data)
    return show(reference, draft, Step.PAYER, form, heading=form.payer_name.text)


@question(Step.SORT_CODE)
def sort_code(reference: str, draft: Draft, _answers: Answers) -> ResponseReturnValue:
    """The sort code. What was entered before is not shown again."""
    form = SortCodeForm()
    if form.accepted():
        return go_on(reference, draft, Step.SORT_CODE, form.sort_code.data)
    return show(reference, draft, Step.SORT_CODE, form, heading=form.sort_code.text)


@question(Step.ACCOUNT_NUMBER)
def account_number(reference: str, draft: Draft, answers: Answers) -> ResponseReturnValue:
    """The account number, checked against the sort code."""
    form = AccountNumberForm()
    if form.accepted():
        if fits(answers[Step.SORT_CODE], form.account_number.data, bank_tables()):
            return go_on(reference, draft, Step.ACCOUNT_NUMBER, form.account_number.data)
        form.refuse(NOT_A_PAIR, "account_number")
    change = page_of(Step.SORT_CODE, reference, draft)
    heading = form.account_number.text
    return show(reference, draft, Step.ACCOUNT_NUMBER, form, "account_number", heading=heading, change_sort_code=change)


@question(Step.DAY)
def day(reference: str, draft: Draft, answers: Answers) -> ResponseReturnValue:
    """On which day of the month."""
    form = DayForm({"day": answers.get(Step.DAY)})
    if form.accepted():
        return go_on(reference, draft, Step.DAY, form.day.data)
    return show(reference, draft, Step.DAY, form, heading=form.day.text)


@question(Step.CHECK)
def check(reference: str, draft: Draft, answers: Answers) -> ResponseReturnValue:
    """Everything once more, with the payments as they will be; the button gives the instruction."""
    form = ConfirmForm()
    found = ask_account(current_account(), reference).value  # before anything is held: the system may take its time
    if form.accepted():
        try:
            case = set_debit(current_account(), reference=reference, draft_id=draft.id)
            return redirect(url_for(".direct_debit_sent", reference=reference, case_reference=case.reference))
        except (Conflict, Refused, TooMany) as error:
            form.refuse(error.sentence)
    on = int(answers[Step.DAY])
    return show(
        reference,
        draft,
        Step.CHECK,
        form,
        "check",
        answers=answers,
        account_ending=ending(answers[Step.ACCOUNT_NUMBER]),
        sort_code_ending=ending(answers[Step.SORT_CODE]),
        pages={step.name.lower(): page_of(step, reference, draft) for step in Step},
        plan=plan_of(found, clock.today(), on) if found else None,
        billed_on=glance(found).next_on if found else None,
        all_due=found and all_due_pence(found),
        replaces=found and found.direct_debit,
        collector=collector(),
        guarantee=guarantee(),
    )
