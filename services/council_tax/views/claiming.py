"""The pages that every claim has: start, one question a page, evidence, check, confirmation."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import wraps
from typing import Any, Final
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Assurance,
    Conflict,
    Form,
    Refused,
    TooMany,
    Unavailable,
    commits,
    current_account,
    demands,
    find_file,
    get_case,
    notify_next,
    render,
    sensitive,
)
from portal.kit import lazy_gettext as _
from services.council_tax.forms.claims import EvidenceForm, SendForm
from services.council_tax.operations.claiming import (
    Claim,
    add_file,
    answer_claim,
    begin_claim,
    get_claim,
    remove_file,
    send_claim,
)
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.claims import get_sent_claim, last_known
from services.council_tax.rules.claim_journeys import CHECK, Journey, may_open, step_before
from services.council_tax.views.blueprint import bp
from services.council_tax.views.claim_pages import AnyForm, Pages, Question, endpoint_of, page_of, start_of

RECENTLY: Final = timedelta(minutes=15)
"""How long ago somebody may have signed in who gives us bank details."""
EVIDENCE: Final = "evidence"
View = Callable[..., ResponseReturnValue]


def register(pages: Pages) -> None:
    """Add the addresses of a claim, but for the page on which it starts."""
    journey, path = pages.journey, f"/accounts/<reference>/{pages.journey.path}"
    _add(journey, path, "begin", ["POST"], _beginning(journey))
    for step, question in pages.questions.items():
        _add(journey, f"{path}/<uuid:draft_id>/{step}", step, ["GET", "POST"], _asking(pages, step, question))
    if pages.proof is not None:
        evidence = f"{path}/<uuid:draft_id>/{EVIDENCE}"
        _add(journey, evidence, EVIDENCE, ["GET", "POST"], _showing_evidence(journey, pages.proof))
        _add(journey, f"{evidence}/<uuid:file_id>/remove", "remove_file", ["POST"], _removing(journey))
    _add(journey, f"{path}/<uuid:draft_id>/{CHECK}", CHECK, ["GET", "POST"], _checking(pages))
    _add(journey, f"{path}/sent/<case_reference>", "sent", ["GET"], _confirming(pages))


def _add(journey: Journey, path: str, name: str, methods: list[str], view: View) -> None:
    """A page; of a claim that asks for a bank account, only soon after signing in."""
    guarded = commits(view)
    if journey.private and name != "sent":
        guarded = demands(Assurance.LOW, fresh=RECENTLY)(sensitive(guarded))
    bp.add_url_rule(path, endpoint_of(journey, name), guarded, methods=methods)


def _opened(journey: Journey, step: str, view: Callable[[Claim], ResponseReturnValue]) -> View:
    """The view of a question, for the claim that the address names. Who comes too early is shown the way."""

    @wraps(view)
    def guarded(reference: str, draft_id: UUID) -> ResponseReturnValue:
        resident = current_account()
        claim = get_claim(resident, journey, reference, draft_id)
        if claim.draft.case_id:
            return _to_sent(claim, get_case(resident.id, claim.draft.case_id).reference)
        if not may_open(journey, step, claim.said, claim.answered):
            return redirect(page_of(journey, claim.missing, claim))
        return view(claim)

    return guarded


def _beginning(journey: Journey) -> View:
    def begin(reference: str) -> ResponseReturnValue:
        """Go on with what was begun, or start; on the page's own address, where signing in again leads back to."""
        ask_account(current_account(), reference)  # so that the questions know what the account is like
        try:
            claim = begin_claim(current_account(), journey, reference=reference, anew="anew" in request.form)
        except Refused as error:
            notify_next(error.sentence)
            return redirect(start_of(journey, reference))
        return redirect(page_of(journey, claim.missing, claim))

    return begin


def _asking(pages: Pages, step: str, question: Question) -> View:
    def ask(claim: Claim) -> ResponseReturnValue:
        found = last_known(claim.resident, claim.reference)
        form = question.form(_prefill(claim))
        question.ready(form, claim, found)
        if not getattr(next(iter(form), None), "choices", True):  # nothing to choose from, and the start says why
            return redirect(start_of(claim.journey, claim.reference))
        if form.accepted():
            question.refuse(form, claim, found)
            if not form.errors_in_order():
                return _go_on(claim, step, question.keep(form, claim, found))
        first: AnyForm = next(iter(form), None)
        heading = first.text if first else question.label
        notes = question.notes(claim, found)
        return _show(claim, step, form, "question", heading=heading, alone=first is None, notes=notes)

    return _opened(pages.journey, step, ask)


