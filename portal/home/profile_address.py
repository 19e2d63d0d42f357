"""Addresses: a postcode, the addresses there, a last look; or typed by hand, which is always on offer.

The steps before the last change nothing, so that each is a page of its own that "back" and "reload" work on.
"""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.accounts import profile_changes, queries, rules
from portal.db.session import commits
from portal.errors import Refused, Unavailable
from portal.gazetteer.lookup import gazetteer
from portal.gazetteer.values import Address
from portal.home.profile_blueprint import back_to_overview, bp, saved, status_of
from portal.home.profile_forms import (
    ChooseAddressForm,
    ConfirmAddressForm,
    PostcodeForm,
    QuestionForm,
    TypedAddressForm,
)
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

PATH = "/address/<any(home, correspondence):kind>"


@bp.route(PATH, methods=["GET", "POST"])
@sensitive
def address(kind: str) -> Response | str:
    """Ask for the postcode."""
    profile = queries.get_profile(current_account().id)
    form = PostcodeForm()
    if form.accepted():
        return redirect(url_for(".choose_address", kind=kind, postcode=form.postcode.data))
    return render("home/profile/address.html", form=form, kind=kind, known=profile.address(kind))


@bp.route(f"{PATH}/choose", methods=["GET", "POST"])
@sensitive
def choose_address(kind: str) -> Response | str:
    """The addresses of the postcode."""
    form = ChooseAddressForm()
    postcode = request.args.get("postcode", "")
    try:
        found = gazetteer().by_postcode(postcode)
    except Refused:
        return redirect(url_for(".address", kind=kind))
    except Unavailable:
        return _by_hand_instead(kind)
    form.uprn.choices = [(one.uprn, one.label) for one in found]
    if form.accepted():
        return redirect(url_for(".confirm_address", kind=kind, uprn=form.uprn.data))
    return render("home/profile/address_choose.html", form=form, kind=kind, found=found, postcode=postcode)


@bp.route(f"{PATH}/confirm", methods=["GET", "POST"])
@sensitive
@commits
def confirm_address(kind: str) -> Response | tuple[str, int]:
    """The address as we will write it on an envelope."""
    account = current_account()
    try:
        found = gazetteer().by_uprn(request.args.get("uprn", "")[:20])
    except Unavailable:
        return _by_hand_instead(kind)
    if found is None:
        return redirect(url_for(".address", kind=kind))
    form = ConfirmAddressForm(version=rules.version_of(queries.get_profile(account.id), kind))
    lines = _printed(found)
    if form.accepted() and _save(form, kind, found.uprn, lines, found.postcode):
        return back_to_overview(_changed(kind))
    shown = (*lines, found.postcode)
    return render("home/profile/address_confirm.html", form=form, kind=kind, found=found, lines=shown), status_of(form)


@bp.route(f"{PATH}/by-hand", methods=["GET", "POST"])
@sensitive
@commits
def type_address(kind: str) -> Response | tuple[str, int]:
    """An address that is on no list."""
    profile = queries.get_profile(current_account().id)
    form = TypedAddressForm(version=rules.version_of(profile, kind))
    if form.accepted() and _save(form, kind, None, form.lines(), form.postcode.data):
        return back_to_overview(_changed(kind))
    return render("home/profile/address_typed.html", form=form, kind=kind), status_of(form)


@bp.route("/address/correspondence/remove", methods=["GET", "POST"])
@sensitive
@commits
def remove_address() -> Response | tuple[str, int]:
    """Letters go to the home address again."""
    account = current_account()
    profile = queries.get_profile(account.id)
    known = profile.address("correspondence")
    if known is None:
        return redirect(url_for(".overview"))
    form = QuestionForm(version=rules.version_of(profile, "correspondence"))
    if form.accepted() and saved(
        form,
        account,
        "correspondence",
        lambda: profile_changes.remove_correspondence_address(account, version=form.version.data or ""),
    ):
        return back_to_overview(_("Your address for letters has been removed"))
    shown = (*known.lines, known.postcode)
    return render("home/profile/address_remove.html", form=form, lines=shown), status_of(form)


def _save(form: QuestionForm, kind: str, uprn: str | None, lines: tuple[str, ...], postcode: str) -> bool:
    account = current_account()
    return saved(
        form,
        account,
        kind,
        lambda: profile_changes.change_address(
            account, kind=kind, uprn=uprn, lines=lines, postcode=postcode, version=form.version.data or ""
        ),
    )


def _printed(found: Address) -> tuple[str, ...]:
    return (*found.lines, found.town) if found.town else found.lines


def _changed(kind: str) -> str:
    if kind == "home":
        return _("Your home address has been changed")
    return _("Your address for letters has been changed")


def _by_hand_instead(kind: str) -> Response:
    """The list of addresses is not answering: no reason to stop anybody."""
    notify_next(_("The list of addresses is not answering just now. You can type your address here."))
    return redirect(url_for(".type_address", kind=kind))
