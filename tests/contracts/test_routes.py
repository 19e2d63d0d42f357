"""Rules that every route keeps: closed to strangers, no writing on GET, a form token on every change."""

import re
from collections.abc import Iterator, Mapping

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from portal.accounts.values import Account
from portal.web.access import is_public, public
from services.reporting.rules.journey import Step
from tests.support.council_tax import system_that_answers
from tests.support.people import sign_in, someone
from tests.support.things import things_of

UUID = "00000000-0000-4000-8000-00000000abcd"
NO_REFERENCE = "2222-2222"
NAMES_OF_THINGS = {
    "draft_id",
    "reference",
    "file_id",
    "message_id",
    "task_id",
    "cosigning_id",
    "record_id",
    "business_id",
    "proof_id",
    "permit_id",
}
UUID_FORM = re.compile(r"[0-9a-f-]{36}")

LINK_OUT_CALLS = {
    "know": 401,
    "what_is_kept": 401,
    "let_go": 405,
    "put_card": 405,
    "take_card": 405,
    "put_task": 405,
    "take_task": 405,
    "post_activity": 401,
    "erasures": 401,
    "confirm_erased": 405,
}
"""Of remote applications, with what each answers to a form that brings no token: some take no form at all."""

# Open to everybody, each with its reason. Whatever is not listed needs a sign-in.
OPEN = {
    "home.front": "the way in",
    "static": "the theme's files",
    "theme": "the council's colours",
    "council_logo": "the council's logo",
    "web.help_page": "help",
    "web.accessibility": "the law asks for it",
    "web.privacy": "the law asks for it",
    "web.cookies_page": "the law asks for it",
    "identity.sign_in": "the way in",
    "identity.begin": "the way in",
    "client_keys.jwks": "providers fetch our public keys",
    "sign_in_callback.callback": "where the provider sends people back to",
    "sign_in_callback.callback_by_post": "the same, by a form of the provider's page",
    "initiation.initiate": "a provider's page may ask us to begin; it shows a button",
    "initiation.initiate_by_post": "the same by a form, which leads to that page",
    "back_channel.logout": "called by the provider; the logout token is the proof",
    "identity.sign_out": "the way out; pressing it twice is no error",
    "identity.signed_out": "the way out",
    "not_me.from_mail": "who is locked out of their account must be able to say so",
    "not_me.what_now": "the same for everybody, and read by those whom we have just signed out",
    "time_left.signed_in_until": "tells a page's script that somebody is signed out",
    "proving.your_account": "for a person whose account has yet to be proven, as are those below",
    "proving.begin": "the way in",
    "proving.send_mail": "the way in",
    "proving.mail_sent": "the way in",
    "proving.by_mail": "the way in",
    "proving.apart": "the way in",
    "well_known.robots": "search engines ask without signing in",
    "well_known.favicon": "browsers ask for it on every page",
    "well_known.security_txt": "whoever finds a hole has no account",
    "api.notify_receipts": "called by GOV.UK Notify; the bearer token is the proof",
    "payment_events.take_event": "called by GOV.UK Pay; the signature over the bytes is the proof",
    "link_outs.openapi": "called by remote applications; the description is for everybody",
    **{f"link_outs.{call}": "called by remote applications; the bearer token is the proof" for call in LINK_OUT_CALLS},
    "reporting_open311.discovery": "called by programs; what can be reported and what was is for everybody",
    "reporting_open311.services": "the same",
    "reporting_open311.definition": "the same",
    "reporting_open311.requests": "the same, without private reports",
    "reporting_open311.one_request": "the same",
    "reporting_open311.token": "the same",
    "reporting_open311.updates": "the same",
    "reporting_open311.post_request": "called by programs; the API key is the proof",
    "reporting_open311.post_update": "the same",
    "reporting.start": "leads whoever has no account to the page for guests",
    "reporting.guest": "the way in without an account",
    "reporting.begin_as_guest": "the same",
    **{
        f"reporting.guest_{page}": "a guest's draft: the cookie of the browser that began it is the proof"
        for page in (*Step, "written", "remove_photo", "same", "discard")
    },
    "reporting.map_layer": "the council's own map, the same for everybody",
    "reporting.map_at": "the same: what lies at a place",
    "reporting.map_streets": "the same: where a street lies",
    "reporting.public_list": "what was reported is for everybody, without who did",
    "reporting.public_near": "the same, around a postcode",
    "reporting.public_report": "the same, one report",
    "reporting.office_photo": "for whoever mends it; the address, which nobody can guess, is the proof",
    "reporting.public_photo": "the same, once a moderator has let it be seen",
    "reporting.public_map": "the same, as a map",
    "reporting.public_spots": "the same, for the map's script",
    "reporting.public_feed": "the same, for programs that read feeds",
    "reporting.follow_by_email": "for whoever has no account; a letter asks whether the address is theirs",
    "reporting.new_alert": "the same",
    "reporting.followed_by_letter": "the token in the letter is the proof, and opening it changes nothing",
    "reporting.alert_by_letter": "the same",
    "reporting.guest_letter": "the same",
    "reporting.guest_write": "the same",
    "reporting.update_by_letter": "the same",
    "reporting.fixed": "the same",
    "council_tax.index": "the way to what is open, for whoever has no account yet",
    "council_tax.bands": "the valuation list is public",
    "council_tax.bands_at": "the valuation list is public",
    "council_tax.estimate": "what a bill would be, for whoever thinks of moving here",
    "council_tax.estimated": "the same, worked out",
    "permits.enforcement_look_up": "called by patrols' programs; the bearer token is the proof",
    "permits.enforcement_list": "the same",
    "permits.enforcement_csv": "the same",
    "permits.prices": "prices are public, and nothing is kept",
    "permits.price_facts": "the same, for a vehicle",
    "permits.price": "the same, worked out",
    "permits.visitor_prices": "the same, for visitors",
    "calendar_feed.feed": "calendars cannot sign in; the address is the proof",
    "outbox.outbox": "in the demo only; the first mail comes before the first sign-in",
    "outbox.message": "in the demo only",
}
# GET requests that the protocol obliges to write.
WRITES_ON_GET = {"sign_in_callback.callback", "payments.returned"}
# What a page may note besides: nobody asked for it to be changed, and each is in a transaction of its own.
NOTES = {
    "last_answer": "what a back office has just said, for the next time when it cannot be reached",
    "back_office": "how that back office was met",
}
A_NOTE = re.compile(rf"\s*(insert into|delete from) portal\.({'|'.join(NOTES)})\b", re.IGNORECASE)


