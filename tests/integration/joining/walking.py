"""The way to a record, as a resident goes it."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.db.session import session
from tests.support.residents import Resident

START = "/join/council_tax/account"
SHARED = "80011111"
WITH_FACTS = "80022222"
NOBODYS = "80099999"
POSTCODE = "W6 9JU"


def name_them(who: Resident, reference: str, name: str, postcode: str = POSTCODE) -> str:
    """Answer the first two pages; the page that follows."""
    who.get(START)
    answer = who.client.submit(reference=reference)
    assert answer.status_code == 303, who.client.page.errors
    who.client.follow(answer)
    answer = who.client.submit(name=name, postcode=postcode)
    assert answer.status_code == 303, who.client.page.errors
    page = who.client.follow(answer)
    assert page.status_code == 200
    return str(page.get_data(as_text=True))


def tell_facts(who: Resident, **facts: str) -> str:
    """Answer the pages of facts, whichever they are, in the order in which they are asked; the page that follows."""
    while True:
        code = who.client.last_path.rpartition("/")[2]
        parts = {f"answer__{part}": facts.get(f"{code}_{part}") for part in ("day", "month", "year")}
        answer = who.client.submit(**({"answer": facts[code]} if code in facts else parts))
        assert answer.status_code == 303, who.client.page.errors
        who.client.follow(answer)
        if "/facts/" not in who.client.last_path:
            return str(who.client.page.html)


def trail(app: Flask, act: str = "record.tried") -> list[tuple[str, dict[str, Any]]]:
    """Subject and details of these acts, oldest first."""
    with app.app_context():
        query = select(AuditEntry.subject, AuditEntry.details).where(AuditEntry.act == act).order_by(AuditEntry.id)
        found = [(row.subject, row.details) for row in session().execute(query)]
        session().rollback()
    return found
