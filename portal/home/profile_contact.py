"""How the resident is reached: telephone number, and the way they prefer."""

from werkzeug.wrappers import Response

from portal.accounts import profile_changes, queries, rules
from portal.db.session import commits
from portal.home.profile_blueprint import back_to_overview, bp, saved, status_of
from portal.home.profile_forms import ContactForm, PhoneForm
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.web.languages import gettext as _
from portal.web.page import render


@bp.route("/phone", methods=["GET", "POST"])
@sensitive
@commits
def phone() -> Response | tuple[str, int]:
    """The telephone number; left empty it is removed."""
    account = current_account()
    profile = queries.get_profile(account.id)
    shown = rules.printed_number(profile.phone) if profile.phone else ""
    form = PhoneForm(phone=shown, version=rules.version_of(profile, "phone"))
    if form.accepted() and saved(
        form,
        account,
        "phone",
        lambda: profile_changes.change_phone(account, phone=form.phone.e164 or None, version=form.version.data or ""),
        blame="phone",
    ):
        changed = _("Your telephone number has been changed")
        return back_to_overview(changed if form.phone.data else _("Your telephone number has been removed"))
    title = _("What is your telephone number?")
    return render("home/profile/one_question.html", form=form, title=title, field="phone"), status_of(form)


@bp.route("/contact", methods=["GET", "POST"])
@sensitive
@commits
def contact() -> Response | tuple[str, int]:
    """The way the resident wants to hear from us, and what we should know then."""
    account = current_account()
    profile = queries.get_profile(account.id)
    form = ContactForm(profile, version=rules.version_of(profile, "contact"))
    if form.accepted() and saved(
        form,
        account,
        "contact",
        lambda: profile_changes.change_contact(
            account,
            contact_by=form.contact_by.data,
            contact_needs=form.contact_needs.data,
            version=form.version.data or "",
        ),
        blame="contact_by",
    ):
        return back_to_overview(_("How we contact you has been changed"))
    return render("home/profile/contact.html", form=form), status_of(form)