# Pages whose sample address leads nowhere on purpose, with what they answer.
NOWHERE = {
    "council_logo": 404,  # the demo council has no logo of its own
    "identity.sign_in": 302,  # whoever is signed in is led on
    "home.front": 302,
    "not_me.held": 302,  # nothing is held
    "not_me.lift": 410,  # so there is nothing to lift
    "sign_in_callback.callback": 400,  # nobody is on the way back
    "initiation.initiate": 400,  # it names no provider
    "link_outs.what_is_kept": 401,  # nor does it here; test_link_out_calls has them run
    "link_outs.erasures": 401,
    "permits.enforcement_look_up": 401,  # a browser brings no token; test_enforcement has the views run
    "permits.enforcement_list": 401,
    "permits.enforcement_csv": 401,
    "reporting.guest_letter": 404,  # test_guest_letters has one
    "reporting.guest_write": 404,
    "reporting.office_photo": 404,  # test_office_photos has some
    "reporting.update_by_letter": 404,  # test_following has one that was confirmed
    "reporting_open311.token": 404,  # a program's alone; test_open311_server has one
}
# Programs need no form's token and no browser has their key: the standard of each says how it is refused.
NEED_A_KEY = {
    "reporting_open311.post_request": 403,
    "reporting_open311.post_update": 403,
    **{f"link_outs.{call}": status for call, status in LINK_OUT_CALLS.items()},
}


def rules(app: Flask) -> Iterator[Rule]:
    """Every address but the desk's, which has other people and another gate: see `test_access_table`."""
    yield from (rule for rule in app.url_map.iter_rules() if not re.match(r"/desk(/|$)", rule.rule))


