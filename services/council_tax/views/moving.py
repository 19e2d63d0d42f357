"""Moving home: the way in to each of the three journeys, and the confirmation."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Form, Refused, can_tell, commits, current_account, render, sensitive
from services.council_tax.forms.moving import StayForm
from services.council_tax.operations.moving import begin_move
from services.council_tax.queries.asked import case_facts
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.queries.debits import asked_row
from services.council_tax.queries.moving import pending_move
from services.council_tax.rules.move_journey import Journey, first_missing
from services.council_tax.views.blueprint import bp
from services.council_tax.views.moving_pages import page_of

OUT = "/accounts/<reference>/moving/out"
WITHIN = "/accounts/<reference>/moving/within"
KINDS = ("move_in", "move_out", "move_within")


@bp.route("/moving/in", methods=["GET", "POST"])
@sensitive
@commits
def moving_in() -> ResponseReturnValue:
    """Moving in, with or without an account that ends: what is asked, and the start."""
    form = Form()
    if form.accepted():
        return _begin(form, Journey.IN, "")
    return render("council_tax/moving_start.html", journey=Journey.IN, form=form, reference="", ended=None, told=None)


@bp.route(OUT, methods=["GET", "POST"])
@sensitive
@commits
def moving_out(reference: str) -> ResponseReturnValue:
    """Moving out; who stays in the area is led to the journey for both homes."""
    get_own(current_account(), reference)
    form = StayForm()
    if form.accepted():
        if form.stay.data == "yes":
            return redirect(url_for(".moving_within", reference=reference))
        return _begin(form, Journey.OUT, reference)
    return _start(form, Journey.OUT, reference)


@bp.route(WITHIN, methods=["GET", "POST"])
@sensitive
@commits
def moving_within(reference: str) -> ResponseReturnValue:
    """From one home of the area to another."""
    get_own(current_account(), reference)
    form = Form()
    if form.accepted():
        return _begin(form, Journey.WITHIN, reference)
    return _start(form, Journey.WITHIN, reference)


@bp.get(f"{WITHIN}/apart")
def moving_apart(reference: str) -> ResponseReturnValue:
    """For one of several who moves within the area: two steps, for the others keep the account."""
    get_own(current_account(), reference)
    return render("council_tax/moving_apart.html", reference=reference)


@bp.get("/moving/in/sent/<case_reference>")
def moved_in(case_reference: str) -> ResponseReturnValue:
    """The confirmation of moving in."""
    return _sent("", case_reference)


@bp.get("/accounts/<reference>/moving/sent/<case_reference>")
def moved(reference: str, case_reference: str) -> ResponseReturnValue:
    """The confirmation of moving out or within."""
    return _sent(reference, case_reference)


def _begin(form: Form, journey: Journey, reference: str) -> ResponseReturnValue:
    """To the first open question, unless the move was told already, which the page then says."""
    account = current_account()
    if reference and _told(reference):
        return _start(form, journey, reference)
    try:
        draft = begin_move(account, journey, reference=reference)
    except Refused as error:
        form.refuse(error.sentence)
        return _start(form, journey, reference)
    return redirect(page_of(journey, first_missing(journey, draft.answers), reference, draft))


def _start(form: Form, journey: Journey, reference: str) -> str:
    told = pending_move(current_account(), reference=reference) if reference else None
    found = ask_account(current_account(), reference).value if reference else None
    return render(
        "council_tax/moving_start.html",
        journey=journey,
        form=form,
        reference=reference,
        told=told,
        ended=found and found.closed_on,
    )


def _told(reference: str) -> bool:
    found = ask_account(current_account(), reference).value
    closed = found is not None and found.closed_on is not None
    return closed or pending_move(current_account(), reference=reference) is not None


def _sent(reference: str, case_reference: str) -> str:
    account = current_account()
    case, row = asked_row(account, reference, case_reference, kinds=KINDS)
    return render(
        "council_tax/moving_sent.html",
        reference=reference,
        case=case,
        kind=row.kind,
        alone=row.change.get("adults") == 1,
        facts=case_facts(case),
        can_tell=can_tell(account, topic="council_tax"),
    )
