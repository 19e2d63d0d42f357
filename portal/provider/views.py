"""The pages that residents see: sign in, register, confirm an address, choose a new password."""

import re
import uuid

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits, release
from portal.provider import browser_login, mailed_links, new_passwords, onward, sign_ins, tries
from portal.provider.arriving import arrive, passed_on, waiting_request
from portal.provider.clients import GROUPS
from portal.provider.factors import factors_of
from portal.provider.forms import EmailForm, NewPasswordForm, PressForm, RegistrationForm, SignInForm
from portal.provider.hashing import turn
from portal.provider.passkeys import MOST
from portal.provider.passwords import objection
from portal.provider.queries import clients_with_a_home, demo_people, find_link, find_person
from portal.provider.state import provider
from portal.web.access import public
from portal.web.headers import allow_form_target
from portal.web.languages import current_language
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("pages", __name__)

UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

PATHS = {
    mailed_links.REGISTER: "/register",
    mailed_links.CONFIRM: "/confirm",
    mailed_links.RESET: "/new-password",
}


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    """Whoever comes without a client's request."""
    return redirect(url_for(".signed_in"), 303)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@commits
def sign_in() -> ResponseReturnValue:
    """E-mail and password; in the demo also the named people."""
    waiting = _waiting()
    hint = waiting.asked.values.get("login_hint", "") if waiting else ""
    form = SignInForm(email=hint)
    if form.accepted():
        release()  # a turn is waited for, and nobody else should wait for our connection meanwhile
        with turn():
            answer = _signed_in(form.email.data, form.password.data)
        if answer is not None:
            return answer
        form.refuse(_("The email address or the password is not right"), field="email")
    if request.method == "GET" and request.args.get("passkey") == "refused":
        form.refuse(_("The passkey did not work. Try it again, or sign in with your password"))
    for_staff = waiting is not None and GROUPS in waiting.asked.client.scopes
    people = demo_people(staff=for_staff) if provider().settings.demo else []
    return render("provider/sign_in.html", form=form, people=people, query=passed_on())


def _signed_in(email: str, password: str) -> ResponseReturnValue | None:
    """Where to go with the right password, or None. Raises TooMany."""
    counted = tries.count_password(email)
    person = sign_ins.check_password(email, password, settings=provider().settings)
    if person is None:
        return None
    tries.forget(counted)
    if person.email_verified_at is None:
        sign_ins.ask_to_confirm(person, onward=waiting_request(), language=current_language(), address_of=_address)
        return redirect(url_for(".check_email"), 303)
    return arrive(person, amr=["pwd"])


@bp.get("/signed-in")
@public
def signed_in() -> ResponseReturnValue:
    """For those who come with no client's request, or with one too old: where they can go."""
    login = browser_login.seen_login()
    if login is None:
        return redirect(url_for(".sign_in"), 303)
    return render("provider/signed_in.html", email=login.email, homes=clients_with_a_home())


@bp.route("/register", methods=["GET", "POST"])
@public
@commits
def register() -> ResponseReturnValue:
    """The address first. The answer is the same whether or not there is an account."""
    waiting = _waiting()
    form = EmailForm(email=waiting.asked.values.get("login_hint", "") if waiting else "")
    if form.accepted():
        tries.count_letter(form.email.data)
        sign_ins.ask_to_register(
            form.email.data, onward=waiting_request(), language=current_language(), address_of=_address
        )
        return redirect(url_for(".check_email"), 303)
    return render("provider/register.html", form=form, query=onward.query(waiting_request()))


@bp.get("/check-your-email")
@public
def check_email() -> str:
    """A link is on its way."""
    return render("provider/check_email.html")


