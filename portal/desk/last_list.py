"""The way back from a case: to the list that led there, at the page and with the words that it had.

Their own browser keeps its address while it is open, as it does in its history. The server keeps nothing: a search may
be somebody's name. Whoever signs in there next does not get the list of the one before.
"""

from typing import Final

from flask import url_for

from portal.staff.sessions import current_staff
from portal.web import cookies

COOKIE: Final = "desk_list"
LONGEST: Final = 1500
_START: Final = "?view="


def remember(query: str) -> None:
    """Note which list is shown, by the part of its address that begins with `?view=`."""
    value = f"{current_staff().id}{query}"
    if len(value) <= LONGEST and cookies.get(COOKIE) != value:
        cookies.put(COOKIE, value)


def back_to_list() -> str:
    """Where the list is that they came from; the one that they start with, if they came from none."""
    whose, _start, rest = (cookies.get(COOKIE) or "").partition(_START)
    known = rest and whose == str(current_staff().id) and rest.isprintable()
    return url_for("desk.worklist") + (f"{_START}{rest}" if known else "")
