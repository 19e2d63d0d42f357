"""What the demo's database holds before anybody comes: our client, the people, each service's own data.

People and each service's data are loaded once; the audit trail says that they were. What a visitor changes or
deletes afterwards stays changed.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from portal import clock
from portal.accounts.models import IdentityRow, VerifiedClaimRow
from portal.accounts.operations import account_for_identity
from portal.accounts.profile_changes import change_address, change_contact
from portal.accounts.queries import get_profile
from portal.accounts.rules import version_of
from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.audit.operations import record
from portal.cli import demo_desk
from portal.cli.demo_environment import CLIENT_ID, DESK_CLIENT_ID, DESK_SCOPES
from portal.cli.demo_people import PEOPLE, DemoPerson
from portal.cli.demo_staff import COLLEAGUES, RIGHTS_OF
from portal.cli.running import transaction
from portal.db.session import session
from portal.errors import NotFound
from portal.gazetteer.demo import DemoGazetteer
from portal.notices import inbox
from portal.provider import authenticator
from portal.provider.clients import OFFLINE
from portal.provider.clients import SCOPES as RESIDENTS_SCOPES
from portal.provider.one_login import SCOPES
from portal.provider.operations import ensure_client, follow_settings, register_person
from portal.provider.queries import find_demo_person
from portal.provider.shapes import ONE_LOGIN, SHAPES, Shape
from portal.registry.discovery import Mounted, discover
from portal.settings.portal import Settings
from portal.staff.granting import add_right
from portal.staff.models import StaffMemberRow

LOADED = "demo.loaded"
ACTOR = "system:demo"
LIVED_HERE = timedelta(days=60)


def load(settings: Settings) -> None:
    """Bring the data to what this start needs. Doing it again changes nothing but the address."""
    services = discover()
    with transaction(settings):
        _register_ourselves(settings)
        _register_desk(settings)
        _follow_the_address(settings)
        missing = [subject for subject in ("people", "staff", "desk", *_subjects(services)) if not _is_loaded(subject)]
    with transaction(settings):
        if "people" in missing:
            _load_people(settings)
        if "staff" in missing:
            _load_staff(settings)
        if _shape(settings) is ONE_LOGIN:
            _give_second_steps(settings)
    loaders = [each for each in services if each.service.demo and f"service:{each.slug}" in missing]
    if loaders or "desk" in missing:
        _load_services(settings, services, loaders)


def _register_ourselves(settings: Settings) -> None:
    """Make the portal a client of our provider, on today's port and with today's secret."""
    follow_settings(settings)
    ensure_client(
        CLIENT_ID,
        title=settings.council.name,
        title_cy=settings.council.name_cy,
        redirect_uris=[f"{settings.public_url}/auth/moothall/callback"],
        post_logout_redirect_uris=[f"{settings.public_url}/signed-out"],
        backchannel_logout_uri=f"{settings.public_url}/auth/moothall/logout",
        home_url=settings.public_url,
        settings=settings,
        **(_as_at_one_login(settings) if _shape(settings) is ONE_LOGIN else _as_usual(settings)),
    )


def _as_usual(settings: Settings) -> dict[str, Any]:
    secret = settings.providers["moothall"].client_secret
    return {"secret": secret.get_secret_value() if secret else None, "scopes": [*RESIDENTS_SCOPES, OFFLINE]}


def _register_desk(settings: Settings) -> None:
    """Make the desk a client of its own, which alone is told people's groups. It knows people by ids of its own, so
    that nobody at the desk is anybody among the residents."""
    desk = settings.providers.get("desk")
    if desk is None or desk.client_secret is None:
        return
    ensure_client(
        DESK_CLIENT_ID,
        title=f"{settings.council.name}: the desk",
        redirect_uris=[f"{settings.public_url}/auth/desk/callback"],
        post_logout_redirect_uris=[f"{settings.public_url}/desk/signed-out"],
        backchannel_logout_uri=f"{settings.public_url}/auth/desk/logout",
        home_url=f"{settings.public_url}/desk",
        secret=desk.client_secret.get_secret_value(),
        scopes=DESK_SCOPES,
        subject_type="pairwise",
        settings=settings,
    )


def _as_at_one_login(settings: Settings) -> dict[str, Any]:
    """As One Login's admin tool would have us, but for the subjects: the people's accounts are made before they come,
    so we must know beforehand what they will be called."""
    return {
        "auth_method": "private_key_jwt",
        "jwks_uri": f"{settings.public_url}/auth/jwks",
        "scopes": SCOPES,
        "identity": True,
        "require_nonce": True,
    }


def _shape(settings: Settings) -> Shape:
    return SHAPES[settings.own_provider.shape]


def subject_of(sub: uuid.UUID, settings: Settings) -> str:
    """What our provider calls a person in its present shape."""
    return f"{_shape(settings).subject_prefix}{sub}"


def _follow_the_address(settings: Settings) -> None:
    """The issuer holds the port, and our shape decides how subjects begin. When either is another than last time, the
    same people stay the same accounts."""
    former, issuer = IdentityRow.issuer.regexp_match(r"^http://localhost:\d+/id/?$"), settings.issuer
    bare = func.replace(IdentityRow.subject, ONE_LOGIN.subject_prefix, "")
    now = {"issuer": issuer, "subject": func.concat(_shape(settings).subject_prefix, bare)}
    session().execute(update(IdentityRow).where(former, IdentityRow.issuer != issuer).values(now))
    theirs = StaffMemberRow.issuer.regexp_match(r"^http://localhost:\d+/id/?$")
    session().execute(update(StaffMemberRow).where(theirs, StaffMemberRow.issuer != issuer).values(issuer=issuer))
    # What was confirmed at the former address is confirmed anew at the next sign-in.
    elsewhere = VerifiedClaimRow.issuer.regexp_match(r"^http://localhost:\d+/id/?$")
    session().execute(delete(VerifiedClaimRow).where(elsewhere, VerifiedClaimRow.issuer != issuer))


def _subjects(services: Sequence[Mounted]) -> list[str]:
    return [f"service:{each.slug}" for each in services if each.service.demo]


def _is_loaded(subject: str) -> bool:
    query = select(AuditEntry.id).where(AuditEntry.act == LOADED, AuditEntry.subject == subject).limit(1)
    return session().scalar(query) is not None


def _load_people(settings: Settings) -> None:
    for person in PEOPLE:
        register_person(
            sub=person.sub,
            email=person.email,
            password=None,
            given_name=person.given_name,
            family_name=person.family_name,
            birthdate=person.birthdate,
            verified=True,
            demo=True,
            note=str(person.note),
            settings=settings,
        )
        if person.second_step:
            authenticator.give_to_demo_person(person.sub, settings)
    move_in(settings)
    record(LOADED, actor=ACTOR, subject="people")


def move_in(settings: Settings) -> Mapping[str, Account]:
    """Open the people's accounts, by key, and note what they have told us. The caller commits."""
    with clock.as_of(clock.now() - LIVED_HERE):  # before the first of their stories
        accounts = _accounts(settings)
        for key, account in accounts.items():
            _tell_about(account, next(person for person in PEOPLE if person.key == key))
    return accounts


