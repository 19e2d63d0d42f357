"""The pages: start, one page for each question, check, confirmation, report and list."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Draft,
    Form,
    Refused,
    TooMany,
    Unavailable,
    can_tell,
    commits,
    current_account,
    find_file,
    for_helpers,
    get_case,
    notify_next,
    render,
    save_answers,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting import workflow
from services.reporting.forms.asking import (
    AddressForm,
    CheckForm,
    CoordinatesForm,
    DescriptionForm,
    KindForm,
    PhotoForm,
    PostcodeForm,
    StreetForm,
    WhereForm,
)
from services.reporting.operations import drafts, photos, sending
from services.reporting.queries import own
from services.reporting.rules.categories import get_category, offered, why_not_taken
from services.reporting.rules.journey import (
    Step,
    first_missing,
    may_open,
    place_of,
    place_step,
    step_after,
    step_before,
)
from services.reporting.rules.written import photos_in
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.blueprint import bp

Question = Callable[[Draft], ResponseReturnValue]
LATEST, PAGE = 3, 20


def question(step: Step) -> Callable[[Question], Question]:
    """Make a view a page of the journey: it gets the draft. Who comes too early, or after sending, is shown the way."""

    def register(view: Question) -> Question:
        @bp.route(f"/drafts/<uuid:draft_id>/{step}", endpoint=step, methods=["GET", "POST"])
        @for_helpers
        @commits
        @wraps(view)
        def guarded(draft_id: UUID) -> ResponseReturnValue:
            account = current_account()
            draft = own.get_own_draft(account, draft_id)
            if draft.case_id:
                return redirect(url_for(".sent", reference=get_case(account.id, draft.case_id).reference))
            if not may_open(step, draft.answers):
                return redirect(page_of(first_missing(draft.answers), draft))
            return view(draft)

        return view

    return register


def page_of(step: Step, draft: Draft) -> str:
    """The address of a question."""
    return url_for(f".{step}", draft_id=draft.id)


def ask(template: str, draft: Draft, step: Step, form: Form, **values: Any) -> str:
    """The page of a question, with the way back."""
    before = step_before(step, draft.answers)
    back = page_of(before, draft) if before else url_for(".start")
    return render(f"reporting/{template}.html", draft=draft, form=form, back=back, **values)


def ask_where(template: str, draft: Draft, step: Step, form: Form, **values: Any) -> str:
    """The page of a question about the place, with the way out for places of other councils."""
    elsewhere = settings_of(ReportingSettings).other_councils_url
    return ask(template, draft, step, form, other_councils_url=elsewhere, **values)


def go_on(draft: Draft, step: Step, **answers: Any) -> ResponseReturnValue:
    """Keep the answers of a page and go where Continue leads."""
    draft = save_answers(current_account(), draft.id, step=step, answers=answers)
    return redirect(page_of(step_after(step, draft.answers), draft))


@bp.get("/")
@for_helpers
def start() -> ResponseReturnValue:
    """What can be reported, the way in, and what was reported lately."""
    account = current_account()
    categories = offered()
    latest, _more = own.reports_of(account, most=LATEST)
    draft = own.find_open_draft(account)
    return render("reporting/start.html", categories=categories, draft=draft, reports=latest)


@bp.post("/")
@for_helpers
@commits
def begin() -> ResponseReturnValue:
    """Start a report. On the start page's own address, so that signing in again leads back to it."""
    draft = drafts.begin_report(current_account())
    return redirect(page_of(Step.KIND, draft))


@bp.route("/drafts/<uuid:draft_id>/discard", methods=["GET", "POST"])
@for_helpers
@commits
def discard(draft_id: UUID) -> ResponseReturnValue:
    """Throw away what was begun, once the resident has said so a second time."""
    account = current_account()
    if not Form().accepted():
        draft = own.get_own_draft(account, draft_id)
        return redirect(url_for(".start")) if draft.case_id else render("reporting/discard.html", draft=draft)
    drafts.discard_report(account, draft_id=draft_id)
    notify_next(_("Your unsent report has been deleted."))
    return redirect(url_for(".start"))


@question(Step.KIND)
def kind(draft: Draft) -> ResponseReturnValue:
    """What kind of problem it is."""
    form = KindForm(draft.answers.get(Step.KIND))
    if form.accepted():
        return go_on(draft, Step.KIND, kind=form.kind.data)
    return ask("question", draft, Step.KIND, form, heading=form.kind.text)


@question(Step.WHERE)
def where(draft: Draft) -> ResponseReturnValue:
    """Which way of saying where it is."""
    form = WhereForm(draft.answers.get(Step.WHERE))
    if form.accepted():
        return go_on(draft, Step.WHERE, where=form.where.data)
    return ask("question", draft, Step.WHERE, form, heading=form.where.text)


