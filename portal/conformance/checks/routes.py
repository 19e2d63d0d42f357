"""What every route keeps: closed to strangers, no writing on GET, a token on every form, nothing of anybody else's."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from werkzeug.routing import Rule

from portal.conformance.browsing import Browser, Shown, match_at
from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import ISSUER, House
from portal.conformance.residents import newcomer, sign_in
from portal.conformance.walking import STAFF, STRANGER, at_desk, walked
from portal.web.access import is_public

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
UUID: Final = "00000000-0000-4000-8000-00000000abcd"
UUID_FORM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFERENCE: Final = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
NO_REFERENCE: Final = "2222-2222"
NONE_SUCH: Final = {"uuid": UUID, "int": "1"}
"""What stands in an address that nobody came to, by the kind of its part."""
BY_LETTER: Final = frozenset({"token", "secret"})


def own_rules(house: House) -> Mapping[str, Sequence[Rule]]:
    """The routes of the service's pages, for residents and for staff, by view; not those that programs call."""
    service = house.mounted.service
    names = {service.blueprint.name} | ({service.desk.blueprint.name} if service.desk else set())
    found: dict[str, list[Rule]] = {}
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[0] in names:
            found.setdefault(rule.endpoint, []).append(rule)
    return dict(sorted(found.items()))


def address_of(house: House, rule: Rule) -> str:
    """An address of this route: one that the walk came to, else with things in it that there are not."""
    for shown in house.once(walked).shown:
        if shown.endpoint == rule.endpoint:
            return shown.address
    return re.sub(r"<(?:(\w+)[^:>]*:)?[^>]+>", lambda kind: NONE_SUCH.get(kind[1], NO_REFERENCE), rule.rule)


def closed(house: House) -> Iterable[Look]:
    """Strangers are asked to sign in; staff without a right see nothing; what is open is led to from the front page."""
    stranger, idle = Browser(house.app, STRANGER), at_desk(house, ())
    found_open = {each.endpoint for each in house.once(walked).shown if each.who == STRANGER and each.status < 400}
    for endpoint, rules in own_rules(house).items():
        rule = rules[0]
        address, method = address_of(house, rule), "GET" if "GET" in (rule.methods or ()) else "POST"
        is_desk = rule.rule.startswith("/desk/")
        answer = stranger.get(address) if method == "GET" else stranger.post(address, {})
        findings = list(_let_in(house, endpoint, rule, answer, found_open, is_desk=is_desk))
        if is_desk:
            findings += _idle(house, endpoint, idle.get(address) if method == "GET" else idle.post(address, {}))
        yield Look(endpoint, tuple(findings))


def _let_in(
    house: House, endpoint: str, rule: Rule, answer: Shown, found_open: set[str], *, is_desk: bool
) -> Iterator[Finding]:
    place = house.place_of(endpoint)
    if is_public(house.app, endpoint) and not is_desk:
        if endpoint not in found_open and not rule.arguments & BY_LETTER:
            yield Finding(
                "it says @public, and no card of `for_everyone` leads strangers to it",
                "Take @public away, or lead to it from a card of `for_everyone`.",
                place,
            )
        return
    asked = answer.status in (302, 303) and "/sign-in" in answer.location
    refused = answer.status in (400, 401, 403) or (answer.method == "POST" and answer.status == 303)
    if not asked and not refused:
        yield Finding(f"it answers a stranger with {answer.status}", "Leave the gate to the portal.", place)


def _idle(house: House, endpoint: str, answer: Shown) -> Iterator[Finding]:
    if answer.status < 400 and "sign-in" not in answer.location:
        yield Finding(
            f"it answers staff who have no right at all with {answer.status}",
            'Say which right it takes: @needs("work"), or another.',
            house.place_of(endpoint),
        )


