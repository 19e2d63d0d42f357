"""What everybody can see of reports: the list, one report, its photos."""

from typing import Final
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.kit import (
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    case_path,
    commits,
    council,
    current_account_or_none,
    current_language,
    file_answer,
    gazetteer,
    limit,
    public,
    read_reference,
    render,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting.forms.public import NearForm
from services.reporting.queries.following import interest_in, is_own, standing_to
from services.reporting.queries.office_photos import get_office_photo
from services.reporting.queries.own import those_of_ours
from services.reporting.queries.public import find_merged_into, find_public, get_public, list_public, shown_photos
from services.reporting.queries.updates import updates_of
from services.reporting.rules.places import Point
from services.reporting.rules.wanted import Mark
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.blueprint import bp
from services.reporting.views.public_words import (
    Line,
    around_words,
    filters_for,
    kept_filters,
    near_words,
    timeline_of,
    unknown_words,
    wanted_from,
)
from services.reporting.workflow import REOPEN_DAYS

PAGE: Final = 20
LOOKUPS_FROM_AN_ADDRESS: Final = 60
"""Postcodes in ten minutes."""


@bp.get("/problems")
@public
def public_list() -> ResponseReturnValue:
    """The newest reports, narrowed by what the address says."""
    wanted, before = wanted_from(request.args), Mark.read(request.args.get("before"))
    found = list_public(wanted, before=before, limit=PAGE + 1)
    return render(
        "reporting/public_list.html",
        lines=[Line(report) for report in found[:PAGE]],
        older=str(found[PAGE - 1].mark) if len(found) > PAGE else None,
        wanted=wanted,
        filters=filters_for(wanted),
        unknown=unknown_words(),
        kept=kept_filters(),
        near=near_words(),
        around=around_words(wanted_from(request.args)),
        first_page=before is None,
    )


@bp.route("/problems/near", methods=["GET", "POST"])
@public
@commits
def public_near() -> ResponseReturnValue:
    """Look around a postcode: it becomes a place in the address of the list."""
    form = NearForm({"metres": "500"})
    if form.accepted():
        try:
            point = place_of_postcode(form.postcode.data)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "postcode")
        else:
            place = {"lat": point.lat, "lon": point.lon, "metres": form.metres.data, "near": form.postcode.data}
            return redirect(url_for(".public_list", **place))
    elsewhere = settings_of(ReportingSettings).other_councils_url
    return render("reporting/public_near.html", form=form, other_councils_url=elsewhere)


@bp.get("/problems/<reference>")
@public
def public_report(reference: str) -> ResponseReturnValue:
    """One report, with all that was said and done. Its owner is led to their own page of one that nobody else sees."""
    account, report = current_account_or_none(), find_public(reference)
    if report is None:
        exact = read_reference(reference)
        if account is not None and exact is not None and is_own(account, exact):
            return redirect(case_path(exact))
        raise NotFound(_("We have no report with this reference that everybody can see."))
    updates, older = updates_of(report.id, before=Mark.read(request.args.get("before")))
    photos = shown_photos([report.id]).get(report.id, ())
    face = council()
    name = face.name_cy if current_language() == "cy" else face.name
    return render(
        "reporting/public_report.html",
        line=Line(report),
        report=report,
        photos=[photo for photo in photos if photo.update_id is None],
        timeline=timeline_of(updates, name, photos),
        older=older,
        stays=line_of_staying(report.id),
        standing=standing_to(account, report.id),
        interest=interest_in(report.id),
        signed_in=account is not None,
        case_page=case_path(report.reference),
        reopen_days=REOPEN_DAYS,
    )


@bp.get("/photos/<token>")
@public
def office_photo(token: str) -> Response:
    """A photo, for the office that was given its address. Raises NotFound."""
    return file_answer(*get_office_photo(token))


@bp.get("/problems/<reference>/photos/<int:position>")
@public
def public_photo(reference: str, position: int) -> Response:
    """A photo that a moderator has let everybody see. Raises NotFound."""
    report = get_public(reference)
    photos = shown_photos([report.id]).get(report.id, ())
    photo = next((each for each in photos if each.position == position), None)
    if photo is None:
        raise NotFound
    return file_answer(photo.owner_id, photo.file_id)


def line_of_staying(report_id: UUID) -> Line | None:
    """The report that this one was merged into, with how it stands, if everybody may see it."""
    reference = find_merged_into(report_id)
    stays = find_public(reference) if reference else None
    return Line(stays) if stays else None


def place_of_postcode(postcode: str) -> Point:
    """The middle of our addresses with that postcode. Raises Refused where none is ours; TooMany; Unavailable."""
    limit(f"reporting.look_up_from:{request.remote_addr}", limit=LOOKUPS_FROM_AN_ADDRESS, seconds=600)
    try:
        found = gazetteer().by_postcode(postcode)
    except Unavailable:
        raise Unavailable(_("We cannot look up postcodes at the moment. Try again later, or choose a ward")) from None
    if not found:
        raise Refused(
            _(
                "We know no address of ours with this postcode. Check it, choose a ward, or find the council for"
                " another area"
            )
        )
    ours = those_of_ours(found)
    count = len(ours)
    lat, lon = sum(each.lat for each in ours) / count, sum(each.lon for each in ours) / count
    return Point(round(lat, 5), round(lon, 5))