def _load_staff(settings: Settings) -> None:
    """Those who work at the desk, and what their groups may do there."""
    for colleague in COLLEAGUES:
        register_person(
            sub=colleague.sub,
            email=colleague.email,
            password=None,
            given_name=colleague.given_name,
            family_name=colleague.family_name,
            verified=True,
            demo=True,
            note=str(colleague.note),
            groups=colleague.groups,
            settings=settings,
        )
    for group, grant in RIGHTS_OF:
        add_right(ACTOR, group=group, grant=grant)
    record(LOADED, actor=ACTOR, subject="staff")


def _give_second_steps(settings: Settings) -> None:
    """One Login asks everybody for two factors. Whoever has a second one keeps it."""
    for person in PEOPLE:
        if find_demo_person(person.sub) is not None:
            authenticator.give_to_demo_person(person.sub, settings)


def _tell_about(account: Account, person: DemoPerson) -> None:
    """What this person has told us beside what our provider knows."""
    if person.postcode:
        home = DemoGazetteer().by_postcode(person.postcode)[0]
        version = version_of(get_profile(account.id), "home")
        change_address(account, kind="home", uprn=home.uprn, lines=home.lines, postcode=home.postcode, version=version)
    if person.contact_by:
        version = version_of(get_profile(account.id), "contact")
        change_contact(account, contact_by=person.contact_by, contact_needs=person.contact_needs, version=version)


def _accounts(settings: Settings) -> Mapping[str, Account]:
    """The accounts of those who have one, by key. Somebody who closed theirs is left out."""
    found: dict[str, Account] = {}
    for person in PEOPLE:
        if person.has_account:
            try:
                found[person.key] = account_for_identity(
                    issuer=settings.issuer, subject=subject_of(person.sub, settings), claims=person.claims
                )
            except NotFound:
                continue
    return found


def _load_services(settings: Settings, services: Sequence[Mounted], loaders: Sequence[Mounted]) -> None:
    """Each service's data in a transaction of its own, with the note that it is there; then what staff do with it."""
    from portal.app import create_app  # noqa: PLC0415  # half a second that only a first start needs

    app = create_app(settings, services)
    with app.app_context():
        for each in loaders:
            if each.service.demo is not None:
                each.service.demo(_accounts(settings), demo_desk.caseworker(settings))
            record(LOADED, actor=ACTOR, subject=f"service:{each.slug}")
            session().commit()
        if not _is_loaded("desk"):
            demo_desk.load(settings, _accounts(settings))
            record(LOADED, actor=ACTOR, subject="desk")
            session().commit()
        for account in _accounts(settings).values():
            inbox.mark_all_read(account, until=clock.now() - timedelta(days=1))  # they have been here since
        session().commit()
