"""Passkeys (WebAuthn): make them, know them again. Nothing here commits, and no page is drawn.

User verification is always required: whoever uses a passkey here has the device and has unlocked it, which is two
factors in one touch. A device that cannot ask for a PIN, a face or a finger cannot hold one, and the browser says so
before we are asked.
"""

import ipaddress
import json
import logging
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.provider import challenges, taking_turns
from portal.provider.factor_models import Passkey
from portal.provider.models import Person
from portal.provider.state import provider
from portal.web.state import web_state

SIGN_IN: Final = "sign in"
SECOND_STEP: Final = "second step"
ADD: Final = "add"

ALGORITHMS: Final = (ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM)
LONGEST: Final = 16_000
MOST: Final = 20
"""Passkeys of one person."""

logging.getLogger("fido2").setLevel(logging.WARNING)  # it logs the id of every credential

_OWNER = select(Passkey.person_id).where(Passkey.credential_id == bindparam("credential"))
_BY_CREDENTIAL = select(Passkey).where(Passkey.credential_id == bindparam("credential")).with_for_update()
_CREDENTIALS = select(Passkey.credential_id).where(Passkey.person_id == bindparam("person")).order_by(Passkey.id)
_COUNT = select(func.count()).where(Passkey.person_id == bindparam("person"))


