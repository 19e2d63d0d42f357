"""How staff sign in, and for how long."""

from pydantic import Field

from portal.settings.council import Sessions


class Desk(Sessions):
    """The caseworker's desk. Whoever sees many residents' records is signed out sooner than a resident."""

    idle_minutes: int = Field(15, ge=5, le=120)
    """A member of staff is signed out after this long without a request."""
    absolute_hours: int = Field(10, ge=1, le=14)
    """And this long after signing in, whatever happens: a working day."""
    warn_minutes: int = Field(3, ge=1, le=30)
    """How long before the idle limit a page warns."""
    assist_minutes: int = Field(60, ge=5, le=180)
    """How long staff may fill in forms for one caller before they have to begin anew."""
    whom_to_ask: str = "your team leader, or the council's IT help desk"
    """Who gives people their rights at the desk, as it reads after “Ask”: for those who have none."""
    whom_to_ask_cy: str = "arweinydd eich tîm, neu ddesg gymorth TG y cyngor"
    """The same in Welsh, as it reads after “i”. When it is empty, `whom_to_ask`."""