def _showing_evidence(journey: Journey, proof: Callable[[Claim], str]) -> View:
    def evidence(claim: Claim) -> ResponseReturnValue:
        """Files one by one; Continue without one goes on."""
        form = EvidenceForm()
        if form.accepted():
            if form.evidence.data is None:
                return _go_on(claim, EVIDENCE, {"looked": True})
            try:
                add_file(claim, form.evidence.data.stream)
            except (Conflict, Refused, TooMany, Unavailable) as error:
                form.refuse(error.sentence, "evidence")
            else:
                notify_next(_("The file has been added. Add another, or continue."))
                return redirect(page_of(claim.journey, EVIDENCE, claim))
        kept = [file for each in claim.files if (file := find_file(claim.resident.id, each))]
        removing = f".{endpoint_of(claim.journey, 'remove_file')}"
        return _show(claim, EVIDENCE, form, "evidence", files=kept, removing=removing, proof=proof(claim))

    return _opened(journey, EVIDENCE, evidence)


def _removing(journey: Journey) -> View:
    def remove(reference: str, draft_id: UUID, file_id: UUID) -> ResponseReturnValue:
        claim = get_claim(current_account(), journey, reference, draft_id)
        remove_file(claim, file_id)
        notify_next(_("The file has been removed."))
        return redirect(page_of(journey, EVIDENCE, claim))

    return remove


def _checking(pages: Pages) -> View:
    def check(claim: Claim) -> ResponseReturnValue:
        """Everything once more with what it would come to; the button sends it."""
        form = SendForm()
        found = ask_account(claim.resident, claim.reference).value
        if form.accepted():
            if found is not None and (sentence := pages.against(claim, found)):
                form.refuse(sentence)
            else:
                try:
                    return _to_sent(claim, send_claim(claim).reference)
                except (Conflict, Refused, TooMany) as error:
                    form.refuse(error.sentence)
        return _show(
            claim,
            CHECK,
            form,
            "check",
            title=pages.check_title,
            rows=_rows(pages, claim),
            outcome=pages.outcome(claim, found),
            plan=pages.plan(claim, found),
            away=found is None,
            button_text=pages.button,
        )

    return _opened(pages.journey, CHECK, check)


def _confirming(pages: Pages) -> View:
    def sent(reference: str, case_reference: str) -> ResponseReturnValue:
        """The confirmation, which can be bookmarked and printed."""
        case, _asked = get_sent_claim(current_account(), reference, case_reference, pages.journey.kind)
        return render(
            "council_tax/claim_sent.html",
            reference=reference,
            case=case,
            title=pages.sent_title,
            what_next=pages.what_next,
        )

    return sent


def _go_on(claim: Claim, step: str, values: Mapping[str, Any]) -> ResponseReturnValue:  # plain JSON
    """Keep the answers and go to the first question that is still open."""
    kept = answer_claim(claim, step, values)
    return redirect(page_of(kept.journey, kept.missing, kept))


def _to_sent(claim: Claim, case_reference: str) -> ResponseReturnValue:
    name = f".{endpoint_of(claim.journey, 'sent')}"
    return redirect(url_for(name, reference=claim.reference, case_reference=case_reference))


def _show(claim: Claim, step: str, form: Form, template: str, **values: Any) -> str:  # the template's
    before = step_before(claim.journey, step, claim.said, claim.answered)
    back = page_of(claim.journey, before, claim) if before else start_of(claim.journey, claim.reference)
    return render(
        f"council_tax/claim_{template}.html", form=form, back=back, claim=claim, reference=claim.reference, **values
    )


def _rows(pages: Pages, claim: Claim) -> Sequence[Mapping[str, object]]:
    """The answers for the check page, each with the way to change it."""
    rows = []
    for step in claim.journey.steps(claim.said):
        if step == EVIDENCE:
            rows.append((step, _("Evidence"), str(_("Files: %(many)s", many=len(claim.files)))))
        elif step in pages.questions:
            question = pages.questions[step]
            rows.append((step, question.label, str(question.shown(claim))))
    return [
        {
            "key": label,
            "value": value or _("Not given"),
            "actions": [{"href": page_of(claim.journey, step, claim), "text": _("Change"), "about": label}],
        }
        for step, label, value in rows
    ]


def _prefill(claim: Claim) -> Mapping[str, Any]:  # what forms are filled with
    return {name: _day(value) if name.endswith("_on") else value for name, value in claim.said.items()}


def _day(value: Any) -> date | None:  # plain JSON
    return date.fromisoformat(value) if value else None
