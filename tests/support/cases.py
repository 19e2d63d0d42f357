"""A case type, and an application that has it, for tests of the ledger."""

import uuid
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemLoader

from portal import clock, home
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.cases import types
from portal.cases.declared import CaseType, Move, ServiceLevel, Status
from portal.db.session import install, session
from portal.web.languages import template_gettext
from portal.web.state import KEY, WebState
from tests.support.settings import settings_for

SUNITA = uuid.UUID("00000000-0000-4000-8000-000000000007")
TOM = uuid.UUID("00000000-0000-4000-8000-000000000008")
STAFF = f"staff:{SUNITA}"
OTHER_STAFF = f"staff:{TOM}"
RIGHTS = frozenset({"look", "work", "decide"})
REPORT = CaseType(
    service="reporting",
    slug="report",
    title="Problem report",
    statuses=(
        Status(code="received", title="Received", meaning="We have your report.", next="We look at it."),
        Status(code="in_progress", title="In progress", meaning="Somebody works on it."),
        Status(code="fixed", title="Fixed", meaning="It is done.", open=False),
        Status(code="duplicate", title="Already reported", meaning="We work on another report.", open=False),
        Status(code="withdrawn", title="Withdrawn", meaning="You took it back.", open=False),
    ),
    moves=(
        Move(source="received", target="in_progress", by=frozenset({"staff", "system"})),
        Move(source="received", target="fixed", by=frozenset({"staff"}), right="decide"),
        Move(source="received", target="withdrawn", by=frozenset({"resident"})),
        Move(source="in_progress", target="fixed", by=frozenset({"staff"}), right="decide", title="Mark as fixed"),
        Move(source="in_progress", target="received", by=frozenset({"staff"}), asks_reason=True),
        Move(source="fixed", target="in_progress", by=frozenset({"staff", "resident"})),
    ),
    service_level=ServiceLevel(days=5, warn=1),
    team="streets",
    retention_days=730,
    reopen_days=28,
    reopened="in_progress",
    merged="duplicate",
    rates=True,
    facts=("size",),
)


def ledger_app(url: str) -> Flask:
    """The least application that the ledger works in."""
    app = Flask("ledger")
    install(app, url)
    app.extensions[KEY] = WebState(settings_for(url, demo=True), "ledger", frozenset(), frozenset(), "session")
    app.jinja_env.loader = FileSystemLoader(Path(home.__file__).parent / "templates")
    app.jinja_env.globals["_"] = template_gettext
    types.add(app, "reporting", [REPORT])
    return app


def new_account() -> Account:
    """A resident with nothing but an account and an empty profile, committed."""
    account = Account(uuid.uuid4(), "Ada", "en")
    session().add(AccountRow(id=account.id, language="en", created_at=clock.now()))
    session().flush()  # the profile names the account
    session().add(ProfileRow(account_id=account.id))
    session().commit()
    return account
