"""Pages of the authenticator app and of the recovery codes that stand in for it. Part of `your_sign_in`."""

from cryptography.fernet import InvalidToken, MultiFernet
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.session import commits
from portal.errors import NotFound
from portal.provider import authenticator, browser_login, recovery_codes
from portal.provider.arriving import (
    address,
    allow_the_way_on,
    go_on,
    passed_on,
    waiting_page,
    waiting_request,
    way_without,
)
from portal.provider.factors import factors_of, tell
from portal.provider.forms import CodeForm, PressForm
from portal.provider.fresh_proof import freshly_signed_in, hold, signed_in
from portal.provider.models import Person
from portal.provider.queries import CurrentLogin
from portal.provider.secrets_kept import box
from portal.provider.state import provider
from portal.provider.your_sign_in import bp
from portal.web import cookies
from portal.web.access import public
from portal.web.languages import current_language, ngettext
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

SHOWN_COOKIE = "codes"
SHOWN_SECONDS = 600


@bp.route("/authenticator", methods=["GET", "POST"])
@public
@commits
def set_up_authenticator() -> ResponseReturnValue:
    """Show the secret, and keep it once a code proves that the app has it. That code counts as a second step."""
    login, person = freshly_signed_in()
    carried = authenticator.opened_from_page(request.form.get("secret", ""), person.id)
    secret = carried or authenticator.new_secret()
    form = CodeForm()
    if form.accepted():
        if carried is None:
            form.refuse(_("You took too long. Scan the new picture, then enter the code that your app shows"), "code")
        elif authenticator.fits(secret, form.code.data):
            return _switched_on(login, person, secret, form.code.data)
        else:
            form.refuse(_why_wrong(secret, form.code.data), field="code")
    allow_the_way_on()
    return render(
        "provider/authenticator.html",
        form=form,
        query=passed_on(),
        known=factors_of(person.id),
        demanded=bool(waiting_request()),
        without=way_without(),
        secret=authenticator.in_groups(secret),
        sealed=authenticator.sealed_for_page(secret, person.id),
        picture=authenticator.picture(secret, person.email),
        demo_code=authenticator.code_for_demo(person, secret),
    )


@bp.route("/authenticator/remove", methods=["GET", "POST"])
@public
@commits
def remove_authenticator() -> ResponseReturnValue:
    """The second step is no longer asked for, except where a service demands it."""
    _login, person = freshly_signed_in()
    known = factors_of(person.id)
    if known.authenticator_at is None:
        raise NotFound
    form = PressForm()
    if form.accepted():
        authenticator.switch_off(person)
        tell(person, "authenticator_off", language=current_language())
        notify_next(_("The authenticator app is removed."))
        return redirect(url_for(".overview"), 303)
    return render("provider/remove_authenticator.html", form=form, known=known)


@bp.route("/recovery-codes", methods=["GET", "POST"])
@public
@commits
def make_recovery_codes() -> ResponseReturnValue:
    """Ten new codes in the place of the old ones."""
    _login, person = freshly_signed_in()
    known = factors_of(person.id)
    if not known.any:
        raise NotFound  # there is nothing that they could stand in for
    form = PressForm()
    if form.accepted():
        codes = recovery_codes.made()
        tell(person, "codes_made", language=current_language())
        return _with_codes(person, codes)
    return render("provider/make_recovery_codes.html", form=form, known=known)


@bp.route("/recovery-codes/new", methods=["GET", "POST"])
@public
@commits
def new_recovery_codes() -> ResponseReturnValue:
    """Show the codes that were just made, until the person says that they have them or ten minutes are over."""
    _login, person = signed_in()
    form = PressForm()
    if form.accepted():
        cookies.drop(SHOWN_COOKIE)
        if waiting_page() or waiting_request():
            return go_on(waiting_request())
        return redirect(url_for(".overview"), 303)
    codes = _shown_codes(person)
    if codes is None:
        return redirect(url_for(".overview"), 303)
    allow_the_way_on()
    return render("provider/new_recovery_codes.html", form=form, codes=codes, query=passed_on())


def _switched_on(login: CurrentLogin, person: Person, secret: str, code: str) -> ResponseReturnValue:
    # New ones even where some are left: those may have been made by whoever knew the password, before there was an app.
    codes = recovery_codes.made()
    hold(login)
    authenticator.switch_on(person, secret, code)
    tell(person, "authenticator_on", language=current_language())
    browser_login.add_proof(login, amr=authenticator.AMR)
    return _with_codes(person, codes)


def _with_codes(person: Person, codes: recovery_codes.NewCodes) -> ResponseReturnValue:
    """Keep the codes and lead to the page that shows them. They travel sealed, in a cookie that no script can read."""
    recovery_codes.keep(person, codes)
    sealed = _box().encrypt_at_time(f"{person.id} {' '.join(codes.shown)}".encode(), _seconds())
    cookies.put(SHOWN_COOKIE, sealed.decode(), max_age=SHOWN_SECONDS)
    return redirect(address("your_sign_in.new_recovery_codes"), 303)


def _shown_codes(person: Person) -> list[str] | None:
    sealed = cookies.get(SHOWN_COOKIE) or ""
    if not sealed.isascii():
        return None
    try:
        text = _box().decrypt_at_time(sealed, SHOWN_SECONDS, _seconds()).decode()
    except InvalidToken:
        return None
    whose, *codes = text.split()
    return codes if whose == str(person.id) else None


def _why_wrong(secret: str, code: str) -> str:
    minutes = authenticator.minutes_off(secret, code)
    if minutes is None:
        return _("That is not the code that your app shows now. Wait for the next one and enter it")
    return ngettext(
        "The clock of your phone is about %(n)s minute wrong. Let it set its time by itself, then try again",
        "The clock of your phone is about %(n)s minutes wrong. Let it set its time by itself, then try again",
        minutes,
    )


def _seconds() -> int:
    return int(clock.now().timestamp())


def _box() -> MultiFernet:
    return box(provider().settings, "new recovery codes")