def address(rule: Rule, things: Mapping[str, str]) -> str:
    """The rule with real things in its places: for each, the endpoint's own, its room's, or the one of that name."""

    def filled(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        room = rule.endpoint.rpartition(".")[0]
        own = (f"{rule.endpoint}.{name}", f"{room}.{name}", name)
        found = next((things[key] for key in own if key in things), None)
        assert found is not None, f"there is no {name} for {rule.rule}: see tests/support/things.py"
        return found

    return re.sub(r"<([^>]+)>", filled, rule.rule)


@pytest.fixture
def things(app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    """One of each thing that an address can name, all of them Sam's."""
    with system_that_answers(app, monkeypatch):
        yield things_of(app, sam)


def test_the_open_pages_are_those_listed(app: Flask) -> None:
    open_now = {rule.endpoint for rule in rules(app) if is_public(app, rule.endpoint)}
    assert open_now == set(OPEN)


def test_every_other_page_is_closed_to_strangers(app: Flask, client: FlaskClient, things: Mapping[str, str]) -> None:
    for rule in rules(app):
        if rule.endpoint in OPEN:
            continue
        if "GET" in (rule.methods or ()):
            answer = client.get(address(rule, things))
            assert answer.status_code == 303, (rule.rule, answer.status_code)
            assert answer.location.startswith("/sign-in?next="), rule.rule
        else:
            assert client.post(address(rule, things)).status_code in (303, 400), rule.rule


def test_a_new_view_is_closed_until_it_says_otherwise(app: Flask) -> None:
    assert not is_public(app, "home.home")
    assert not is_public(app, None)

    @public
    def view() -> str:
        return ""

    app.view_functions["contract.open"] = view
    try:
        assert is_public(app, "contract.open")
    finally:
        del app.view_functions["contract.open"]


@pytest.fixture
def writes() -> Iterator[list[str]]:
    """Every statement that changes something. An answer of a back office is kept when it is given, and is no change."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if re.match(r"INSERT INTO portal\.last_answer\b", statement):
            return
        reads = re.match(r"\s*(select|show|set|savepoint|release|rollback)\b", statement, re.IGNORECASE)
        if not reads and not A_NOTE.match(statement):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_get_never_writes(app: Flask, sams: FlaskClient, things: Mapping[str, str], writes: list[str]) -> None:
    for rule in rules(app):
        if "GET" not in (rule.methods or ()) or rule.endpoint in WRITES_ON_GET:
            continue
        writes.clear()
        answer = sams.get(address(rule, things))
        answer.close()
        # Every view has really run: an address that leads nowhere would prove nothing.
        assert answer.status_code in (200, 302, 303, NOWHERE.get(rule.endpoint)), (rule.rule, answer.status_code)
        assert writes == [], (rule.rule, writes)


def test_the_watch_on_writing_sees_a_write(cleaning_engine: Engine, writes: list[str]) -> None:
    with cleaning_engine.connect() as connection:
        connection.execute(sa.text("create temporary table noticed (id int)"))
    assert writes


def test_every_change_without_a_token_is_refused(
    app: Flask, sams: FlaskClient, things: Mapping[str, str], writes: list[str]
) -> None:
    for rule in rules(app):
        if not {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            continue
        writes.clear()
        answer = sams.post(address(rule, things), data={"name": "x"})
        assert answer.status_code == NEED_A_KEY.get(rule.endpoint, 400), (rule.rule, answer.status_code)
        assert writes == [], rule.rule


def test_another_residents_things_look_like_none_at_all(
    app: Flask, things: Mapping[str, str], client: FlaskClient
) -> None:
    sign_in(app, client, someone(app, "Robin"))
    none_at_all = {name: UUID if UUID_FORM.fullmatch(value) else NO_REFERENCE for name, value in things.items()}
    compared = 0
    for rule in rules(app):
        if "GET" not in (rule.methods or ()) or not rule.arguments & NAMES_OF_THINGS:
            continue
        if rule.endpoint in OPEN:
            continue
        theirs, nobodys = client.get(address(rule, things)), client.get(address(rule, none_at_all))
        assert theirs.status_code == nobodys.status_code == 404, rule.rule
        compared += 1
    assert compared >= 10
