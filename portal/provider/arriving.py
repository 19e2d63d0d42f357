"""What follows a proof: perhaps a second step, then on to where the person was going.

That is a client's request, which travels sealed (`to`), or one of our own pages that wanted a fresh sign-in (`then`).
"""

from collections.abc import Sequence
from typing import Final

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.provider import browser_login, half_logins, onward
from portal.provider.factors import asks_second_step
from portal.provider.models import Person
from portal.web.headers import allow_form_target

OWN_PAGES = "your_sign_in."
ELSEWHERE: Final = {"consents": "consent.consents"}
"""Pages of ours that can wait as well, by the name that they travel under."""


def waiting_request() -> str:
    """The client's request that came along, sealed. Too long to be one of ours means none."""
    sealed = request.args.get("to", "")
    return sealed if onward.opened(sealed) else ""


def waiting_page() -> str:
    """The page of ours that came along by its name, or ""."""
    name = request.args.get("then", "")
    view = current_app.view_functions.get(_endpoint(name))
    return name if view is not None and name.isidentifier() and _needs_no_values(name) else ""


def passed_on() -> str:
    """The query string that takes both along to the next page."""
    page = waiting_page()
    return onward.query(waiting_request(), **({"then": page} if page else {}))


def address(endpoint: str) -> str:
    """The address of a page, both taken along."""
    query = passed_on()
    return url_for(endpoint) + (f"?{query}" if query else "")


def arrive(person: Person, *, amr: Sequence[str], to: str | None = None) -> ResponseReturnValue:
    """After a first proof: ask for the second where the person has switched that on, else sign them in and go on."""
    if "mfa" not in amr and asks_second_step(person.id):
        half_logins.begin(person, amr=amr)
        if to is None:
            return redirect(address("pages.second_step"), 303)
        return redirect(f"{url_for('pages.second_step')}?{onward.query(to)}", 303)
    to = waiting_request() if to is None else to
    browser_login.sign_in(person, amr=amr, to=to)
    return go_on(to)


def go_on(to: str) -> ResponseReturnValue:
    """On to our own page that waits, or to the client's request; without either, to a page that says where to go."""
    page = waiting_page()
    if page:
        return redirect(f"{url_for(_endpoint(page))}?{onward.query(to)}".rstrip("?"), 303)
    if onward.opened(to) is None:
        return redirect(url_for("pages.signed_in"), 303)
    return redirect(url_for("authorization.authorize", to=to), 303)


def allow_the_way_on() -> None:
    """The answer to this page's form may lead to the client whose request waits."""
    waiting = onward.opened(waiting_request())
    if waiting is not None:
        allow_form_target(waiting.asked.redirect_uri)


def way_without() -> str:
    """On to the client's request without the second proof that it asks for, or "" where no request waits.

    Nothing is passed by: the ID token says what was reached, and a client that insists hears an error. Whoever has
    switched the second step on themselves is not signed in yet, so this leads them nowhere.
    """
    to = waiting_request()
    return f"{url_for('authorization.authorize')}?{onward.query(to, **{onward.DECLINED: '1'})}" if to else ""


def _endpoint(name: str) -> str:
    return ELSEWHERE.get(name, f"{OWN_PAGES}{name}")


def _needs_no_values(name: str) -> bool:
    return all(not rule.arguments for rule in current_app.url_map.iter_rules(_endpoint(name)))
