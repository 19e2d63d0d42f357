"""Where an account is in recovery: each step with its date, what comes next, and the next safe thing to do."""

from flask.typing import ResponseReturnValue

from portal.kit import current_account, render
from services.council_tax.queries.accounts import besides, glance
from services.council_tax.queries.bills import ask_account
from services.council_tax.views.blueprint import bp
from services.council_tax.views.paying import pay_state
from services.council_tax.views.words import STEPS, to_pay


@bp.get("/accounts/<reference>/recovery")
def recovery(reference: str) -> ResponseReturnValue:
    """The steps so far and the one to come. An account that is not in recovery says so."""
    answer = ask_account(current_account(), reference)
    found = answer.value
    steps = found.recovery if found else None
    return render(
        "council_tax/recovery.html",
        reference=reference,
        answer=answer,
        found=found,
        recovery=steps,
        glance=glance(found) if found else None,
        steps=STEPS,
        besides=besides(found) if found else 0,
        agreed=bool(steps and steps.steps and steps.steps[-1].step == "arrangement" and not steps.next_step),
        to_pay=to_pay(found) if found else "",
        pay=pay_state(reference),
    )