@question(Step.POSTCODE)
def postcode(draft: Draft) -> ResponseReturnValue:
    """The postcode, whose addresses are kept in the draft: asked once, however often the pages are opened."""
    form = PostcodeForm(draft.answers.get(Step.POSTCODE))
    if form.accepted():
        try:
            found = own.find_addresses(current_account(), form.postcode.data)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "postcode")
        else:
            return go_on(draft, Step.POSTCODE, postcode=form.postcode.data, found=found)
    return ask_where("place", draft, Step.POSTCODE, form, heading=form.postcode.text)


@question(Step.ADDRESS)
def address(draft: Draft) -> ResponseReturnValue:
    """Which of the addresses."""
    looked_up = draft.answers[Step.POSTCODE]
    form = AddressForm(draft.answers.get(Step.ADDRESS))
    form.address.choices = [(found["uprn"], found["label"]) for found in looked_up["found"]]
    if form.accepted():
        return go_on(draft, Step.ADDRESS, address=form.address.data)
    return ask_where("address", draft, Step.ADDRESS, form, heading=form.address.text, postcode=looked_up["postcode"])


@question(Step.STREET)
def street(draft: Draft) -> ResponseReturnValue:
    """A street or place in words."""
    form = StreetForm(draft.answers.get(Step.STREET))
    if form.accepted():
        return go_on(draft, Step.STREET, street=form.street.data, whereabouts=form.whereabouts.data)
    return ask_where("street", draft, Step.STREET, form, heading=_("Which street or place is it?"))


@question(Step.COORDINATES)
def coordinates(draft: Draft) -> ResponseReturnValue:
    """Latitude and longitude."""
    form = CoordinatesForm(draft.answers.get(Step.COORDINATES))
    if form.accepted():
        return go_on(draft, Step.COORDINATES, lat=form.point.lat, lon=form.point.lon)
    heading = _("What are the coordinates of the problem?")
    return ask_where("coordinates", draft, Step.COORDINATES, form, heading=heading)


@question(Step.DESCRIPTION)
def description(draft: Draft) -> ResponseReturnValue:
    """What is wrong."""
    form = DescriptionForm(draft.answers.get(Step.DESCRIPTION))
    if form.accepted():
        return go_on(draft, Step.DESCRIPTION, description=form.description.data)
    return ask("question", draft, Step.DESCRIPTION, form, heading=form.description.text)


@question(Step.PHOTO)
def photo(draft: Draft) -> ResponseReturnValue:
    """One photo, or none. Continue without a file keeps what is there."""
    form = PhotoForm()
    held = photos_in(draft.answers)
    if form.accepted():
        if form.photo.data is None:
            return go_on(draft, Step.PHOTO, photos=[str(each) for each in held])
        try:
            draft = photos.add_photo(current_account(), draft_id=draft.id, stream=form.photo.data.stream)
            return redirect(page_of(step_after(Step.PHOTO, draft.answers), draft))
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "photo")
    kept = find_file(current_account().id, held[-1]) if held else None
    return ask("photo", draft, Step.PHOTO, form, heading=_("Do you have a photo?"), photo=kept)


@bp.post("/drafts/<uuid:draft_id>/photo/remove")
@for_helpers
@commits
def remove_photo(draft_id: UUID) -> ResponseReturnValue:
    """Take the photo out again."""
    account = current_account()
    held = photos_in(own.get_own_draft(account, draft_id).answers)
    if held:
        photos.remove_photo(account, draft_id=draft_id, photo_id=held[-1])
    draft = own.get_own_draft(account, draft_id)
    notify_next(_("The photo has been removed."))
    return redirect(page_of(Step.PHOTO, draft))


@question(Step.CHECK)
def check(draft: Draft) -> ResponseReturnValue:
    """Everything once more; the button sends it."""
    form = CheckForm()
    category = get_category(draft.answers[Step.KIND]["kind"])
    refusal = why_not_taken(category)
    if refusal:
        form.refuse(refusal)
    elif form.accepted():
        try:
            case = sending.send_report(current_account(), draft_id=draft.id)
            return redirect(url_for(".sent", reference=case.reference))
        except (Refused, TooMany) as error:
            form.refuse(error.sentence)
    place, change_place = place_of(draft.answers), page_of(place_step(draft.answers), draft)
    return ask("check", draft, Step.CHECK, form, category=category, place=place, change_place=change_place)


@bp.get("/reports/<reference>/sent")
def sent(reference: str) -> ResponseReturnValue:
    """The confirmation, which can be bookmarked."""
    account = current_account()
    report = own.get_report(account, reference)
    return render("reporting/sent.html", report=report, by_email=can_tell(account, topic=workflow.SERVICE))


@bp.get("/reports")
@for_helpers
def reports() -> ResponseReturnValue:
    """All reports of the resident, newest first."""
    lines, older = own.reports_of(current_account(), after=request.args.get("after"), most=PAGE)
    return render("reporting/reports.html", reports=lines, older=older)
