"""What one installed application knows about itself: made once at start, looked up by every request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, current_app
from flask.typing import ResponseReturnValue

from portal.settings.council import Council
from portal.settings.portal import Settings
from portal.web.languages import Lazy

if TYPE_CHECKING:
    from portal.web.programs import Programs
    from portal.web.realms import Realm

KEY = "moothall.web"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the service navigation."""

    title: Lazy | str
    endpoint: str
    for_signed_in: bool | None
    """True: only for the signed in; False: only for strangers; None: for all."""
    by_post: bool
    """Whether it changes something, and so is a form with a button and not a link."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the theme, read at start."""

    content: bytes
    version: str
    mimetype: str


@dataclass(slots=True)
class WebState:
    """The settings, the cookies' prefix and what the rooms have registered."""

    settings: Settings
    name: str
    hosts: frozenset[str]
    """The names by which a request may call us."""
    origins: frozenset[str]
    """The origins of our own pages, as browsers write them."""
    session_cookie: str
    """The cookie that changes with who is signed in: form tokens are tied to it."""
    address: str = ""
    """Where browsers find it."""
    menu: list[MenuItem] = field(default_factory=list)
    form_targets: set[str] = field(default_factory=set)
    """Origins beside our own where the answer to a form may send the browser (sign-in providers)."""
    static_files: dict[str, StaticFile] = field(default_factory=dict)
    theme: str = ""
    on_stale_form: Callable[[], ResponseReturnValue | None] | None = None
    """Asked before a person is told to send their form again: it may have a better answer."""
    realms: list["Realm"] = field(default_factory=list)
    """Parts with people of their own."""
    programs: dict[str, "Programs"] = field(default_factory=dict)
    """Addresses that programs call, by path."""
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    """Addresses of pages and files without values, by mount and endpoint."""


def web_state(app: Flask | None = None) -> WebState:
    """The state of `app`, or of the current one."""
    state: WebState = (app or current_app).extensions[KEY]
    return state


def council() -> Council:
    """The council's own face: what it is called, how it is reached, when it is closed."""
    return web_state().settings.council