def reads(house: House) -> Iterable[Look]:
    """Nothing is changed by looking."""
    for shown in _first_of_each([each for each in house.once(walked).shown if each.method == "GET"]):
        writes = [each for each in shown.writes if not shown.address.startswith("/desk/") or f"{house.slug}." in each]
        yield Look(shown.where, tuple(_writes(house, shown, writes)))


def _first_of_each(shown: Iterable[Shown]) -> Sequence[Shown]:
    """Of each address once: the one that wrote, if any did."""
    found: dict[str, Shown] = {}
    for each in shown:
        if each.address not in found or each.writes:
            found[each.address] = each
    return list(found.values())


def _writes(house: House, shown: Shown, writes: Sequence[str]) -> Iterator[Finding]:
    if writes:
        yield Finding(
            f"a GET writes: {' '.join(writes[0].split())[:90]}",
            "Do it on POST: browsers fetch pages by themselves, and programs open the links in mail.",
            house.place_of(shown.endpoint),
        )


def tokens(house: House) -> Iterable[Look]:
    """No change is taken without the token of a form."""
    known = next(iter(house.once(walked).browsers.values()))
    for endpoint, rules in own_rules(house).items():
        rule = next((each for each in rules if (each.methods or set()) - SAFE), None)
        if rule is None or rule.rule.startswith("/desk/"):
            continue
        answer = known.post(address_of(house, rule), {"name": "x"})
        good = answer.status == 400 and not answer.writes
        yield Look(endpoint, () if good else (_untold(house, endpoint, answer),))


def _untold(house: House, endpoint: str, answer: Shown) -> Finding:
    return Finding(
        f"a form without a token was answered with {answer.status}",
        "Leave the token to the portal: csrf_field() in the form, and no exemption on the view.",
        house.place_of(endpoint),
    )


def others(house: House) -> Iterable[Look]:
    """What is one resident's is to another as if it were not there."""
    walk = house.once(walked)
    neighbour = Browser(house.app, "a neighbour")
    sign_in(house.app, neighbour.client, newcomer(house.app, "Neighbour", issuer=ISSUER))
    for who, owner in walk.browsers.items():
        if who in (STRANGER, STAFF):
            continue
        for endpoint, shown in walk.addresses(who).items():
            for each in shown:
                if not _names_a_thing(house, each.address) or is_public(house.app, endpoint):
                    continue
                if owner.get(each.address).status == 200:
                    yield Look(each.address, tuple(_shown_to_another(house, endpoint, each.address, neighbour)))


def _names_a_thing(house: House, address: str) -> bool:
    _endpoint, values = match_at(house.app, address)
    return any(UUID_FORM.fullmatch(str(each)) or REFERENCE.fullmatch(str(each)) for each in values.values())


def _shown_to_another(house: House, endpoint: str, address: str, neighbour: Browser) -> Iterator[Finding]:
    nowhere = REFERENCE.sub(NO_REFERENCE, UUID_FORM.sub(UUID, address))
    theirs, nobodys = neighbour.get(address), neighbour.get(nowhere)
    place = house.place_of(endpoint)
    mend = "Ask for it together with current_account(), and raise NotFound alike for another's and for none."
    if theirs.status < 400:
        yield Finding("another resident is shown it", mend, place)
    elif theirs.status != nobodys.status:
        what = f"another resident gets {theirs.status}, and {nobodys.status} where there is none: they can tell"
        yield Finding(what, mend, place)


STRANGERS: Final = Check(
    name="strangers",
    holds="Every page is closed to strangers, unless the front page leads there.",
    mend="A page is open because it says @public, and for_everyone leads to it.",
    judge=closed,
)
GET: Final = Check(name="get", holds="Looking at a page changes nothing.", mend="Write on POST alone.", judge=reads)
CSRF: Final = Check(
    name="csrf",
    holds="No form is taken without its token.",
    mend="Leave the token to the portal.",
    judge=tokens,
)
OTHERS: Final = Check(
    name="others",
    holds="Another resident's things look like none at all.",
    mend="Ask for things together with current_account().",
    judge=others,
)
