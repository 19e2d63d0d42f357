"""Set the portal up for staff."""

from flask import Flask

from portal.identity.staff_door import StaffDoor
from portal.identity.staff_door import install as open_door
from portal.staff import arrival, gate, pages, visit_pages, visits
from portal.staff.rights import ANY, current_grants, needed
from portal.staff.sessions import COOKIE, current_staff_session_or_none
from portal.web.access import is_public
from portal.web.realms import Realm, add_realm


def install(app: Flask) -> None:
    """The desk's door: staff providers, their sessions, and the gate before every page under /desk."""

    def may_open(endpoint: str) -> bool:
        right = needed(app, endpoint)
        if right is None or current_staff_session_or_none() is None:
            return is_public(app, endpoint)
        grants = current_grants()
        return bool(grants) and (right == ANY or any(right == each for each in grants.rights()))

    open_door(
        app,
        StaffDoor(
            prefix=gate.PREFIX,
            sign_in="staff.sign_in",
            check=gate.check,
            when_stale=gate.when_stale,
            arrive=arrival.arrive,
            log_out=arrival.log_out,
            check_visit=visits.check_visit,
        ),
    )
    add_realm(
        app,
        Realm(
            prefix=gate.PREFIX,
            session_cookie=COOKIE,
            ask_time_left="staff.signed_in_until",
            stay="staff.stay",
            sign_out="staff.sign_out",
            may_open=may_open,
        ),
    )
    app.register_blueprint(pages.bp)
    app.register_blueprint(visit_pages.bp)
    app.jinja_env.globals["whom_to_ask"] = gate.whom_to_ask
