"""Rendering a page, and what the layout shows on every one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from flask import Flask, current_app, g, has_request_context, render_template, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.settings.council import Council
from portal.web import cookies
from portal.web.languages import DEFAULT, LANGUAGES, Lazy, current_language
from portal.web.realms import current_realm
from portal.web.state import MenuItem, web_state
from portal.web.time_left import TimeLeft

NOTICE_COOKIE: Final = "notice"
NOTICE_LIFE: Final = timedelta(minutes=5)
NOTICE_LENGTH: Final = 400
_NOT_DONE: Final = "\x00"  # before a text that says what was not done: no text has it


@dataclass(frozen=True, slots=True)
class Notice:
    """What the last page left for this one to say: what was done, or what was not."""

    text: str
    success: bool


def render(template: str, /, **values: object) -> str:
    """The page as HTML. The layout adds the council's face, the menu, the error summary of `form`, the notice."""
    return render_template(template, **values)


def notify_next(text: str | Lazy) -> None:
    """Show this text once, as a banner on the next page: what has just been done."""
    cookies.put(NOTICE_COOKIE, _signer().dumps(str(text)[:NOTICE_LENGTH]), max_age=int(NOTICE_LIFE.total_seconds()))
    g.notice_is_new = True


def warn_next(text: str | Lazy) -> None:
    """Show this text once on the next page, as what was not done and why."""
    notify_next(f"{_NOT_DONE}{text}")


def take_notice() -> Notice | None:
    """The text that the last page left for this one; it is gone afterwards."""
    if g.get("notice_is_new"):
        return None
    signed = cookies.get(NOTICE_COOKIE)
    if not signed:
        return None
    cookies.drop(NOTICE_COOKIE)
    try:
        text = str(_signer().loads(signed, max_age=int(NOTICE_LIFE.total_seconds())))
    except BadData:
        return None
    return Notice(text.removeprefix(_NOT_DONE), success=not text.startswith(_NOT_DONE))


@dataclass(frozen=True, slots=True)
class Standing:
    """What every page says until it is no longer so, and the way on."""

    text: str
    link: str
    href: str


def stand(text: str | Lazy, *, link: str | Lazy, href: str) -> None:
    """Show this text as a banner on the page of this request, whatever it is."""
    g.standing = Standing(str(text), str(link), href)


@dataclass(frozen=True, slots=True)
class Visiting:
    """Somebody is here in another one's place: what every page says of it, and the endpoint that ends it."""

    title: str
    text: str
    button: str
    end: str
    may_open: Callable[[str], bool] = bool
    """Whether a page, by its endpoint, is open to them: the menu leads to no refusal."""
    language: str = DEFAULT
    """What they read, which may not be the language of the page."""


def _signer() -> URLSafeTimedSerializer:
    settings = web_state().settings
    newest_last = [key.get_secret_value() for key in (*reversed(settings.previous_secret_keys), settings.secret_key)]
    return URLSafeTimedSerializer(newest_last, salt="moothall.notice", signer_kwargs={"digest_method": sha256})


def offer(
    app: Flask,
    title: str | Lazy,
    endpoint: str,
    *,
    for_signed_in: bool | None = True,
    by_post: bool = False,
) -> None:
    """Add an entry to the service navigation, after those that are there.

    `for_signed_in=None` shows it to all. `by_post` draws a button in a form (sign out).
    """
    web_state(app).menu.append(MenuItem(title, endpoint, for_signed_in, by_post))


