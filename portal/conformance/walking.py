"""Walk through a service as its residents and staff do: by links and by forms, in plain HTML, and keep what is shown.

The walk is bounded: of each view some addresses, of each form some ways to fill it in. What is destroyed by a form
(its address or view says so) comes last, so that the rest is seen while it is there.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from flask import url_for
from sqlalchemy import text

from portal.conformance.browsing import Browser, Shown, endpoint_at
from portal.conformance.filling import TRIES, asks_something, bare, filled, is_sent_by_plain_html, ways
from portal.conformance.house import ISSUER, House
from portal.conformance.pages import PageForm
from portal.conformance.residents import newcomer, sign_in, sign_in_at_desk
from portal.db.session import session
from portal.errors import DomainError
from portal.jobs import queue
from portal.staff.values import ROLES

ADDRESSES_OF_A_VIEW: Final = 3
SENT_OF_A_FORM: Final = 10
MOST_REQUESTS: Final = 500
ENDS: Final = re.compile(r"delete|remove|cancel|withdraw|discard|leave|end\b|stop|forget|close|give_?up|report-", re.I)
NOBODY: Final = "a newcomer"
STRANGER: Final = "a stranger"
STAFF: Final = "staff"
_TAKE: Final = text(
    "update jobs.procrastinate_jobs set status = 'succeeded' where status = 'todo' returning task_name, args"
)


@dataclass
class Walk:
    """What was shown to whom. `sent` counts for each view how often a form was taken there."""

    shown: list[Shown] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    welsh: dict[tuple[str, str], tuple[Shown, Shown]] = field(default_factory=dict)
    """By who and view, a page in English and at once in Welsh: later it may not be there any more."""
    without_button: list[tuple[Shown, str]] = field(default_factory=list)
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def pages(self) -> Sequence[Shown]:
        """Every HTML page once: the first of those that have one address, one status and one length of text."""
        seen: dict[tuple[str, str, int, int], Shown] = {}
        for each in self.shown:
            if each.is_page:
                seen.setdefault((each.who, each.where, each.status, len(each.html)), each)
        return list(seen.values())

    def reached(self) -> set[str]:
        """The views that showed or did something."""
        return {each.endpoint for each in self.shown if each.status < 400}

    def addresses(self, who: str | None = None) -> Mapping[str, Sequence[Shown]]:
        """By view, the addresses that could be fetched, each once."""
        found: dict[str, dict[str, Shown]] = {}
        for each in self.shown:
            if each.method == "GET" and each.status == 200 and who in (None, each.who):
                found.setdefault(each.endpoint, {}).setdefault(each.address, each)
        return {endpoint: list(by_address.values()) for endpoint, by_address in found.items()}


@dataclass
class _Form:
    """A form where it stands."""

    page: Shown
    form: PageForm
    address: str
    endpoint: str

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        return self.endpoint, frozenset(self.form.names)

    @property
    def is_last(self) -> bool:
        return bool(ENDS.search(f"{self.endpoint.rpartition('.')[2]} {self.address.rpartition('/')[2]}"))


class _Walker:
    """One person on the way."""

    def __init__(self, house: House, browser: Browser, walk: Walk, prefixes: Sequence[str]) -> None:
        self.house, self.browser, self.walk, self.prefixes = house, browser, walk, tuple(prefixes)
        sample = house.mounted.service.sample
        self.answers = sample.answers if sample is not None else {}
        self.open: deque[str] = deque()
        self.known: set[str] = set()
        self.of_view: Counter[str] = Counter()
        self.of_form: Counter[tuple[str, frozenset[str]]] = Counter()
        self.forms: deque[_Form] = deque()
        self.requests = 0

    def look(self, starts: Sequence[str]) -> None:
        """From these addresses to wherever links lead."""
        for start in starts:
            self._add(start)
        self._look_around()

    def go(self, starts: Sequence[str]) -> None:
        """From these addresses to wherever links lead, then through the forms, and what they lead to."""
        self.look(starts)
        while self.forms and self.requests < MOST_REQUESTS:
            form = min(self.forms, key=lambda each: each.is_last)
            self.forms.remove(form)
            self._fill_in(form)

    def _look_around(self) -> None:
        while self.open and self.requests < MOST_REQUESTS:
            self._see(self._get(self.open.popleft()))

    def _get(self, address: str) -> Shown:
        self.requests += 1
        shown = self.browser.get(address)
        self.walk.shown.append(shown)
        if shown.status == 200 and shown.is_page and (shown.who, shown.endpoint) not in self.walk.welsh:
            self.walk.welsh[shown.who, shown.endpoint] = shown, self.browser.in_welsh(address)
        return shown

    def _see(self, shown: Shown) -> None:
        if shown.location:
            self._add(urljoin(shown.address, shown.location), always=shown.method == "POST")
        if not shown.is_page or shown.status >= 500:
            return
        for link in shown.page.all("a"):
            self._add(urljoin(shown.address, link.get("href", "")))
        for form in shown.page.forms():
            self._note_form(shown, form)

    def _add(self, address: str, *, always: bool = False) -> None:
        address = address.partition("#")[0]
        if (address in self.known and not always) or not self._is_ours(address):
            return
        endpoint = endpoint_at(self.house.app, address)
        if not endpoint or (self.of_view[endpoint] >= ADDRESSES_OF_A_VIEW and not always):
            return
        if address not in self.known:
            self.of_view[endpoint] += 1
        self.known.add(address)
        self.open.append(address)

    def _is_ours(self, address: str) -> bool:
        path, query = urlsplit(address).path, urlsplit(address).query
        in_other_words = "lang=" in query  # the same page: what it says in Welsh is judged by itself
        return (
            not in_other_words
            and not urlsplit(address).netloc
            and any(f"{path}/".startswith(f"{each}/") for each in self.prefixes)
        )

    def _note_form(self, shown: Shown, form: PageForm) -> None:
        address = urljoin(shown.address, form.action or shown.address)
        method = form.element.get("method", "get").upper()
        endpoint = endpoint_at(self.house.app, address, method)
        if not self._is_ours(address) or not endpoint:
            return
        if not is_sent_by_plain_html(form):
            self.walk.without_button.append((shown, address))
            return
        if method == "GET":
            query = {name: value for name, value in filled(form, self.answers).items() if isinstance(value, str | list)}
            self._add(f"{address.partition('?')[0]}?{urlencode(query, doseq=True)}")
        elif not any(each.key == (endpoint, frozenset(form.names)) and each.address == address for each in self.forms):
            self.forms.append(_Form(shown, form, address, endpoint))

    def _fill_in(self, each: _Form) -> None:
        if self.of_form[each.key] == 0 and asks_something(each.form):
            self._send(each, bare(each.form))
        for values in ways(each.form, self.answers):
            if self.of_form[each.key] >= SENT_OF_A_FORM or self.requests >= MOST_REQUESTS:
                return
            self.of_form[each.key] += 1
            self._until_taken(each, values)

    def _until_taken(self, each: _Form, values: dict[str, Any]) -> None:
        """Send it; where a field is refused, try again with something else in those fields alone."""
        for attempt in range(1, TRIES + 1):
            shown = self._send(each, values)
            if 300 <= shown.status < 400:
                self.walk.accepted[each.endpoint] += 1
                return
            refused = {target.lstrip("#") for target, _ in shown.page.errors} if shown.is_page else set()
            again = filled(each.form, self.answers, attempt=attempt)
            wrong = {name for name in again if any(_is_about(target, name) for target in refused)}
            if not wrong or self.requests >= MOST_REQUESTS:
                return
            values = {**values, **{name: again[name] for name in wrong}, **_fresh_files(again)}

    def _send(self, each: _Form, values: dict[str, Any]) -> Shown:
        self.requests += 1
        shown = self.browser.post(each.address, values, enctype=each.form.element.get("enctype"))
        self.walk.shown.append(shown)
        if 300 <= shown.status < 400:
            work(self.house)
            self._see(shown)
            self._look_around()
        return shown


def _is_about(target: str, name: str) -> bool:
    return target == name or target.startswith(f"{name}-") or name.startswith(f"{target}-")


def _fresh_files(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if isinstance(value, tuple)}


def walked(house: House) -> Walk:
    """The walk of those who have most, of a newcomer, of a stranger, and of staff with every right."""
    walk = Walk()
    prefixes = [f"/services/{house.slug}", *(mount.path for mount in house.mounted.service.mounts)]
    front = f"/services/{house.slug}/"
    for who, browser in residents(house):
        walk.browsers[who] = browser
        _Walker(house, browser, walk, prefixes).go([front, *_led_to(house, who)])
    stranger = walk.browsers[STRANGER] = Browser(house.app, STRANGER)
    _Walker(house, stranger, walk, prefixes).go([card.url for card in house.mounted.service.for_everyone])
    if house.mounted.service.desk is not None:
        walk.browsers[STAFF] = browser = at_desk(house, tuple(ROLES))
        _Walker(house, browser, walk, [f"/desk/{house.slug}"]).go(_fronts_at_desk(house))
    return walk


def residents(house: House) -> Iterator[tuple[str, Browser]]:
    """Those of the demo's people of whom the service knows most, then one of whom it knows nothing."""
    richest = sorted(house.people, key=lambda key: (-_size(house, key), key))[:2]
    for key in richest:
        browser = Browser(house.app, key.capitalize())
        sign_in(house.app, browser.client, house.people[key])
        yield browser.who, browser
    browser = Browser(house.app, NOBODY)
    sign_in(house.app, browser.client, newcomer(house.app, "Newcomer", issuer=ISSUER))
    yield NOBODY, browser


