"""Ten payments a year or twelve: what each comes to, and the choice."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Conflict, TooMany, clock, commits, current_account, format_date, money, ngettext, render
from portal.kit import gettext as _
from services.council_tax.backoffice.values import Account
from services.council_tax.forms.how_many import HowManyForm
from services.council_tax.operations.how_many import set_how_many
from services.council_tax.queries.asked import waiting_changes
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.debits import all_due_pence
from services.council_tax.queries.how_many import get_asked_how_many, plans
from services.council_tax.rules.instalments import Due
from services.council_tax.views.blueprint import bp
from services.council_tax.views.pressed import form_key

PATH = "/accounts/<reference>/how-many-payments"
CHOICES: Final[Mapping[str, Literal[10, 12]]] = {"10": 10, "12": 12}


@bp.route(PATH, methods=["GET", "POST"])
@commits
def how_many(reference: str) -> ResponseReturnValue:
    """What is left of the year in ten payments and in twelve, and the choice."""
    account = current_account()
    answer = ask_account(account, reference)
    waiting = [one for one in waiting_changes(account, reference) if one.kind == "instalments"]
    shown = _plans(answer.value, clock.today()) if answer.value else {}
    form = HowManyForm()
    form.many.choices = [(value, label, _in_words(shown.get(value, ()))) for value, label, *_hint in form.many.choices]
    if form.accepted():
        many = CHOICES[str(form.many.data)]
        try:
            case = set_how_many(account, reference=reference, many=many, key=form_key())
            return redirect(url_for(".how_many_sent", reference=reference, case_reference=case.reference))
        except (Conflict, TooMany) as error:
            form.refuse(error.sentence)
    return render(
        "council_tax/how_many.html",
        reference=reference,
        answer=answer,
        found=answer.value,
        nothing_left=answer.value is not None and not any(shown.values()),
        waiting=waiting,
        key=uuid.uuid4(),
        form=form,
    )


@bp.get(f"{PATH}/sent/<case_reference>")
def how_many_sent(reference: str, case_reference: str) -> ResponseReturnValue:
    """The confirmation."""
    asked = get_asked_how_many(current_account(), reference, case_reference)
    return render("council_tax/how_many_sent.html", reference=reference, asked=asked)


def _plans(account: Account, today: date) -> Mapping[str, Sequence[Due]]:
    """The payments that each choice leaves; none where everything is due at once, or nothing is."""
    if all_due_pence(account) or account.closed_on is not None:
        return {}
    return {str(many): plan for many, plan in plans(account, today).items()}


def _in_words(plan: Sequence[Due]) -> str:
    if not plan:
        return ""
    ends = {"amount": money(plan[-1].pence), "first": format_date(plan[0].on), "last": format_date(plan[-1].on)}
    if len(plan) == 1:
        return _("One payment of %(amount)s on %(first)s", **ends)
    return ngettext(
        "%(num)s payment of about %(amount)s, from %(first)s to %(last)s",
        "%(num)s payments of about %(amount)s, from %(first)s to %(last)s",
        len(plan),
        **ends,
    )
