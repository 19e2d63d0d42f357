"""Find the band of a home: open to everybody, as the valuation list is."""

from collections.abc import Mapping

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import NotFound, Refused, Unavailable, clock, normalise_postcode, public, render
from portal.kit import gettext as _
from services.council_tax.forms.open_pages import BandForm
from services.council_tax.queries.published import dwellings_at, get_published
from services.council_tax.rules.charges import Band
from services.council_tax.rules.years import year_of
from services.council_tax.views.blueprint import bp


@bp.route("/bands", methods=["GET", "POST"])
@public
def bands() -> ResponseReturnValue:
    """The postcode, and what each band is charged this year."""
    form = BandForm()
    if form.accepted():
        return redirect(url_for(".bands_at", postcode=str(form.postcode.data).replace(" ", "")))
    try:
        published = get_published(year_of(clock.today()))
    except (NotFound, Unavailable):  # not set yet, or not to be had now
        published = None
    return render("council_tax/bands.html", form=form, published=published)


@bp.get("/bands/<postcode>")
@public
def bands_at(postcode: str) -> ResponseReturnValue:
    """The homes at a postcode with their bands and this year's charge."""
    year = year_of(clock.today())
    try:
        postcode = normalise_postcode(postcode)
        found, charges, problem = dwellings_at(postcode), _charges(year), ""
    except Refused:
        return redirect(url_for(".bands"))
    except Unavailable:
        problem = _("We cannot reach the list of bands at the moment. Try again in a few minutes.")
        away = render("council_tax/bands_at.html", postcode=postcode, found=(), charges={}, year=0, problem=problem)
        return away, 503
    return render(
        "council_tax/bands_at.html",
        postcode=postcode,
        found=found,
        charges=charges,
        year=year,
        problem=problem,
    )


def _charges(year: int) -> Mapping[Band, int]:
    """What each band is charged, pence; nothing while the year is not set. Raises Unavailable."""
    try:
        return get_published(year).charges
    except NotFound:
        return {}
