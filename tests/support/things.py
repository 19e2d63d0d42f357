"""One of each thing that an address of the portal can name, made as a resident makes it."""

import io
import re
import uuid
from collections.abc import Mapping

from flask import Flask
from sqlalchemy import insert, select

from portal import clock
from portal.accounts import email_change, identities, proofs, waiting
from portal.accounts.values import Account
from portal.db.session import session
from portal.files.operations import receive
from portal.home import feeds
from portal.identity.models import SessionRow, SignInNoticeRow
from portal.identity.secret_values import kept_as, new_secret
from portal.notices import inbox
from portal.notices.telling import tell
from portal.notify.models import OutboundMessage
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.client import client_for
from tests.support.council_tax import council_tax_things
from tests.support.followed import followed_things
from tests.support.found_things import found_things
from tests.support.payment_pages import payment_things
from tests.support.people import BROWSER, sign_in
from tests.support.permit_applications import application_things
from tests.support.permit_proofs import proof_things
from tests.support.permit_visits import visit_things
from tests.support.photos import photo
from tests.support.records import record_things
from tests.support.reports import fill_in, guest_things
from tests.support.residents import Resident
from tests.support.talk import things_to_do
from tests.support.worker import work

REPORTING = "/services/reporting"
HAND_MADE = {"council_tax", "permits", "reporting"}
"""Services whose things are made here; every other service has a sample, and they are found by its links."""


def things_of(app: Flask, account: Account) -> Mapping[str, str]:
    """By the name that the routes give them, or by endpoint and name where one does not serve all."""
    client = client_for(app)
    sign_in(app, client, account)
    at_browser = Resident(account, client)
    found = {
        "filename": "moothall.css",
        "provider": "moothall",
        "kind": "home",
        "session_id": _session(app, account),
        "draft_id": _draft(at_browser, "address"),
        "reporting.street.draft_id": _draft(at_browser, "street"),
        "reporting.coordinates.draft_id": _draft(at_browser, "coordinates"),
        "reporting.photo_id": "00000000-0000-4000-8000-00000000abcd",
        "layer": "wards",
    }
    with app.test_request_context("/"):
        file = receive(io.BytesIO(photo()), account_id=account.id, service="reporting", purpose="photo")
        place = Place("Larkspur Lane", None)
        case = file_report(account, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        email_change.ask(account, email="new@tests.example", link=lambda token: f"http://localhost/confirm/{token}")
        session().commit()
        work()
        message = session().scalars(select(OutboundMessage).order_by(OutboundMessage.created_at)).first()
        assert message is not None
        token = re.search(r"/confirm/(\S+)", message.body)
        assert token is not None
        found |= {
            "reference": case.reference,
            "form": "json",
            "reporting_open311.service_code": "pothole",
            "reporting_open311.request_id": case.reference,
            "file_id": str(file.id),
            "message_id": str(message.id),
            "token": token[1],
            "not_me.from_mail.token": _notice(account),
            "not_me.lift.token": "an-old-link",
            "way_id": str(identities.ways_of(account.id)[0].id),
            "proof": _proof(account),
            "secret": _calendar(account),
            "topic": "reporting",
            "home.cards.slug": "reporting",
            "profile.slug": "tools",
            "resident": str(account.id),
            "key": "a-key",
            "notice_id": _notice_in_the_inbox(account),
            **record_things(account),
            **council_tax_things(account),
            **visit_things(account),
            **payment_things(account),
            **proof_things(account),
            **application_things(account),
            **guest_things(BROWSER),
            **followed_things(account, case),
        }
    return found | found_things(app, account, HAND_MADE) | things_to_do(app, account)


def _proof(account: Account) -> str:
    """The token in a mail that lets somebody in this browser keep their account."""
    email = identities.find_address(account.id)
    claims = {"email": email, "email_verified": True}
    newcomer = waiting.Newcomer("moothall", "https://new.example", "1", "low", "/home", claims)
    browser_hash, links = kept_as(BROWSER), list[str]()
    assert waiting.hold_back(newcomer, browser_hash=browser_hash, usable=())
    held = waiting.find(browser_hash)
    assert held is not None
    proofs.send_mail(
        held, usable=(), title=lambda issuer, _language: issuer, link=lambda token: links.append(token) or token
    )
    session().commit()
    return links[0]


def _notice_in_the_inbox(account: Account) -> str:
    """Something that they were told."""
    tell(account.id, topic="reporting", template="home/mail/reminder.txt", key="a-thing", on=clock.today())
    session().commit()
    notices, _older = inbox.inbox_page(account.id)
    return str(notices[0].id)


def _calendar(account: Account) -> str:
    """The secret in the address of their calendar."""
    feeds.make(account)
    session().commit()
    return feeds.find_secret(account) or ""


def _session(app: Flask, account: Account) -> str:
    """Another browser in which they are signed in."""
    elsewhere = client_for(app)
    sign_in(app, elsewhere, account)
    query = select(SessionRow.id).where(SessionRow.account_id == account.id).order_by(SessionRow.created_at.desc())
    with app.app_context():
        return str(session().scalars(query.limit(1)).one())


def _notice(account: Account) -> str:
    """The link of a mail that told of a new device."""
    token = new_secret()
    session().execute(
        insert(SignInNoticeRow).values(token_hash=kept_as(token), account_id=account.id, sent_at=clock.now())
    )
    session().commit()
    return token


def _draft(at_browser: Resident, way: str) -> str:
    """A draft with every question answered, the place in this way."""
    kind = "street_light" if way == "asset" else "pothole"
    return fill_in(at_browser, kind, way).rpartition("/")[2]
