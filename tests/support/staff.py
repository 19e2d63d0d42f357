"""Members of staff at their browsers, signed in without the exchange with a provider where that is not the point."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.db.session import session
from portal.identity.secret_values import kept_as, new_secret
from portal.staff.models import StaffMemberRow, StaffRightRow, StaffSessionRow
from portal.staff.sessions import COOKIE
from portal.staff.values import Staff
from portal.web.cookies import cookie_name
from tests.support.client import Client, client_for
from tests.support.people import BROWSER
from tests.support.settings import ISSUER


@dataclass
class Colleague:
    """One browser in which a member of staff is signed in at the desk."""

    staff: Staff
    client: Client

    def get(self, path: str, status: int = 200) -> str:
        """A page."""
        response = self.client.get(path)
        assert response.status_code == status, (response.status_code, response.location)
        return response.get_data(as_text=True)

    def post(self, path: str, status: int = 303, **values: Any) -> Any:
        """Send these values with a token that counts, whatever the page asks for."""
        response = self.client.post(path, data={"csrf_token": self.token(), **values})
        assert response.status_code == status, (response.status_code, response.get_data(as_text=True))
        return response

    def token(self) -> str:
        """A form token of the desk."""
        if not hasattr(self.client, "page") or not self.client.page.all("input", name="csrf_token"):
            self.get("/desk/stay-signed-in")
        return str(self.client.page.all("input", name="csrf_token")[0].get("value"))


def colleague(
    app: Flask,
    name: str = "Sunita",
    *,
    role: str | None = "caseworker",
    client: Client | None = None,
    **where: str,
) -> Colleague:
    """A member of staff with this role. `where` narrows it: `service`, `type`, `area`, `team`. No role: no right.

    The same name again is the same person; another role or place is one more right of theirs. With `client` they sign
    in again with a browser that they have.
    """
    client = client or client_for(app)
    with app.test_request_context("/"):
        group = f"group of {name}"
        staff = _member(name, (group,))
        if role is not None:
            grant(group, role, **where)
        _sign_in(client, staff)
        session().commit()
    return Colleague(staff, client)


def staff_client(app: Flask, role: str | None = "caseworker", *, name: str = "Sunita", **where: str) -> Client:
    """The browser of `colleague` alone."""
    return colleague(app, name, role=role, **where).client


def grant(group: str, role: str, **where: str) -> uuid.UUID:
    """Write a line into the table of rights. The caller commits. The same line again is no second one."""
    known = {"service": "", "type": "", "area": "", "team": ""} | where
    columns = {"staff_group": group, "role": role, **known}
    same = [getattr(StaffRightRow, column) == value for column, value in columns.items()]
    found = session().scalar(select(StaffRightRow.id).where(*same, StaffRightRow.removed_at.is_(None)))
    if found is not None:
        return found
    right_id = uuid.uuid4()
    session().execute(
        insert(StaffRightRow).values(id=right_id, added_by="system:tests", added_at=clock.now(), **columns)
    )
    return right_id


def _member(name: str, groups: tuple[str, ...]) -> Staff:
    subject = str(uuid.uuid5(uuid.NAMESPACE_URL, f"staff {name}"))
    email = f"{name.lower()}@staff.example"
    now = clock.now()
    staff_id = session().execute(
        upsert(StaffMemberRow)
        .values(
            id=uuid.uuid4(),
            provider="staff",
            issuer=ISSUER,
            subject=subject,
            name=name,
            email=email,
            groups=list(groups),
            language="en",
            created_at=now,
            seen_at=now,
        )
        .on_conflict_do_update(index_elements=["issuer", "subject"], set_={"seen_at": now})
        .returning(StaffMemberRow.id)
    )
    return Staff(staff_id.scalar_one(), name, email, groups, "en")


def _sign_in(client: FlaskClient, staff: Staff) -> None:
    """Give the client's browser a session of this member of staff."""
    cookie, now = new_secret(), clock.now()
    session().execute(
        insert(StaffSessionRow).values(
            id=uuid.uuid4(),
            cookie_hash=kept_as(cookie),
            staff_id=staff.id,
            provider="staff",
            issuer=ISSUER,
            subject=str(uuid.uuid5(uuid.NAMESPACE_URL, f"staff {staff.name}")),
            refresh_failures=0,
            assurance=1,
            authenticated_at=now,
            created_at=now,
            last_seen_at=now,
        )
    )
    client.set_cookie(cookie_name(COOKIE), cookie)
    client.set_cookie(cookie_name("browser"), BROWSER)
