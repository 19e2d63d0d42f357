"""The demo's named people, one click each. This blueprint exists only where the settings say demo."""

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.errors import NotFound
from portal.provider.arriving import arrive
from portal.provider.queries import find_demo_person
from portal.provider.state import provider
from portal.web.access import public

bp = Blueprint("demo_people", __name__)


@bp.post("/demo-people/<uuid:person_id>")
@public
@commits
def sign_in_as(person_id: uuid.UUID) -> ResponseReturnValue:
    """Sign in as one of them."""
    person = find_demo_person(person_id) if provider().settings.demo else None
    if person is None:
        raise NotFound
    return arrive(person, amr=["demo"])