@bp.route("/register/<token>", methods=["GET", "POST"])
@public
@commits
def finish_registration(token: str) -> ResponseReturnValue:
    """Name and password. Opening the link changes nothing, so a mail scanner may."""
    link = find_link(token, mailed_links.REGISTER)
    if link is None:
        return render("provider/dead_link.html", again=url_for(".register")), 404
    _waiting(link.onward)
    form = RegistrationForm()
    if form.accepted() and _is_good(form, link.email, f"{form.given_name.data} {form.family_name.data}"):
        person, to = sign_ins.finish_registration(
            token,
            password=form.password.data,
            given_name=form.given_name.data,
            family_name=form.family_name.data,
        )
        return arrive(person, amr=["pwd"], to=to)
    return render("provider/finish_registration.html", form=form, email=link.email)


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@public
@commits
def confirm(token: str) -> ResponseReturnValue:
    """A button that confirms the address."""
    link = find_link(token, mailed_links.CONFIRM)
    if link is None:
        return render("provider/dead_link.html", again=url_for(".sign_in")), 404
    form = PressForm()
    if form.accepted():
        to = sign_ins.confirm(token)
        notify_next(_("Your email address is confirmed. Sign in to go on."))
        return redirect(f"{url_for('.sign_in')}?{onward.query(to)}", 303)
    return render("provider/confirm.html", form=form, email=link.email)


@bp.route("/forgotten-password", methods=["GET", "POST"])
@public
@commits
def forgotten_password() -> ResponseReturnValue:
    """Ask for a link. The answer is the same whether or not there is an account."""
    form = EmailForm()
    if form.accepted():
        tries.count_letter(form.email.data)
        sign_ins.ask_to_reset(
            form.email.data, onward=waiting_request(), language=current_language(), address_of=_address
        )
        return redirect(url_for(".check_email"), 303)
    return render("provider/forgotten_password.html", form=form, query=onward.query(waiting_request()))


@bp.route("/new-password/<token>", methods=["GET", "POST"])
@public
@commits
def new_password(token: str) -> ResponseReturnValue:
    """Choose a new password. Every sign-in of the person ends, here and at the clients, so they sign in with it next.

    Clients hear of it from a job, a moment later (`back_channel`), and the page says so.
    """
    link = find_link(token, mailed_links.RESET)
    if link is None:
        return render("provider/dead_link.html", again=url_for(".forgotten_password")), 404
    form = NewPasswordForm()
    if form.accepted() and _is_good(form, link.email, _name_of(link.email)):
        chosen = new_passwords.choose_new_password(
            token,
            password=form.password.data,
            kept=_kept(),
            language=current_language(),
            reset_page=provider().url("/forgotten-password"),
        )
        tries.password_is_new(chosen.person)
        notify_next(_("Your password is changed. Sign in with the new one."))
        return redirect(f"{url_for('.sign_in')}?{onward.query(chosen.onward)}", 303)
    person = find_person(link.email)
    known = factors_of(person.id) if person else None
    return render("provider/new_password.html", form=form, email=link.email, known=known, kept=_kept())


def _kept() -> set[uuid.UUID]:
    """The passkeys that were ticked. What is no id names none."""
    ticked = request.form.getlist("keep")[:MOST]
    return {uuid.UUID(each) for each in ticked if UUID_FORM.fullmatch(each)}


def _waiting(sealed: str | None = None) -> onward.Onward | None:
    """The client's request, whose address the answer to this page's form will lead to."""
    waiting = onward.opened(request.args.get("to") if sealed is None else sealed)
    if waiting is not None:
        allow_form_target(waiting.asked.redirect_uri)
    return waiting


def _address(purpose: str, token: str) -> str:
    return f"{provider().url(PATHS[purpose])}/{token}?lang={current_language()}"


def _is_good(form: RegistrationForm | NewPasswordForm, email: str, name: str) -> bool:
    council = provider().settings.council
    fault = objection(form.password.data, email=email, council=f"{council.name} {council.name_cy}", name=name)
    if fault:
        form.refuse(fault, field="password")
    return fault is None


def _name_of(email: str) -> str:
    person = find_person(email)
    return f"{person.given_name} {person.family_name}" if person else ""
