"""Fill in a form for somebody who rings, comes or writes: find or open their account, then use the very same forms."""

import uuid
from typing import Final

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, exists, select

from portal.accounts import claim_codes, finding
from portal.accounts.queries import get_account, get_profile
from portal.cases.models import CaseRow, DraftRow
from portal.db.session import commits, session
from portal.registry.mount import mounted
from portal.staff import looks, visits
from portal.staff.gate import PREFIX
from portal.staff.narrow_visits import is_narrow
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff, current_staff_session
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import render

bp = Blueprint("desk_assist", __name__, url_prefix=f"{PREFIX}/assist", template_folder="templates")

CHANNELS: Final = (
    ("telephone", _("They are on the telephone")),
    ("desk", _("They are here at a counter")),
    ("letter", _("They wrote a letter")),
)
CHECKS: Final = (
    ("details", _("They told their full name, address and date of birth")),
    ("document", _("They showed a document with a photograph")),
    ("known", _("They are known to us from an open case")),
    (visits.UNCHECKED, _("Not checked: only for what anybody may report, in a new account")),
)


_HOLDS_SOMETHING = select(
    exists().where(CaseRow.account_id == bindparam("account"))
    | exists().where(DraftRow.account_id == bindparam("account"))
)


class FindForm(forms.Form):
    """Who it is. One of the two ways is enough; without a postcode the last name finds only those kept by us."""

    email = forms.EmailField(_("Their email address"))
    family_name = forms.TextField(_("Their last name"), max_length=100, spellcheck=False)
    postcode = forms.PostcodeField(
        _("The postcode of their home"),
        hint=_("Without it only accounts are found that we keep for somebody."),
        mark_optional=False,
    )


class OpenForm(forms.Form):
    """Somebody who has no account yet."""

    given_name = forms.TextField(
        _("Their first names"), required=_("Enter their first names"), max_length=100, spellcheck=False
    )
    family_name = forms.TextField(
        _("Their last name"), required=_("Enter their last name"), max_length=100, spellcheck=False
    )
    phone = forms.TelephoneField(_("Their telephone number"))


class BeginForm(forms.Form):
    """How they come to us, and how we know them."""

    channel = forms.RadioField(_("How do they come to us?"), choices=CHANNELS, required=_("Choose how they come to us"))
    identity_check = forms.RadioField(
        _("How did you make sure who they are?"), choices=CHECKS, required=_("Choose how you made sure who they are")
    )


@bp.route("", methods=["GET", "POST"])
@needs("assist")
@commits
def find() -> ResponseReturnValue:
    """Look for their account. Whoever is shown in the answer is told that we looked."""
    form = FindForm()
    if not form.accepted():
        return render("desk/assist_find.html", form=form, matches=None)
    matches = _matches(form)
    if matches is None:
        form.refuse(gettext("Enter an email address, or a last name"), "email")
        return render("desk/assist_find.html", form=form, matches=None)
    staff = current_staff()
    for match in matches:
        looks.note_look(staff, account_id=match.account_id, what="search", reason="caller", right="assist")
    return render("desk/assist_find.html", form=form, matches=matches)


@bp.route("/new", methods=["GET", "POST"])
@needs("assist")
@commits
def open_account() -> ResponseReturnValue:
    """An account that waits for its resident. A double click opens one that nobody misses and that stays empty."""
    form = OpenForm()
    if form.accepted():
        account_id = claim_codes.open_for_caller(
            current_staff().actor,
            given_name=str(form.given_name.data),
            family_name=str(form.family_name.data),
            phone=form.phone.data or None,
        )
        return redirect(url_for(".begin", account_id=account_id), 303)
    return render("desk/assist_new.html", form=form)


@bp.route("/<uuid:account_id>", methods=["GET", "POST"])
@needs("assist")
@commits
def begin(account_id: uuid.UUID) -> ResponseReturnValue:
    """Say how they come and how we know them; then the forms are theirs, with a banner on every page."""
    account = get_account(account_id)
    looks.note_look(current_staff(), account_id=account.id, what="profile", reason="caller", right="assist")
    form = BeginForm()
    if form.accepted() and _may_begin(form, account.id):
        visits.begin(
            current_staff_session(),
            account.id,
            "assist",
            reason="caller",
            written=False,
            channel=str(form.channel.data),
            identity_check=str(form.identity_check.data),
        )
        shut_in = is_narrow("assist") or form.identity_check.data == visits.UNCHECKED
        start = url_for(".choose_form", account_id=account.id) if shut_in else url_for("home.home")
        return redirect(start, 303)
    profile = get_profile(account.id)
    name = f"{profile.given_name} {profile.family_name}".strip() or account.display_name
    unclaimed = claim_codes.is_unclaimed(account.id)
    return render("desk/assist_begin.html", form=form, account_id=account.id, name=name, unclaimed=unclaimed)


@bp.get("/<uuid:account_id>/forms")
@needs("assist")
def choose_form(account_id: uuid.UUID) -> str:
    """The services with which they may help, for who may not with all."""
    grants = current_grants()
    services = [each.service for each in mounted() if grants.allow("assist", service=each.slug)]
    return render("desk/assist_forms.html", services=services, account_id=account_id)


@bp.post("/<uuid:account_id>/code")
@needs("assist")
@commits
def code(account_id: uuid.UUID) -> ResponseReturnValue:
    """A code to read out or to write into a letter. It is shown this once: nobody can look it up again."""
    made = claim_codes.make_code(current_staff().actor, account_id)
    return render("desk/assist_code.html", code=made, account_id=account_id)


def _may_begin(form: BeginForm, account_id: uuid.UUID) -> bool:
    """Whether this account may be used for this caller. Without a check only one that holds nothing: whatever a page
    shows of it then, they have just told us.
    """
    if form.identity_check.data != visits.UNCHECKED:
        return True
    if not session().scalar(_HOLDS_SOMETHING, {"account": account_id}) and claim_codes.is_unclaimed(account_id):
        return True
    form.refuse(
        gettext("Without a check you cannot use an account that holds something. Open a new one for what they report."),
        "identity_check",
    )
    return False


def _matches(form: FindForm) -> list[finding.Match] | None:
    """Who it may be; None when not enough was entered. A last name alone finds those whom we keep ourselves: they may
    have told us nothing else.
    """
    email, family_name, postcode = str(form.email.data), str(form.family_name.data), str(form.postcode.data or "")
    if email:
        return finding.find_by_email(email)
    if not family_name:
        return None
    at_home = finding.find_by_home(family_name, postcode) if postcode else []
    known = {match.account_id for match in at_home}
    return [*at_home, *(match for match in finding.find_unclaimed(family_name) if match.account_id not in known)]
