"""What the room of staff does in this one's place. It stands above, so it registers here what it wants to be asked.

Signing in is one piece of code for residents and staff, up to the moment when somebody has proved who they are. From
there on the two never meet: what arrives from a provider for staff is handed over here, and to nobody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

from portal.errors import NotFound

if TYPE_CHECKING:
    from portal.identity.attempts import Attempt
    from portal.identity.logout_tokens import LogoutToken
    from portal.identity.relying_party import Proven, RelyingParty
    from portal.identity.sessions import Session

EXTENSION: Final = "moothall.identity.staff_door"


@dataclass(frozen=True, slots=True)
class StaffDoor:
    """Staff have the addresses under `prefix` to themselves."""

    prefix: str
    sign_in: str
    """The endpoint of their own sign-in page."""
    check: Callable[[], ResponseReturnValue | None]
    """The gate before each of them: as the guard's own, it lets through or answers."""
    when_stale: Callable[[], ResponseReturnValue | None]
    """For a form whose token no longer counts."""
    arrive: "Callable[[Proven, Attempt, RelyingParty], ResponseReturnValue]"
    """Somebody has come back from a provider for staff, proven."""
    log_out: "Callable[[RelyingParty, LogoutToken], int]"
    """Such a provider says that somebody has signed out there; how many sessions that ended."""
    check_visit: "Callable[[Session], ResponseReturnValue | None]"
    """Staff are in a resident's place: may they still be, and do this?"""


def install(app: Flask, door: StaffDoor) -> None:
    """Let staff in to `app` by this door."""
    app.extensions[EXTENSION] = door


def find_door() -> StaffDoor | None:
    """The door, when this application has one."""
    door: StaffDoor | None = current_app.extensions.get(EXTENSION)
    return door


def get_door() -> StaffDoor:
    """The door. Raises NotFound where there is none: then no staff come in."""
    door = find_door()
    if door is None:
        raise NotFound
    return door


def door_here() -> StaffDoor | None:
    """The door, when the address of this request is one of staff's."""
    door = find_door()
    if door is None or not (request.path == door.prefix or request.path.startswith(f"{door.prefix}/")):
        return None
    return door
