"""Changes to how somebody signs in are made only by whoever has just proved to be that person, and fully.

A browser left open for half an hour must not be enough to plant a passkey; nor a stolen password, where the person
has something beside it.
"""

from datetime import timedelta
from typing import Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select

from portal import clock
from portal.db.session import session
from portal.provider import onward, taking_turns
from portal.provider.arriving import OWN_PAGES, waiting_request
from portal.provider.browser_login import seen_login
from portal.provider.factors import factors_of
from portal.provider.levels import MFA, reaches
from portal.provider.models import Login, Person
from portal.provider.queries import CurrentLogin

FRESH: Final = timedelta(minutes=10)

_LIVE = select(Login.id).where(Login.id == bindparam("login"), Login.ended_at.is_(None)).with_for_update()


class ProofNeeded(Exception):
    """The person must first prove themselves at `endpoint`, and then comes back."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self.endpoint = endpoint


def signed_in() -> tuple[CurrentLogin, Person]:
    """The sign-in of this browser and its person. Raises ProofNeeded."""
    login = seen_login()
    if login is None:
        raise ProofNeeded("pages.sign_in")
    return login, session().get_one(Person, login.person_id)


def freshly_signed_in() -> tuple[CurrentLogin, Person]:
    """The same, when all proofs that the person has were given within ten minutes. Raises ProofNeeded."""
    login, person = signed_in()
    if login.auth_at + FRESH < clock.now():
        raise ProofNeeded("pages.sign_in")
    if not reaches(login.amr, [MFA]) and factors_of(person.id).any:
        raise ProofNeeded("pages.second_step")
    return login, person


def hold(login: CurrentLogin) -> None:
    """Before something is kept that signs people in: that this sign-in has not ended in this very moment.

    Whoever ends it now waits for us, and then sees what we have kept. Raises ProofNeeded.
    """
    if taking_turns.stay(login.person_id) is None or session().scalar(_LIVE, {"login": login.id}) is None:
        raise ProofNeeded("pages.sign_in")


def ask(needed: ProofNeeded) -> ResponseReturnValue:
    """To the page that asks for the proof, and from there back to this one, or to the list it belongs to."""
    name = (request.endpoint or "").removeprefix(OWN_PAGES)
    back = "overview" if request.view_args else name
    return redirect(f"{url_for(needed.endpoint)}?{onward.query(waiting_request(), then=back)}", 303)
