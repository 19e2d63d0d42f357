"""Work out a bill: open to everybody."""

from datetime import date, timedelta
from typing import Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import NotFound, Unavailable, clock, format_date, public, render, settings_of
from portal.kit import gettext as _
from services.council_tax.forms.open_pages import EstimateForm
from services.council_tax.queries.published import get_charges
from services.council_tax.rules.charges import BANDS
from services.council_tax.rules.instalments import instalments
from services.council_tax.rules.liability import State, charge_for
from services.council_tax.rules.naming import adjustment_called
from services.council_tax.rules.years import first_day, last_day, year_of
from services.council_tax.settings import CouncilTaxSettings
from services.council_tax.views.blueprint import bp

AHEAD: Final = timedelta(days=365)
BEFORE_THE_YEAR: Final = timedelta(days=21)
"""How long before 1 April the bills of a year are out: they must be 14 days before the first payment (SI 1992/613)."""


@bp.route("/estimate", methods=["GET", "POST"])
@public
def estimate() -> ResponseReturnValue:
    """What the bill is worked out from."""
    today = clock.today()
    form = EstimateForm(
        {"since": today, "adults": "2", "disabled": "no", "many": "10", "band": request.args.get("band")}
    )
    if form.accepted() and form.since.data is not None:
        day = form.since.data
        earliest = first_day(year_of(today) - 1)
        if not earliest <= day <= today + AHEAD:
            form.refuse(
                _(
                    "Enter a day from %(first)s to %(last)s",
                    first=format_date(earliest),
                    last=format_date(today + AHEAD),
                ),
                "since",
            )
        else:
            sent = {name: form[name].data for name in ("band", "adults", "disabled", "many")}
            return redirect(url_for(".estimated", since=day.isoformat(), **sent))
    return render("council_tax/estimate.html", form=form)


@bp.get("/estimate/bill")
@public
def estimated() -> ResponseReturnValue:
    """The bill, day by day, and its payments."""
    asked = _asked()
    if asked is None:
        return redirect(url_for(".estimate"))
    state, many = asked
    year = year_of(state.since_on)
    try:
        charges = get_charges(year)
    except (Unavailable, NotFound) as problem:
        unset = isinstance(problem, NotFound)
        return render("council_tax/estimated.html", bill=None, year=year, unset=unset), 200 if unset else 503
    order = settings_of(CouncilTaxSettings).order_of_reductions
    charge = charge_for(charges, [state], order=order)
    return render(
        "council_tax/estimated.html",
        bill=charge,
        dues=instalments(charge.pence, _billed_on(state.since_on), year, many=12 if many == 12 else 10),
        year=year,
        unset=False,
        state=state,
        until_on=last_day(year),
        whole=charges.of(state.band),
        reasons=[(adjustment_called(one.kind, one.code), one) for each in charge.periods for one in each.reasons],
    )


def _billed_on(since_on: date) -> date:
    """When the bill would come: in March for who lives there when the year begins, else with the move."""
    return since_on - BEFORE_THE_YEAR if since_on == first_day(year_of(since_on)) else since_on


def _asked() -> tuple[State, int] | None:
    """What stands in the address; None for what no form of ours sends."""
    try:
        since_on = date.fromisoformat(request.args["since"])
        band = next(each for each in BANDS if each == request.args["band"])
        adults, many = int(request.args["adults"]), int(request.args["many"])
    except (KeyError, ValueError, StopIteration):
        return None
    today = clock.today()
    if (
        not first_day(year_of(today) - 1) <= since_on <= today + AHEAD
        or adults not in (0, 1, 2)
        or many not in (10, 12)
    ):
        return None
    reduced = request.args.get("disabled") == "yes"
    return State(since_on, band, adults_counted=adults, band_reduction=reduced), many
