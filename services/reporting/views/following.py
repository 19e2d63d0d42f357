"""Follow a report and stop, with an account or by e-mail, and say something on it."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    commits,
    current_account,
    current_account_or_none,
    notify_next,
    public,
    render,
    takes_files,
)
from portal.kit import gettext as _
from services.reporting.forms.public import ButtonForm, FollowForm, UpdateByLetterForm, UpdateForm
from services.reporting.forms.sending import PHOTOS_AT_ONCE
from services.reporting.operations import following
from services.reporting.operations.updating import add_update, add_update_by_letter
from services.reporting.queries.public import find_public, get_public
from services.reporting.views.blueprint import bp
from services.reporting.views.public_words import Line


@bp.post("/problems/<problem>/follow")
@commits
def follow(problem: str) -> ResponseReturnValue:
    """Be told of news, with an account."""
    report = get_public(problem)
    following.follow(current_account(), report=report)
    notify_next(_("You follow this report now. We will tell you what happens."))
    return redirect(url_for(".public_report", reference=report.reference))


@bp.post("/problems/<problem>/unfollow")
@commits
def unfollow(problem: str) -> ResponseReturnValue:
    """Be told no more."""
    report = get_public(problem)
    following.unfollow(current_account(), report_id=report.id)
    notify_next(_("You do not follow this report any more."))
    return redirect(url_for(".public_report", reference=report.reference))


@bp.route("/problems/<reference>/follow-by-email", methods=["GET", "POST"])
@public
@commits
def follow_by_email(reference: str) -> ResponseReturnValue:
    """Be told of news without an account. Who has one is led to their own way."""
    report, form = get_public(reference), FollowForm()
    page = url_for(".public_report", reference=report.reference)
    if current_account_or_none() is not None:
        return redirect(page)
    if form.accepted():
        try:
            following.follow_by_email(report, email=str(form.email.data), come_from=request.remote_addr or "")
        except TooMany as error:
            form.refuse(error.sentence, "email")
        else:
            notify_next(_("We have sent you a letter. Open the link in it to confirm that you want news."))
            return redirect(page)
    return render("reporting/follow.html", form=form, line=Line(report), back=page)


@bp.route("/following/<token>", methods=["GET", "POST"])
@public
@commits
def followed_by_letter(token: str) -> ResponseReturnValue:
    """Where letters to followers lead: one button begins it, the other ends it. Opening the page does neither."""
    found, form = following.get_by_letter(token), ButtonForm()
    if form.accepted() and "stop" in request.form:
        following.end(token)
        notify_next(_("You do not follow this report any more. We have deleted your address."))
        return redirect(url_for(".public_list"))
    if form.accepted():
        following.confirm(token)
        took_photo = _("We look at your photo before everybody can see it.") if found.photo_id else ""
        now = _("You follow this report now. We will write to you when something happens.")
        notify_next(" ".join(filter(None, (now, took_photo))))
        return redirect(url_for(".followed_by_letter", token=token))
    report = find_public(found.reference)  # one that is hidden since can still be stopped
    line = Line(report) if report else None
    return render("reporting/followed.html", form=form, line=line, found=found, token=token)


def _thanks(shown: bool, with_photos: bool) -> str:
    """What becomes of an update: whether words are shown at once, and whether there are photos to look at."""
    if not shown:
        return _("Thank you. We look at your update before everybody can see it.")
    if with_photos:
        return _("Thank you. Your update is on the page. We look at photos before everybody can see them.")
    return _("Thank you. Your update is on the page.")


@bp.route("/problems/<problem>/update", methods=["GET", "POST"])
@takes_files(PHOTOS_AT_ONCE)
@commits
def update(problem: str) -> ResponseReturnValue:
    """Say something on a report, for everybody."""
    report, form = get_public(problem), UpdateForm()
    page = url_for(".public_report", reference=report.reference)
    if form.accepted():
        try:
            shown = add_update(
                current_account(),
                report=report,
                words=str(form.words.data),
                key=form.once,
                photos=[file.stream for file in form.photos.data],
            )
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "photos" if form.photos.data else "words")
        else:
            notify_next(_thanks(shown, bool(form.photos.data)))
            return redirect(page)
    return render("reporting/update.html", form=form, line=Line(report), back=page)


@bp.route("/following/<token>/update", methods=["GET", "POST"])
@public
@commits
def update_by_letter(token: str) -> ResponseReturnValue:
    """Say something without an account: the letter has shown that the address is theirs."""
    found, form = following.get_by_letter(token), UpdateByLetterForm()
    if not found.confirmed:
        raise NotFound
    report = get_public(found.reference)
    if form.accepted():
        try:
            shown = add_update_by_letter(found.id, report=report, words=str(form.words.data), key=form.once)
        except (Refused, TooMany) as error:
            form.refuse(error.sentence, "words")
        else:
            notify_next(_thanks(shown, with_photos=False))
            return redirect(url_for(".public_report", reference=report.reference))
    back = url_for(".followed_by_letter", token=token)
    return render("reporting/update.html", form=form, line=Line(report), back=back)
