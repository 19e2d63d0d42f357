"""Letters that lead to what can be done on a page of the desk, and their switch.

The script takes single letters, never while somebody types, and each of them only goes somewhere: a button is brought
into focus and not pressed. Who uses speech input or is disturbed by them switches them off (WCAG 2.1.4). Without
script the browser's own access keys lead to the same places.
"""

from typing import Final

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.staff.gate import PREFIX
from portal.staff.rights import ANY, needs
from portal.web import cookies
from portal.web.languages import gettext, lazy_gettext
from portal.web.page import notify_next, render

bp = Blueprint("desk_keys", __name__, url_prefix=f"{PREFIX}/keys", template_folder="templates")

COOKIE: Final = "desk_keys"
OFF: Final = "off"
LIFE: Final = 365 * 24 * 3600
IN_A_LIST: Final = (
    ("j", lazy_gettext("The next case")),
    ("k", lazy_gettext("The case before")),
    ("/", lazy_gettext("The search")),
    ("?", lazy_gettext("This page")),
)
ON_A_CASE: Final = (
    ("r", lazy_gettext("Write to the resident")),
    ("n", lazy_gettext("Write a note")),
    ("d", lazy_gettext("Add a document")),
    ("a", lazy_gettext("Ask the resident for something")),
    ("t", lazy_gettext("Take the case")),
    ("b", lazy_gettext("Put it back on the list")),
    ("p", lazy_gettext("Pass it on")),
    ("h", lazy_gettext("Put it on hold")),
    ("u", lazy_gettext("Take it up again")),
    ("m", lazy_gettext("Merge it into another case")),
    ("?", lazy_gettext("This page")),
)


def are_on() -> bool:
    """Whether this browser wants them."""
    return cookies.get(COOKIE) != OFF


def desk_key(letter: str) -> Markup:
    """The attributes that make a letter lead to an element; none where they are switched off."""
    if not letter or not are_on():
        return Markup("")
    access = Markup(' accesskey="{}"').format(letter) if letter.isalpha() else Markup("")
    return access + Markup(' aria-keyshortcuts="{0}" data-desk-key="{0}"').format(letter)


@bp.route("", methods=["GET", "POST"])
@needs(ANY)
def keys() -> ResponseReturnValue:
    """What each letter does, and the switch, which this browser remembers for a year."""
    if request.method == "POST":
        if request.form.get("keys") == OFF:
            cookies.put(COOKIE, OFF, max_age=LIFE)
            notify_next(gettext("The letters are switched off in this browser."))
        else:
            cookies.drop(COOKIE)
            notify_next(gettext("The letters are switched on in this browser."))
        return redirect(url_for(".keys"), 303)
    return render("desk/keys.html", letters=ON_A_CASE, in_lists=IN_A_LIST, on=are_on())
