"""Photos, whether everybody may see it, everything once more, and the confirmation."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Refused,
    TooMany,
    Unavailable,
    browser_id,
    can_tell,
    current_account,
    find_files,
    notify_next,
    render,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting.forms.sending import PHOTOS_AT_ONCE, CheckForm, PhotoForm, PrivateForm
from services.reporting.operations import photos as photo_acts
from services.reporting.operations.guests import ask_to_confirm
from services.reporting.operations.sending import send_report
from services.reporting.queries import own
from services.reporting.rules.categories import find_category, why_not_taken
from services.reporting.rules.journey import Step, step_after
from services.reporting.rules.personal import leads_to_somebody
from services.reporting.rules.written import digest_of, photos_in, written_in
from services.reporting.settings.categories import Category
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.answer_rows import answer_rows
from services.reporting.views.asking import Asking, add_page, ask, go_on, question
from services.reporting.views.blueprint import bp
from services.reporting.workflow import SERVICE


@question(Step.PHOTO, files=PHOTOS_AT_ONCE)
def photo(asking: Asking) -> ResponseReturnValue:
    """Up to five photos, or none. Continue without a file keeps those that are there."""
    held, most = photos_in(asking.draft.answers), settings_of(ReportingSettings).photos_a_report
    form, before = PhotoForm(max(0, most - len(held))), len(held)
    if form.accepted():
        _add(asking, form)
        if not form.photos.errors:
            return _after_photos(asking)
        held = photos_in(own.get_own_draft(asking.account, asking.draft.id).answers)
        form.offer(max(0, most - len(held)))
    values = {"photos": find_files(asking.account.id, held), "some_kept": len(held) > before}
    return ask("photo", asking, Step.PHOTO, form, heading=_("Do you have photos?"), **values)


def remove_photo(asking: Asking, photo_id: UUID) -> ResponseReturnValue:
    """Take a photo out again."""
    photo_acts.remove_photo(asking.account, draft_id=asking.draft.id, photo_id=photo_id)
    notify_next(_("The photo has been removed."))
    return redirect(asking.page_of(Step.PHOTO))


add_page("remove_photo", remove_photo, "photo/<uuid:photo_id>/remove", ["POST"])


@question(Step.PRIVATE)
def private(asking: Asking) -> ResponseReturnValue:
    """Whether everybody may see it."""
    form = PrivateForm({"private": "no"} | asking.draft.answers.get(Step.PRIVATE, {}))
    if form.accepted():
        return go_on(asking, Step.PRIVATE, private=form.private.data)
    return ask("question", asking, Step.PRIVATE, form, heading=form.private.text)


@question(Step.CHECK)
def check(asking: Asking) -> ResponseReturnValue:
    """Everything once more; the button sends it."""
    answers = asking.draft.answers
    form = CheckForm(digest_of(written_in(answers), photos_in(answers), answers.get(Step.CONTACT)))
    category = find_category(answers[Step.KIND]["kind"])
    refusal = why_not_taken(category) if category else _("You cannot report this kind of problem any more.")
    if refusal:
        form.refuse(refusal)
    elif form.accepted():
        try:
            return redirect(_send(asking))
        except (Refused, TooMany) as error:
            form.refuse(error.sentence)
    rows, names = answer_rows(asking, category), _leads_to_somebody(asking, category)
    return ask("check", asking, Step.CHECK, form, heading=_("Check your answers"), rows=rows, names=names)


@bp.get("/reports/<reference>/sent")
def sent(reference: str) -> ResponseReturnValue:
    """The confirmation, which can be bookmarked."""
    account = current_account()
    report = own.get_report(account, reference)
    return render("reporting/sent.html", report=report, by_email=can_tell(account, topic=SERVICE))


def _send(asking: Asking) -> str:
    """Send it, or for a guest the letter with the link that sends it; the page that says so."""
    if asking.as_guest:
        email = asking.draft.answers[Step.CONTACT]["email"]
        ask_to_confirm(browser_id(), draft_id=asking.draft.id, email=email)
        return asking.address("written")
    return url_for(".sent", reference=send_report(asking.account, draft_id=asking.draft.id).reference)


def _leads_to_somebody(asking: Asking, category: Category | None) -> bool:
    """Whether there is something in what everybody will read that they may not want to show."""
    written = written_in(asking.draft.answers)
    hidden = written.private or (category is not None and category.private)
    return not hidden and any(map(leads_to_somebody, (written.description, written.place.text)))


def _add(asking: Asking, form: PhotoForm) -> None:
    """Add the photos that are good, and name those that are not."""
    files, faults = form.photos.data, [str(error) for error in form.photos.errors]

    def left_out(at: int, sentence: str) -> None:
        faults.append(f"{files[at].filename}: {sentence}" if len(files) > 1 else sentence)

    if files:
        streams = [file.stream for file in files]
        try:
            photo_acts.add_photos(asking.account, draft_id=asking.draft.id, streams=streams, left_out=left_out)
        except (Refused, TooMany, Unavailable) as error:
            faults.append(error.sentence)
    form.photos.errors = []
    if faults:
        form.refuse(" ".join(faults), "photos")


def _after_photos(asking: Asking) -> ResponseReturnValue:
    """On, with the photos that are in the draft now; none is an answer too."""
    answers = own.get_own_draft(asking.account, asking.draft.id).answers
    if Step.PHOTO not in answers:
        return go_on(asking, Step.PHOTO, photos=[])
    return redirect(asking.page_of(step_after(Step.PHOTO, answers)))
