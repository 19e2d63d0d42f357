"""Several accounts: somebody who moved, a landlord, an agent."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import NotFound, commits, current_account, notify_next, render
from portal.kit import gettext as _
from services.council_tax.operations.properties import join_others
from services.council_tax.queries import accounts
from services.council_tax.views.blueprint import bp
from services.council_tax.views.words import ROLES


@bp.get("/properties")
def properties() -> ResponseReturnValue:
    """All that the council has in the names under which the resident has joined accounts."""
    resident = current_account()
    records = accounts.own_records(resident)
    if not records:
        return redirect(url_for(".index"))
    persons = list({one.person_key: one for one in records}.values())
    chosen = next((one for one in persons if one.key == request.args.get("of")), persons[0])
    answer = accounts.ask_properties(resident, chosen, request.args.get("after", ""))
    joined = {one.key for one in records}
    lines = accounts.shown_lines(answer.value.items if answer.value else (), joined)
    return render(
        "council_tax/properties.html",
        answer=answer,
        records=records,
        persons=persons,
        chosen=chosen,
        lines=lines,
        joined=joined,
        others=[one for one in lines if one.reference not in joined],
        owed=sum(max(one.balance, 0) for one in lines),
        older=answer.value.after if answer.value else None,
        is_first="after" not in request.args,
        roles=ROLES,
    )


@bp.post("/properties")
@commits
def add_properties() -> ResponseReturnValue:
    """Add the person's other accounts that are on the list."""
    resident = current_account()
    of = next((one for one in accounts.own_records(resident) if one.key == request.form.get("of")), None)
    if of is None:
        raise NotFound
    many = join_others(resident, of, after=request.form.get("after", ""))
    notify_next(_("We have added %(many)s more to your account.", many=many) if many else _("There is nothing to add."))
    return redirect(url_for(".properties", of=of.key))
