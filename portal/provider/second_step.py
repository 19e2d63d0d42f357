"""The second step: a code, a passkey or a recovery code, asked of whoever has given the first proof.

Two kinds of people come: those who have switched it on, half-way in; and those who are signed in with one proof to a
service that demands two. Both go on with the client's request that they brought along.
"""

from dataclasses import dataclass

from flask import redirect
from flask.typing import ResponseReturnValue

from portal.audit import operations as audit
from portal.db.session import commits, session
from portal.provider import authenticator, browser_login, half_logins, known_browsers, passkeys, recovery_codes, tries
from portal.provider.arriving import address, allow_the_way_on, go_on, passed_on, waiting_request, way_without
from portal.provider.factors import factors_of, tell, tell_of_wrong_codes
from portal.provider.forms import CodeForm, RecoveryCodeForm
from portal.provider.levels import MFA, reaches
from portal.provider.models import Person
from portal.provider.passkey_pages import answered, as_json, was_refused, with_refusal
from portal.provider.queries import CurrentLogin
from portal.provider.state import provider
from portal.provider.views import bp
from portal.web.access import public
from portal.web.languages import current_language
from portal.web.languages import gettext as _
from portal.web.page import render


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is to give the second proof, and what is there already: half a sign-in, or a whole one that is raised."""

    person: Person
    half: half_logins.Half | None
    login: CurrentLogin | None


@bp.route("/second-step", methods=["GET", "POST"])
@public
@commits
def second_step() -> ResponseReturnValue:
    """Ask for what the person has. Who has nothing is led to set something up."""
    waiting = _waiting()
    if waiting is None:
        return _elsewhere()
    known = factors_of(waiting.person.id)
    if not known.any:
        return redirect(address("your_sign_in.set_up_authenticator"), 303)
    form = CodeForm()
    if known.authenticator_at and form.accepted():
        tries.count_code(waiting.person)
        if authenticator.take(waiting.person.id, form.code.data):
            return _done(waiting, authenticator.AMR)
        _note_refusal(waiting, "code")
        form.refuse(_("That is not the code of this moment, or it has been used. Enter the newest one"), field="code")
    if was_refused():
        form.refuse(_("The passkey did not work. Try it again, or use another way"))
    code = authenticator.code_for_demo(waiting.person)
    allow_the_way_on()
    without = way_without() if waiting.half is None else ""
    return render(
        "provider/second_step.html",
        form=form,
        known=known,
        query=passed_on(),
        demo_code=code,
        without=without,
        half=waiting.half is not None,
    )


@bp.post("/second-step/leave")
@public
@commits
def leave_second_step() -> ResponseReturnValue:
    """Somebody else wants to sign in: forget the first proof. The client's request still waits."""
    half_logins.end()
    return redirect(address("pages.sign_in"), 303)


@bp.route("/second-step/recovery-code", methods=["GET", "POST"])
@public
@commits
def recovery_code() -> ResponseReturnValue:
    """One of the ten, for whoever has lost the rest."""
    waiting = _waiting()
    if waiting is None:
        return _elsewhere()
    form = RecoveryCodeForm()
    if form.accepted():
        tries.count_code(waiting.person)
        if recovery_codes.take(waiting.person.id, form.code.data):
            left = str(factors_of(waiting.person.id).codes_left)
            tell(waiting.person, "code_used", language=current_language(), left=left)
            return _done(waiting, recovery_codes.AMR)
        _note_refusal(waiting, "recovery_code")
        form.refuse(_("This is none of your recovery codes, or it has been used"), field="code")
    allow_the_way_on()
    return render("provider/recovery_code.html", form=form, query=passed_on())


@bp.get("/second-step/options")
@public
def second_step_options() -> ResponseReturnValue:
    """A new challenge for this person's passkeys."""
    waiting = _waiting()
    if waiting is None:
        return as_json({}), 403
    return as_json(passkeys.options_to_use(passkeys.SECOND_STEP, waiting.person.id))


@bp.post("/second-step/passkey")
@public
@commits
def second_step_passkey() -> ResponseReturnValue:
    """The device's answer."""
    waiting = _waiting()
    if waiting is None:
        return _elsewhere()
    tries.count_code(waiting.person)
    known = answered(waiting.person)
    if known is None:
        return redirect(with_refusal(address("pages.second_step")), 303)
    return _done(waiting, known.amr)


def _waiting() -> Waiting | None:
    half = half_logins.current(demo=provider().settings.demo)
    if half is not None:
        return Waiting(session().get_one(Person, half.person_id), half, None)
    login = browser_login.current_login()
    if login is None or reaches(login.amr, [MFA]):
        return None
    return Waiting(session().get_one(Person, login.person_id), None, login)


def _still_waits(waiting: Waiting) -> bool:
    """Whether the first proof counts still, now that the person is held since the second was looked at."""
    now = _waiting()
    if now is None or now.person.id != waiting.person.id or now.half != waiting.half:
        return False
    return (now.login and now.login.id) == (waiting.login and waiting.login.id)


def _elsewhere() -> ResponseReturnValue:
    """For those of whom nothing more is asked, and those who must begin anew."""
    if browser_login.current_login() is not None:
        return go_on(waiting_request())
    return redirect(address("pages.sign_in"), 303)


def _done(waiting: Waiting, amr: tuple[str, ...]) -> ResponseReturnValue:
    if not _still_waits(waiting):
        return _elsewhere()
    tries.code_was_right(waiting.person)
    if waiting.half is not None:
        proofs = [*waiting.half.amr, *(each for each in amr if each not in waiting.half.amr)]
        browser_login.sign_in(waiting.person, amr=proofs, to=waiting_request())
    elif waiting.login is not None:
        browser_login.add_proof(waiting.login, amr=amr)
        known_browsers.remember(waiting.person.email, second_step=True)
    return go_on(waiting_request())


def _note_refusal(waiting: Waiting, kind: str) -> None:
    about = f"person:{waiting.person.id}"
    audit.record("provider.second_step_refused", actor=about, subject=about, kind=kind)
    if tries.owner_should_hear(waiting.person):
        tell_of_wrong_codes(waiting.person, language=current_language())
