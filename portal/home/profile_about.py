"""Who the resident is: name, date of birth, language."""

from werkzeug.wrappers import Response

from portal.accounts import profile_changes, queries, rules
from portal.db.session import commits
from portal.home.profile_blueprint import back_to_overview, bp, saved, status_of
from portal.home.profile_forms import DateOfBirthForm, LanguageForm, NameForm
from portal.identity.sessions import current_account
from portal.web import cookies, languages
from portal.web.languages import gettext as _
from portal.web.page import render


@bp.route("/name", methods=["GET", "POST"])
@commits
def name() -> Response | tuple[str, int]:
    """First names, last name, and what to be called."""
    account = current_account()
    profile = queries.get_profile(account.id)
    form = NameForm(profile, version=rules.version_of(profile, "name"))
    if form.accepted() and saved(
        form,
        account,
        "name",
        lambda: profile_changes.change_name(
            account,
            given_name=form.given_name.data,
            family_name=form.family_name.data,
            preferred_name=form.preferred_name.data,
            version=form.version.data or "",
        ),
    ):
        return back_to_overview(_("Your name has been changed"))
    return render("home/profile/name.html", form=form), status_of(form)


@bp.route("/date-of-birth", methods=["GET", "POST"])
@commits
def date_of_birth() -> Response | tuple[str, int]:
    """When the resident was born."""
    account = current_account()
    profile = queries.get_profile(account.id)
    form = DateOfBirthForm(profile, version=rules.version_of(profile, "date_of_birth"))
    if form.accepted() and saved(
        form,
        account,
        "date_of_birth",
        lambda: profile_changes.change_date_of_birth(
            account, date_of_birth=form.date_of_birth.data, version=form.version.data or ""
        ),
        blame="date_of_birth",
    ):
        return back_to_overview(_("Your date of birth has been changed"))
    title = _("What is your date of birth?")
    return render("home/profile/one_question.html", form=form, title=title, field="date_of_birth"), status_of(form)


@bp.route("/language", methods=["GET", "POST"])
@commits
def language() -> Response | str:
    """The language of pages and letters; the next page speaks it already."""
    account = current_account()
    form = LanguageForm(language=account.language)
    if form.accepted():
        profile_changes.change_language(account, language=form.language.data)
        cookies.put("language", form.language.data, max_age=languages.YEAR)
        with languages.using(form.language.data):
            return back_to_overview(_("Your language has been changed"))
    title = _("Which language do you want to use?")
    return render("home/profile/one_question.html", form=form, title=title, field="language")