class NotAccepted(Exception):
    """The answer of a device does not count. `reason` is a code for the audit trail, never shown."""

    def __init__(self, reason: str, passkey: Passkey | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passkey = passkey


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose passkey it was, and what using it proves (RFC 8176)."""

    person: Person
    amr: tuple[str, ...]


def offered() -> bool:
    """Whether passkeys can work at our address: they are tied to a name, never to a number."""
    try:
        ipaddress.ip_address(_host())
    except ValueError:
        return True
    return False


def options_to_add(person: Person) -> dict[str, Any]:
    """What the browser needs to make a passkey for this person, as JSON."""
    user = PublicKeyCredentialUserEntity(
        id=person.id.bytes, name=person.email, display_name=f"{person.given_name} {person.family_name}"
    )
    options, _state = _server().register_begin(
        user,
        credentials=_descriptors(person.id),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenges.new_challenge(ADD, str(person.id)),
    )
    return _json(options)


def options_to_use(purpose: str, person_id: uuid.UUID | None = None) -> dict[str, Any]:
    """What the browser needs to use a passkey: any of ours, or one of this person's."""
    options, _state = _server().authenticate_begin(
        credentials=_descriptors(person_id) if person_id else None,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenges.new_challenge(purpose, _about(person_id)),
    )
    return _json(options)


def add(person: Person, answer: str, *, name: str) -> Recognised:
    """Keep the passkey that the browser has made: making it was using it. Raises NotAccepted."""
    given = _parsed(RegistrationResponse, answer)
    state = _state_of(given.response.client_data, ADD, str(person.id))
    try:
        data = _server().register_complete(state, given)
    except (ValueError, AssertionError) as error:
        raise NotAccepted("registration") from error
    credential = data.credential_data
    if credential is None or credential.credential_id != given.raw_id:
        raise NotAccepted("credential")
    _check_key(credential.public_key)
    _check_backup(data)
    if (session().scalar(_COUNT, {"person": person.id}) or 0) >= MOST:
        raise NotAccepted("too_many")
    passkey = Passkey(
        id=uuid.uuid4(),
        person_id=person.id,
        credential_id=credential.credential_id,
        credential=bytes(credential),
        name=name,
        sign_count=data.counter,
        backup_eligible=data.is_backup_eligible(),
        backed_up=data.is_backed_up(),
        made_at=clock.now(),
        used_at=None,
    )
    try:
        with session().begin_nested():
            session().add(passkey)
    except IntegrityError:
        raise NotAccepted("known_already") from None  # the same one twice, or one that somebody else has here
    audit.record("provider.passkey_added", actor=f"person:{person.id}", subject=f"passkey:{passkey.id}")
    return Recognised(person, _amr(passkey))


def recognise(answer: str, *, purpose: str, person_id: uuid.UUID | None = None) -> Recognised:
    """Whose passkey has answered. With `person_id`, only theirs will do. Raises NotAccepted."""
    given = _parsed(AuthenticationResponse, answer)
    state = _state_of(given.response.client_data, purpose, _about(person_id))
    owner = session().scalar(_OWNER, {"credential": given.raw_id})
    person = taking_turns.stay(owner) if owner is not None else None
    passkey: Passkey | None = session().scalar(_BY_CREDENTIAL, {"credential": given.raw_id})
    if person is None or passkey is None or (person_id is not None and passkey.person_id != person_id):
        raise NotAccepted("unknown")
    handle = given.response.user_handle
    # Without a list of ours to choose from, the device itself must say whose passkey it is.
    if handle != passkey.person_id.bytes and (person_id is None or handle is not None):
        raise NotAccepted("user_handle", passkey)
    try:
        _server().authenticate_complete(state, [AttestedCredentialData(passkey.credential)], given)
    except (ValueError, TypeError) as error:
        raise NotAccepted("signature", passkey) from error
    _note_use(passkey, given.response.authenticator_data)
    if person.demo and not provider().settings.demo:
        raise NotAccepted("unknown")
    return Recognised(person, _amr(passkey))


def _amr(passkey: Passkey) -> tuple[str, ...]:
    """One that may be copied is held by software somewhere; one that may not stays in its device."""
    return ("swk" if passkey.backup_eligible else "hwk", "user", "mfa")


def _check_key(key: CoseKey) -> None:
    """One of our algorithms, and a key that can be used: it can say of nonsense that this is no signature."""
    if key.ALGORITHM not in ALGORITHMS:
        raise NotAccepted("algorithm")
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return
    except Exception as error:  # whatever is wrong with numbers that a stranger chose
        raise NotAccepted("algorithm") from error
    raise NotAccepted("algorithm")


def _note_use(passkey: Passkey, data: AuthenticatorData) -> None:
    _check_backup(data, passkey)
    if data.is_backup_eligible() != passkey.backup_eligible:
        raise NotAccepted("backup", passkey)
    if (data.counter or passkey.sign_count) and data.counter <= passkey.sign_count:
        raise NotAccepted("counter", passkey)  # there are two of it: one is a copy that should not exist
    passkey.sign_count, passkey.backed_up, passkey.used_at = data.counter, data.is_backed_up(), clock.now()


def _check_backup(data: AuthenticatorData, passkey: Passkey | None = None) -> None:
    if data.is_backed_up() and not data.is_backup_eligible():
        raise NotAccepted("backup", passkey)


def _parsed(kind: Any, answer: str) -> Any:
    """The answer as an object of the library's, whose classes for the two answers have no common type."""
    if not answer or len(answer) > LONGEST:
        raise NotAccepted("unreadable")
    try:
        content = json.loads(answer)
        _check_texts(content)
        return kind.from_dict(content)
    except Exception as error:  # whatever a stranger wrote, through JSON, base64, CBOR and COSE
        raise NotAccepted("unreadable") from error


def _check_texts(content: Any) -> None:
    """Texts where texts belong: of a number the library would make as many bytes as it says."""
    response = content["response"]
    said = json.loads(websafe_decode(response["clientDataJSON"]))
    texts = [content["id"], content["rawId"], *response.values(), said["type"], said["challenge"], said["origin"]]
    if not all(isinstance(each, str) for each in texts):
        raise TypeError("not a text")


def _state_of(client_data: CollectedClientData, purpose: str, about: str) -> dict[str, Any]:
    """What the library compares the answer with; its challenge is used up here, whatever comes of the answer."""
    if client_data.cross_origin or not challenges.is_good(client_data.challenge, purpose, about):
        raise NotAccepted("challenge")
    if not challenges.spend(client_data.challenge):
        raise NotAccepted("replayed")
    _options, state = _server().authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED, challenge=client_data.challenge
    )
    made: dict[str, Any] = state
    return made


def _server() -> Fido2Server:
    relying = PublicKeyCredentialRpEntity(id=_host(), name=provider().settings.council.name)
    origins = web_state().origins
    server = Fido2Server(
        relying, attestation=AttestationConveyancePreference.NONE, verify_origin=lambda origin: origin in origins
    )
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=each) for each in ALGORITHMS
    ]
    return server


def _host() -> str:
    return urlsplit(provider().issuer).hostname or ""


def _about(person_id: uuid.UUID | None) -> str:
    return str(person_id) if person_id else ""


def _descriptors(person_id: uuid.UUID) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=each)
        for each in session().scalars(_CREDENTIALS, {"person": person_id})
    ]


def _json(options: Any) -> dict[str, Any]:
    """The library's options as plain values, in the JSON form of WebAuthn level 3."""
    content: dict[str, Any] = json.loads(json.dumps(dict(options), default=dict))
    return content