@dataclass(frozen=True, slots=True)
class MenuLink:
    """One entry of the menu as this request sees it."""

    title: str
    href: str
    current: bool
    by_post: bool


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A link to this page in a language."""

    code: str
    title: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class StayPages:
    """Endpoints that the warning before the end of a session leads to."""

    ask: str
    stay: str
    sign_out: str


RESIDENTS_PAGES: Final = StayPages("time_left.signed_in_until", "time_left.stay", "identity.sign_out")


class Frame:
    """What the layout asks for. Made for each rendering; each value is looked up when it is drawn."""

    __slots__ = ()

    @property
    def council_name(self) -> str:
        """The council's name in the language of the page."""
        return web_state().settings.council.called(current_language())

    @property
    def council(self) -> Council:
        """The council's settings."""
        return web_state().settings.council

    @property
    def has_logo(self) -> bool:
        """Whether the council has set a logo of its own."""
        return web_state().settings.council.logo_path is not None

    @property
    def home(self) -> str:
        """Where the logo leads."""
        realm = current_realm()
        return f"{request.script_root}{realm.prefix if realm else '/'}"

    @property
    def language(self) -> str:
        """The code of the page's language."""
        return current_language()

    @property
    def demo(self) -> bool:
        """Whether all of this is invented."""
        return web_state().settings.demo

    @property
    def signed_in_as(self) -> str | None:
        """The resident's name, set by `portal.identity`; None for strangers and for applications without sign-in."""
        name: str | None = g.get("signed_in_as")
        return name

    @property
    def notice(self) -> Notice | None:
        """What was left for this page by `notify_next` or `warn_next`."""
        return take_notice()

    @property
    def standing(self) -> Standing | None:
        """What every page says for now, set by `stand`."""
        found: Standing | None = g.get("standing")
        return found

    @property
    def visiting(self) -> Visiting | None:
        """Set when it is not the resident who is here."""
        found: Visiting | None = g.get("visiting")
        return found

    @property
    def time_left(self) -> TimeLeft | None:
        """Until when somebody is signed in, set by `portal.identity`; None for strangers."""
        found: TimeLeft | None = g.get("time_left")
        return found

    @property
    def year(self) -> int:
        """This year, for the footer."""
        return clock.today().year

    def menu(self) -> list[MenuLink]:
        """The entries for this person."""
        signed_in, realm, visiting = self.signed_in_as is not None, current_realm(), self.visiting
        return [
            MenuLink(str(item.title), link(item.endpoint), request.endpoint == item.endpoint, item.by_post)
            for item in (web_state().menu if realm is None else realm.menu)
            if item.for_signed_in in (None, signed_in)
            and (realm is None or realm.may_open(item.endpoint))
            and (realm is not None or visiting is None or visiting.may_open(item.endpoint))
        ]

    @property
    def stay_pages(self) -> StayPages:
        """The pages that keep somebody signed in, or sign them out: staff have their own."""
        realm = current_realm()
        if realm is None:
            return RESIDENTS_PAGES
        return StayPages(realm.ask_time_left, realm.stay, realm.sign_out)

    def languages(self) -> list[LanguageLink]:
        """A link to this page in each language."""
        now = current_language()
        return [LanguageLink(code, title, _in_language(code), code == now) for code, title in LANGUAGES.items()]


def _in_language(code: str) -> str:
    if not request.query_string or request.blueprint == "sign_in_callback":
        return f"?lang={code}"  # what a provider sends back with the browser is good for one request only
    kept = MultiDict((name, value) for name, value in request.args.items(multi=True) if name != "lang")
    kept["lang"] = code
    # A bare query keeps path and mount as they are, and cannot lead to another host.
    return "?" + urlencode(list(kept.items(multi=True)))


def frame_values() -> dict[str, object]:
    """Context processor: gives every template of a page its frame."""
    return {"frame": Frame()} if has_request_context() else {}


def asset(filename: str) -> str:
    """The address of a file of the theme, with a version that changes when it does."""
    known = web_state().links
    key = (request.script_root, f"static/{filename}")
    if key not in known:
        known[key] = url_for("static", filename=filename, v=web_state().static_files[filename].version)
    return known[key]


def link(endpoint: str) -> str:
    """The address of a page that needs no values, worked out once: the layout asks for a dozen on every page."""
    known = web_state().links
    key = (request.script_root, endpoint)
    if key not in known:
        known[key] = url_for(endpoint)
    return known[key]


def has_page(endpoint: str) -> bool:
    """Whether this application has that page (the provider has fewer than the portal)."""
    return endpoint in current_app.view_functions
