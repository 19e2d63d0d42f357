"""An opaque id of this browser: it ties form tokens and unfinished sign-ins to the browser that began them."""

import re
import secrets

from portal.web import cookies

_FORM = re.compile(r"[A-Za-z0-9_-]{32}")


def browser_id() -> str:
    """This browser's id, made and set as a cookie when there is none."""
    known = find_browser_id()
    return known if known else renew()


def find_browser_id() -> str | None:
    """This browser's id, if it has brought one."""
    value = cookies.get("browser")
    return value if value and _FORM.fullmatch(value) else None


def keep(value: str) -> None:
    """Undo `renew` in the same request: the sign-in that it was for has failed after all."""
    cookies.put("browser", value)


def renew() -> str:
    """Give this browser a new id: after sign-in and sign-out nothing made before may still count."""
    value = secrets.token_urlsafe(24)
    cookies.put("browser", value)
    return value
