"""Codes from an authenticator app (TOTP, RFC 6238): set one up, take a code once. Nothing here commits."""

import uuid
from datetime import timedelta
from typing import Final

import pyotp
import segno
from cryptography.fernet import InvalidToken, MultiFernet
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Refused
from portal.provider import taking_turns
from portal.provider.factor_models import Authenticator, RecoveryCode
from portal.provider.models import Person
from portal.provider.secrets_kept import box
from portal.provider.state import provider
from portal.settings.portal import Settings

AMR: Final = ("otp", "mfa")
SETTING_UP: Final = timedelta(minutes=30)
KEPT: Final = "authenticator"
AROUND: Final = 1
"""Half minutes before and after this one whose codes count: people are slow, and clocks differ."""
FAR: Final = 20
"""How far off a clock may be for us to say so while an app is being set up. There is nothing to guess then."""

_ONE = select(Authenticator.sealed).where(Authenticator.person_id == bindparam("person"))


def new_secret() -> str:
    """160 random bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def sealed_for_page(secret: str, person_id: uuid.UUID) -> str:
    """The secret on its way through the page that sets it up: nothing is kept until a code has proved it."""
    return _box("setting up").encrypt_at_time(f"{person_id} {secret}".encode(), _seconds()).decode()


def opened_from_page(sealed: str, person_id: uuid.UUID) -> str | None:
    """The secret that this person's page carried, or None when it is too old or not ours."""
    if len(sealed) > 500 or not sealed.isascii():
        return None
    try:
        text = _box("setting up").decrypt_at_time(sealed, int(SETTING_UP.total_seconds()), _seconds()).decode()
    except InvalidToken:
        return None
    whose, _, secret = text.partition(" ")
    return secret if whose == str(person_id) else None


def in_groups(secret: str) -> str:
    """The secret as it is best typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def picture(secret: str, email: str) -> str:
    """The QR code that an app scans, as an address of data."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=provider().settings.council.name)
    address: str = segno.make(uri, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff")
    return address


def minutes_off(secret: str, code: str) -> int | None:
    """How many minutes the app's clock is off, when its code would be right at another time near this one."""
    step = _step_of(secret, code, around=FAR)
    return None if step is None else max(1, round(abs(step - _now()) / 2))


def fits(secret: str, code: str) -> bool:
    """Whether the app that shows this code has the secret. Nothing is used up."""
    return _step_of(secret, code) is not None


def switch_on(person: Person, secret: str, code: str) -> bool:
    """Keep the secret if the code shows that the app has it. The code is used up. An older app no longer counts."""
    step = _step_of(secret, code)
    if step is None:
        return False
    values = {"sealed": _box(KEPT).encrypt(secret.encode()), "last_step": step, "made_at": clock.now()}
    kept = insert(Authenticator).values(person_id=person.id, **values)
    session().execute(kept.on_conflict_do_update(index_elements=[Authenticator.person_id], set_=values))
    audit.record("provider.authenticator_set_up", actor=f"person:{person.id}", subject=f"person:{person.id}")
    return True


def switch_off(person: Person) -> None:
    """Forget the app, and the recovery codes that stood in for it."""
    for table in (Authenticator, RecoveryCode):
        session().execute(delete(table).where(table.person_id == person.id))
    audit.record("provider.authenticator_removed", actor=f"person:{person.id}", subject=f"person:{person.id}")


def take(person_id: uuid.UUID, code: str) -> bool:
    """Whether the code is right now and was not taken before; it is used up. Of two who send one, one gets False."""
    taking_turns.stay(person_id)
    secret = _secret_of(person_id)
    step = _step_of(secret, code) if secret else None
    if step is None:
        return False
    taken = (
        update(Authenticator)
        .where(Authenticator.person_id == person_id, Authenticator.last_step < step)
        .values(last_step=step)
        .returning(Authenticator.person_id)
    )
    return session().scalar(taken) is not None


def code_for_demo(person: Person, secret: str | None = None) -> str | None:
    """What the app of one of the demo's people would show now. Never anybody else's, and never outside the demo."""
    if not (person.demo and provider().settings.demo):
        return None
    secret = secret or _secret_of(person.id)
    if secret is None:
        return None
    # The next one when this one is used up, so that trying twice in half a minute is no riddle.
    last = session().scalar(select(Authenticator.last_step).where(Authenticator.person_id == person.id)) or 0
    step = max(_now(), last + 1)
    return pyotp.TOTP(secret).generate_otp(step) if step <= _now() + AROUND else None


def give_to_demo_person(person_id: uuid.UUID, settings: Settings) -> None:
    """An app that nobody holds, for one of the demo's people. Raises Refused outside the demo."""
    if not settings.demo:
        raise Refused("Demo people can be made only where MOOTHALL_DEMO is on.")
    values = {
        "sealed": box(settings, KEPT).encrypt(new_secret().encode()),
        "last_step": 0,
        "made_at": clock.now(),
    }
    session().flush()  # the person may be as new, and this names them
    session().execute(insert(Authenticator).values(person_id=person_id, **values).on_conflict_do_nothing())


def _secret_of(person_id: uuid.UUID) -> str | None:
    sealed = session().scalar(_ONE, {"person": person_id})
    return _box(KEPT).decrypt(sealed).decode() if sealed else None


def _step_of(secret: str, code: str, *, around: int = AROUND) -> int | None:
    """The half minute whose code this is, among those near this one."""
    digits = "".join(code.split()).replace("-", "")
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=_seconds(), valid_window=around)
    except OTPVerificationError:
        return None


def _now() -> int:
    return pyotp.TOTP("A" * 32).timecode(_seconds())


def _seconds() -> int:
    return int(clock.now().timestamp())


def _box(purpose: str) -> MultiFernet:
    return box(provider().settings, purpose)
