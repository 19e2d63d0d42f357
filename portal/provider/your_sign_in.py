"""The person's own page of how they sign in, and the changes that they can make there.

Every change wants a proof not older than ten minutes, is told by mail, and stands in the audit trail.
"""

import uuid

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.audit import operations as audit
from portal.db.session import commits, session
from portal.errors import NotFound
from portal.provider import browser_login, fresh_proof, new_passwords, passkeys, sign_ins
from portal.provider.arriving import address, allow_the_way_on, go_on, passed_on, waiting_request
from portal.provider.factor_models import Passkey
from portal.provider.factors import factors_of, remove_passkeys, tell
from portal.provider.forms import ChangePasswordForm, PasskeyNameForm, PressForm
from portal.provider.fresh_proof import freshly_signed_in, hold, signed_in
from portal.provider.models import Person
from portal.provider.passkey_pages import as_json, note_refusal, was_refused, with_refusal
from portal.provider.passkeys import NotAccepted
from portal.provider.passwords import objection
from portal.provider.queries import clients_with_a_home
from portal.provider.state import provider
from portal.web import limits
from portal.web.access import public
from portal.web.languages import current_language
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("your_sign_in", __name__, url_prefix="/your-sign-in")
bp.register_error_handler(fresh_proof.ProofNeeded, fresh_proof.ask)


@bp.get("")
@public
def overview() -> ResponseReturnValue:
    """What there is, with a way to change each."""
    _login, person = signed_in()
    return render(
        "provider/your_sign_in.html",
        person=person,
        known=factors_of(person.id),
        homes=clients_with_a_home(),
    )


@bp.route("/password", methods=["GET", "POST"])
@public
@commits
def password() -> ResponseReturnValue:
    """Another password. Every other sign-in of the person ends: somebody else may know the old one."""
    login, person = freshly_signed_in()
    if person.password_hash is None:
        raise NotFound
    form = ChangePasswordForm()
    if form.accepted() and _is_good(form, person):
        limits.hit(f"provider old password {person.id}", limit=10, seconds=300)
        changed = new_passwords.change_password(
            person.id, old=form.old_password.data, new=form.password.data, kept=login.id, language=current_language()
        )
        if changed:
            notify_next(_("Your password is changed. You are signed out everywhere else."))
            return redirect(url_for(".overview"), 303)
        form.refuse(_("This is not the password that you have now"), field="old_password")
    return render("provider/change_password.html", form=form, known=factors_of(person.id))


@bp.route("/sign-out-everywhere", methods=["GET", "POST"])
@public
@commits
def sign_out_everywhere() -> ResponseReturnValue:
    """End every sign-in of the person, this one included."""
    _login, person = freshly_signed_in()
    form = PressForm()
    if form.accepted():
        sign_ins.end_every_login(person)
        browser_login.sign_out()
        tell(person, "signed_out_everywhere", language=current_language())
        return redirect(url_for("logout.signed_out"), 303)
    return render("provider/sign_out_everywhere.html", form=form)


@bp.route("/passkeys/add", methods=["GET", "POST"])
@public
@commits
def add_passkey() -> ResponseReturnValue:
    """Name a passkey and let the device make it."""
    login, person = freshly_signed_in()
    form = PasskeyNameForm()
    if form.accepted():
        hold(login)
        try:
            made = passkeys.add(person, request.form.get("answer", ""), name=form.name.data)
        except NotAccepted as refused:
            note_refusal(refused)
            return redirect(with_refusal(address("your_sign_in.add_passkey")), 303)
        tell(person, "passkey_added", language=current_language())
        browser_login.add_proof(login, amr=made.amr)
        notify_next(_("Your passkey is saved. You can sign in with it from now on."))
        return go_on(waiting_request()) if waiting_request() else redirect(url_for(".overview"), 303)
    if was_refused():
        form.refuse(_("The passkey could not be saved. Try again"))
    allow_the_way_on()
    return render("provider/add_passkey.html", form=form, query=passed_on())


@bp.get("/passkeys/options")
@public
def passkey_options() -> ResponseReturnValue:
    """A new challenge for making a passkey."""
    try:
        _login, person = freshly_signed_in()
    except fresh_proof.ProofNeeded:
        return as_json({}), 403
    return as_json(passkeys.options_to_add(person))


@bp.route("/passkeys/<uuid:passkey_id>/rename", methods=["GET", "POST"])
@public
@commits
def rename_passkey(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Another name for a passkey."""
    _login, person = freshly_signed_in()
    passkey = _own_passkey(person, passkey_id)
    form = PasskeyNameForm(name=passkey.name)
    if form.accepted():
        passkey.name = form.name.data
        audit.record("provider.passkey_renamed", actor=f"person:{person.id}", subject=f"passkey:{passkey.id}")
        tell(person, "passkey_renamed", language=current_language())
        notify_next(_("The passkey has its new name."))
        return redirect(url_for(".overview"), 303)
    return render("provider/rename_passkey.html", form=form)


@bp.route("/passkeys/<uuid:passkey_id>/remove", methods=["GET", "POST"])
@public
@commits
def remove_passkey(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """The passkey no longer signs anybody in, and whoever it has signed in is signed out."""
    login, person = freshly_signed_in()
    passkey = _own_passkey(person, passkey_id)
    form = PressForm()
    if form.accepted():
        others = [each.id for each in factors_of(person.id).passkeys if each.id != passkey.id]
        remove_passkeys(person, kept=others)
        sign_ins.end_passkey_logins(person, kept=login.id)
        tell(person, "passkey_removed", language=current_language())
        notify_next(_("The passkey is removed. Delete it on your device too, where it is still offered."))
        return redirect(url_for(".overview"), 303)
    return render("provider/remove_passkey.html", form=form, name=passkey.name)


def _own_passkey(person: Person, passkey_id: uuid.UUID) -> Passkey:
    query = select(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person.id)
    found = session().scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def _is_good(form: ChangePasswordForm, person: Person) -> bool:
    council = provider().settings.council
    name = f"{person.given_name} {person.family_name}"
    fault = objection(form.password.data, email=person.email, council=f"{council.name} {council.name_cy}", name=name)
    if fault:
        form.refuse(fault, field="password")
    return fault is None
