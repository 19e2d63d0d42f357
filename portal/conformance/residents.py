"""Residents and staff at the browsers of the kit, signed in without a provider: signing in is not what is judged."""

import uuid
from dataclasses import dataclass
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from portal import clock
from portal.accounts.operations import account_for_identity
from portal.accounts.values import Account
from portal.db.session import session
from portal.identity.assurance import Assurance
from portal.identity.operations import start_session
from portal.identity.relying_party import Proven
from portal.identity.secret_values import kept_as, new_secret
from portal.staff.models import StaffMemberRow, StaffRightRow, StaffSessionRow
from portal.staff.sessions import COOKIE as STAFF_COOKIE
from portal.web.cookies import cookie_name
from portal.web.csrf import SESSION_COOKIE

BROWSER: Final = "a-browser-of-the-kit-0123456789a"
GROUP: Final = "conformance"
STAFF_NAME: Final = "Casey Conformance"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom a provider vouches for: where, and as whom."""

    account: Account
    issuer: str
    subject: str


def newcomer(app: Flask, name: str, *, issuer: str, language: str = "en") -> Known:
    """Somebody with an account and nothing in it. The same name again is the same person."""
    subject = str(uuid.uuid5(uuid.NAMESPACE_URL, f"conformance {name}"))
    claims = {
        "sub": subject,
        "given_name": name,
        "family_name": "Conformance",
        "email": f"{name.lower()}@conformance.example",
        "email_verified": True,
        "locale": language,
    }
    with app.test_request_context("/"):
        account = account_for_identity(issuer=issuer, subject=subject, claims=claims)
        session().commit()
    return Known(account, issuer, subject)


def sign_in(
    app: Flask,
    client: FlaskClient,
    known: Known,
    *,
    assurance: Assurance = Assurance.HIGH,
    browser: str = BROWSER,
    provider: str = "moothall",
) -> None:
    """Give this browser a session of theirs, a moment old and as strong as any page may ask for."""
    with app.test_request_context("/"):
        proven = Proven(
            provider=provider,
            issuer=known.issuer,
            subject=known.subject,
            sid=None,
            auth_time=clock.now().timestamp(),
            assurance=assurance,
            id_token="not.a.token",  # noqa: S106  # nobody is told of it
            claims={"sub": known.subject},
        )
        started = start_session(
            proven, old_cookie=None, old_browser_hash=kept_as(browser), new_browser=browser, device="Conformance"
        )
        session().commit()
        names = cookie_name(SESSION_COOKIE), cookie_name("browser")
    client.set_cookie(names[0], started.cookie)
    client.set_cookie(names[1], browser)


def sign_in_at_desk(app: Flask, client: FlaskClient, *, issuer: str, roles: tuple[str, ...], name: str) -> None:
    """Give this browser a session of a member of staff who has these roles everywhere."""
    cookie, now, staff_id = new_secret(), clock.now(), uuid.uuid4()
    subject, group = str(staff_id), f"{GROUP} {staff_id}"
    with app.test_request_context("/"):
        session().execute(
            insert(StaffMemberRow).values(
                id=staff_id,
                provider="staff",
                issuer=issuer,
                subject=subject,
                name=name,
                email=f"{staff_id}@conformance.example",
                groups=[group],
                language="en",
                created_at=now,
                seen_at=now,
            )
        )
        for role in roles:
            session().execute(
                insert(StaffRightRow).values(
                    id=uuid.uuid4(),
                    staff_group=group,
                    role=role,
                    service="",
                    type="",
                    area="",
                    team="",
                    added_by="system:conformance",
                    added_at=now,
                )
            )
        session().execute(
            insert(StaffSessionRow).values(
                id=uuid.uuid4(),
                cookie_hash=kept_as(cookie),
                staff_id=staff_id,
                provider="staff",
                issuer=issuer,
                subject=subject,
                refresh_failures=0,
                assurance=3,
                authenticated_at=now,
                created_at=now,
                last_seen_at=now,
            )
        )
        session().commit()
        names = cookie_name(STAFF_COOKIE), cookie_name("browser")
    client.set_cookie(names[0], cookie)
    client.set_cookie(names[1], BROWSER)
