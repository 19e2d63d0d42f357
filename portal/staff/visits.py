"""Staff in a resident's place: to look, which changes nothing, or to fill in forms for somebody who has rung."""

from flask.typing import ResponseReturnValue

from portal.errors import Forbidden
from portal.identity.sessions import Session


def check_visit(live: Session) -> ResponseReturnValue | None:  # noqa: ARG001  # not yet
    """Before each request of theirs: may they still be there, and do this?"""
    raise Forbidden