def at_desk(house: House, roles: tuple[str, ...]) -> Browser:
    """A browser at the desk of somebody with these roles everywhere."""
    browser = Browser(house.app, STAFF if roles else "staff without a right")
    sign_in_at_desk(house.app, browser.client, issuer=ISSUER, roles=roles, name="Casey Conformance")
    return browser


def _size(house: House, key: str) -> int:
    with house.rolled_back():
        return len(str(house.mounted.service.export(house.people[key].account)))


def _led_to(house: House, who: str) -> Iterator[str]:
    """Where its cards on home, its activity and its days lead."""
    known = house.people.get(who.lower())
    if known is None:
        return
    service = house.mounted.service
    with house.rolled_back():
        for part in (service.home_cards, service.activity, service.calendar):
            yield from [each.url for each in part(known.account)]


def _fronts_at_desk(house: House) -> Sequence[str]:
    desk = house.mounted.service.desk
    assert desk is not None
    with house.app.test_request_context("/"):
        return [url_for(f"{desk.blueprint.name}.{desk.front}")]


def work(house: House) -> None:
    """The worker's part: do what was deferred, each job in a transaction of its own."""
    with house.app.test_request_context("/"):
        jobs = session().execute(_TAKE).all()
        session().commit()
        for name, arguments in jobs:
            try:
                queue.registered(name)(**arguments)
                session().commit()
            except DomainError:  # who writes letters, say, is not there; the queue would try again
                session().rollback()


def looked_around(house: House, browser: Browser) -> Mapping[str, str]:
    """Where somebody comes to by links alone: one address for each view that showed them a page."""
    walk = Walk()
    walker = _Walker(house, browser, walk, [f"/services/{house.slug}"])
    walker.look([f"/services/{house.slug}/"])
    return {endpoint: shown[0].address for endpoint, shown in walk.addresses().items()}
