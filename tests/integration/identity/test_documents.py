"""A provider's metadata and keys: shared by all processes, and used stale while it is down."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from portal import outbound
from portal.identity import documents as documents_module
from portal.identity import own_keys
from portal.identity import stored_documents as store
from portal.identity.documents import MOST_STALE, Documents
from portal.identity.keys import NoSuchKey
from portal.identity.metadata import ProviderDown
from tests.integration.identity.conftest import Browser, provider_settings
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

DISCOVERY = "/.well-known/openid-configuration"
ROOT = Path(__file__).resolve().parents[3]
DOWN = (503, "text/plain", b"down")


@pytest.fixture
def town(make_portal: Any, provider: HostileProvider) -> Iterator[Flask]:
    app: Flask = make_portal({"town": provider_settings(provider)})
    with app.app_context():
        yield app


@pytest.fixture
def process(town: Flask, provider: HostileProvider) -> Any:
    """Makes the documents of one more process: nothing is shared but the database."""
    return lambda: Documents("town", provider_settings(provider), allow_loopback=True)


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """Every statement that asks about documents."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "provider_document" in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def take_down(provider: HostileProvider) -> None:
    provider.answers = {DISCOVERY: DOWN, "/jwks": DOWN}


def test_gov_01_one_process_fetches_and_all_use_it(process: Any, provider: HostileProvider) -> None:
    for each in (process(), process(), process()):
        assert each.metadata().issuer == provider.issuer
        assert len(each.keys()) == 2
    assert (provider.count(DISCOVERY), provider.count("/jwks")) == (1, 1)


def test_gov_01_a_copy_is_fresh_for_as_long_as_the_provider_says(
    process: Any, provider: HostileProvider, at: Clock
) -> None:
    provider.headers[DISCOVERY] = {"Cache-Control": "max-age=1800"}
    one, other = process(), process()
    for documents in (one, other, one):
        documents.metadata()
    at.advance(minutes=29)
    one.metadata()
    assert provider.count(DISCOVERY) == 1
    at.advance(minutes=1)
    one.metadata()
    other.metadata()
    assert provider.count(DISCOVERY) == 2


def test_gov_01_a_stale_copy_serves_while_the_provider_is_down(
    process: Any, provider: HostileProvider, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    one = process()
    one.keys()
    take_down(provider)
    at.advance(days=3)
    assert one.metadata().issuer == provider.issuer
    assert len(one.keys()) == 2
    assert "town could not be fetched: jwks_status; the copy of" in caplog.text
    before = len(provider.requests)
    for each in (process(), one):  # one failure is known to all, and nobody asks again at once
        assert len(each.keys()) == 2
    assert len(provider.requests) == before
    provider.answers = {}
    at.advance(seconds=store.AFTER_FAILURE_WITH_COPY.total_seconds())
    one.keys()
    assert len(provider.requests) == before + 2


def test_gov_01_a_copy_does_not_serve_for_ever(process: Any, provider: HostileProvider, at: Clock) -> None:
    one = process()
    one.keys()
    take_down(provider)
    at.advance(seconds=MOST_STALE.total_seconds())
    with pytest.raises(ProviderDown):
        one.keys()
    assert one.known_metadata() is None


@pytest.mark.parametrize(
    "bad", [(200, "application/json", b"[]"), (200, "text/html", b"<p>"), (200, "application/json", b'{"keys": []}')]
)
def test_a_bad_answer_does_not_replace_a_good_copy(
    process: Any, provider: HostileProvider, at: Clock, bad: tuple[int, str, bytes]
) -> None:
    one = process()
    keys = one.keys()
    provider.answers = {DISCOVERY: bad, "/jwks": bad}
    at.advance(hours=2)
    assert one.keys() is keys
    assert process().metadata().issuer == provider.issuer


BAD = ["https://[bad", "http://127.0.0.1:99999/a", "http://127.0.0.1/\r\nX: y", "http://\udc80/"]
"""Of the kinds that break what only looks at the scheme; more of them in the unit tests of metadata."""


@pytest.mark.parametrize(("name", "bad"), [*zip(("authorization", "end_session", "jwks", "token"), BAD, strict=True)])
def test_ux_09_a_malformed_address_in_metadata_is_a_provider_that_is_down(
    browser: Browser, at: Clock, name: str, bad: str
) -> None:
    browser.provider.metadata["jwks_uri" if name == "jwks" else f"{name}_endpoint"] = bad
    token = browser.token()
    for _ in range(2):
        answer = browser.client.post("/sign-in/town", data={"csrf_token": token})
        assert (answer.status_code, "Sign in again" in answer.text) == (503, True)
    assert browser.client.get("/sign-in").status_code == 200
    browser.provider.metadata = {}
    at.advance(seconds=store.AFTER_FAILURE.total_seconds())  # the failure was noted, so nobody waits for its claim
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("bad", BAD)
def test_gov_01_a_malformed_address_does_not_replace_a_good_copy(
    process: Any, provider: HostileProvider, at: Clock, bad: str
) -> None:
    process().metadata()
    provider.metadata["token_endpoint"] = bad
    at.advance(hours=2)
    assert process().metadata().token_endpoint == f"{provider.issuer}/token"
    assert provider.count(DISCOVERY) == 2


def test_gov_01_a_document_that_breaks_its_reader_does_not_replace_a_good_copy(
    process: Any,
    provider: HostileProvider,
    at: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = process()
    keys = one.keys()
    provider.published = [provider.other_rsa]
    at.advance(hours=2)

    def broken(_document: object) -> None:
        raise ZeroDivisionError("nobody has thought of this")

    monkeypatch.setattr(one._keys, "_read", broken)
    assert one.keys() is keys
    assert "town could not be fetched: jwks_unreadable; the copy of" in caplog.text
    assert "nobody has thought" not in caplog.text
    stored = store.find(one.metadata().jwks_uri)
    assert stored is not None
    assert stored.claimed_at is None, "nobody waits for a claim that nobody holds"


def test_ux_09_the_portal_starts_without_its_provider(
    process: Any, provider: HostileProvider, at: Clock, town: Flask
) -> None:
    take_down(provider)
    assert town.test_client().get("/sign-in").status_code == 200
    one = process()
    for _ in range(5):
        with pytest.raises(ProviderDown, match="metadata_status"):
            one.metadata()
    assert provider.count(DISCOVERY) == 1
    provider.answers = {}
    at.advance(seconds=store.AFTER_FAILURE.total_seconds())
    assert len(one.keys()) == 2


def test_ux_09_a_process_that_starts_while_the_provider_is_down_uses_what_others_knew(
    process: Any, provider: HostileProvider, at: Clock, clean_database: str
) -> None:
    """A real second process, which shares nothing but the database."""
    process().keys()
    take_down(provider)
    program = """
import json, sys
from flask import Flask
from portal.db import session
from portal.identity.documents import Documents
from portal.settings.providers import Provider
app = Flask("second")
session.install(app, sys.argv[1])
with app.app_context():
    documents = Documents("town", Provider(**json.loads(sys.argv[2])), allow_loopback=True)
    known = documents.known_metadata()
    print(known.issuer, len(documents.keys()))
    session.dispose()
"""
    settings = {"issuer": provider.issuer, "client_id": "portal", "client_secret": "x"}
    said = subprocess.run(
        [sys.executable, "-c", program, clean_database, json.dumps(settings)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert said.stdout.split() == [provider.issuer, "2"]
    assert (provider.count(DISCOVERY), provider.count("/jwks")) == (1, 1)


def test_gov_19_a_removed_key_is_accepted_by_no_process(process: Any, provider: HostileProvider) -> None:
    one, other = process(), process()
    kid = str(provider.rsa.kid)
    for each in (one, other):
        assert each.keys().find(kid, "RS256").kid == kid
    provider.published = [provider.other_rsa]
    one.fresher_keys()
    for each in (one, other):
        with pytest.raises(NoSuchKey):
            each.keys().find(kid, "RS256")
    assert provider.count("/jwks") == 2


def test_rp_42_another_key_under_the_same_id_is_fetched_once(browser: Browser) -> None:
    provider = browser.provider
    assert browser.sign_in().status_code == 303
    replaced = provider.other_rsa.as_dict(private=False) | {"kid": provider.rsa.kid}
    provider.published, provider.signing_key = [replaced], provider.other_rsa
    provider.header["kid"] = provider.rsa.kid
    assert browser.sign_in().status_code == 303
    assert browser.sign_in().status_code == 303
    assert provider.count("/jwks") == 2


def test_rp_43_unknown_keys_cause_one_fetch_a_minute_over_all_processes(
    process: Any, provider: HostileProvider, at: Clock
) -> None:
    each = [process() for _ in range(3)]
    each[0].keys()
    for documents in each * 3:
        documents.fresher_keys()
    assert provider.count("/jwks") == 2
    at.advance(seconds=59)
    each[1].fresher_keys()
    assert provider.count("/jwks") == 2
    at.advance(seconds=1)
    for documents in each:
        documents.fresher_keys()
    assert provider.count("/jwks") == 3


def test_rp_43_a_provider_that_is_down_is_not_stormed_either(process: Any, provider: HostileProvider) -> None:
    one = process()
    keys = one.keys()
    take_down(provider)
    assert [one.fresher_keys() for _ in range(5)] == [keys] * 5
    assert provider.count("/jwks") == 2


def test_rp_21_whoever_needs_the_new_keys_waits_for_the_process_that_fetches_them(
    town: Flask, process: Any, provider: HostileProvider
) -> None:
    each = [process() for _ in range(4)]
    for documents in each:
        documents.keys()
    provider.published = [provider.other_rsa]
    provider.delay = 0.2

    def found(documents: Documents) -> str | None:
        with town.app_context():
            return documents.fresher_keys().find(str(provider.other_rsa.kid), "RS256").kid

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(found, each)) == {provider.other_rsa.kid}
    assert provider.count("/jwks") == 2


def test_processes_that_start_at_once_ask_once(town: Flask, process: Any, provider: HostileProvider) -> None:
    provider.delay = 0.1

    def count(documents: Documents) -> int:
        with town.app_context():
            return len(documents.keys())

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(count, [process() for _ in range(6)])) == {2}
    assert (provider.count(DISCOVERY), provider.count("/jwks")) == (1, 1)


def test_nobody_waits_for_a_refresh_while_a_copy_serves(
    town: Flask, process: Any, provider: HostileProvider, at: Clock
) -> None:
    one, other = process(), process()
    one.metadata()
    other.metadata()
    at.advance(hours=2)
    assert store.claim(one.metadata_url, known=1) is not None  # a third process is fetching, and takes long
    assert other.metadata().issuer == provider.issuer
    assert provider.count(DISCOVERY) == 1


def test_a_process_that_dies_while_fetching_holds_up_nobody_for_long(
    process: Any, provider: HostileProvider, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_module, "PATIENCE_SECONDS", 0.1)
    one = process()
    assert store.claim(one.metadata_url, known=0) is not None
    with pytest.raises(ProviderDown):
        one.metadata()
    at.advance(seconds=store.CLAIM.total_seconds() + 1)
    assert one.metadata().issuer == provider.issuer


def test_an_answer_that_comes_too_late_replaces_nothing(process: Any, provider: HostileProvider, at: Clock) -> None:
    one = process()
    claimed = store.claim(one.metadata_url, known=0)
    assert claimed is not None
    at.advance(seconds=store.CLAIM.total_seconds() + 1)
    one.metadata()
    store.keep(one.metadata_url, claimed=claimed, body="{}", fresh_until=claimed + timedelta(days=1))
    assert process().metadata().issuer == provider.issuer
    assert provider.count(DISCOVERY) == 1


def test_what_is_fresh_costs_no_query_and_keys_one_small_one(
    process: Any, provider: HostileProvider, queries: list[str]
) -> None:
    one = process()
    keys = one.keys()
    queries.clear()
    for _ in range(3):
        one.metadata()
        one.known_metadata()
    assert queries == []
    assert one.keys() is keys
    assert len(queries) == 1
    assert queries[0].startswith("SELECT")


def test_a_hot_sign_in_adds_one_small_query_and_a_signed_in_page_none(browser: Browser, queries: list[str]) -> None:
    browser.sign_in()
    queries.clear()
    assert browser.sign_in().status_code == 303
    assert len(queries) == 1
    queries.clear()
    assert browser.is_signed_in()
    assert queries == []


def test_a_process_that_only_wants_to_know_sees_what_others_fetched(
    process: Any, provider: HostileProvider, at: Clock
) -> None:
    one, other = process(), process()
    one.metadata()
    other.metadata()
    at.advance(days=5)
    one.metadata()
    at.advance(days=5)
    one.metadata()
    assert other.known_metadata() is not None


def test_keys_that_come_again_are_not_parsed_again(process: Any, provider: HostileProvider, at: Clock) -> None:
    one = process()
    keys = one.keys()
    at.advance(days=2)
    assert one.keys() is keys
    assert provider.count("/jwks") == 2


def test_ux_09_pages_that_only_want_to_know_ask_seldom(
    process: Any, provider: HostileProvider, at: Clock, queries: list[str]
) -> None:
    """The front page and signing out: they ask no provider, and the database at most once a minute."""
    one = process()
    assert [one.known_metadata() for _ in range(5)] == [None] * 5
    assert len(queries) == 1
    process().metadata()
    at.advance(minutes=1)
    assert one.known_metadata() is not None
    assert provider.count(DISCOVERY) == 1


def test_gov_14_every_call_has_a_user_agent(browser: Browser) -> None:
    browser.sign_in()
    provider = browser.provider
    ours = [said for path, said in provider.user_agents if path != "/authorize"]  # there the browser goes
    assert {path for path, _said in provider.user_agents} >= {DISCOVERY, "/jwks", "/token", "/userinfo"}
    assert len(ours) == 4
    assert all(said.startswith("Moothall/") for said in ours)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
def test_rp_47_every_call_is_given_up_in_time(browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    browser.provider.delays[path] = 0.4
    if path == DISCOVERY:
        answer = browser.client.post("/sign-in/town", data={"csrf_token": browser.token()})
    else:
        answer = browser.sign_in()
    assert answer.status_code == 503
    assert "Sign in again" in answer.text
    assert not browser.is_signed_in()


def test_rp_47_nothing_of_the_database_is_held_during_any_call(browser: Browser, rows: Any) -> None:
    """Asked while each call is under way: a slow provider must not use up the connections of all the other pages."""
    held: dict[str, Any] = {}
    waiting = "state like 'idle in transaction%' and datname = current_database()"

    def look(path: str) -> None:
        held[path] = rows(f"select query from pg_stat_activity where {waiting}")

    for path in (DISCOVERY, "/token", "/jwks", "/userinfo"):
        browser.provider.during[path] = partial(look, path)
    assert browser.sign_in().status_code == 303
    assert held == {DISCOVERY: [], "/token": [], "/jwks": [], "/userinfo": []}


def test_bcp_09_endpoints_follow_the_metadata_when_it_changes(browser: Browser, at: Clock) -> None:
    provider = browser.provider
    assert browser.sign_in().status_code == 303
    provider.metadata["token_endpoint"] = f"{provider.issuer}/token-2"
    provider.aliases["/token-2"] = "/token"
    at.advance(hours=1)
    assert browser.sign_in().status_code == 303
    assert (provider.count("/token"), provider.count("/token-2")) == (1, 1)


@pytest.mark.parametrize(
    "broken", [{"use": "enc"}, {"kty": "oct", "k": "AAAA"}, {"n": "AQAB"}, {"kty": "OKP"}, {"alg": "RS512"}]
)
def test_rp_41_keys_that_are_not_for_signatures_are_not_used(browser: Browser, broken: dict[str, str]) -> None:
    provider = browser.provider
    provider.published = [provider.rsa.as_dict(private=False) | broken, provider.ec]
    answer = browser.sign_in()
    assert answer.status_code == 400
    assert not browser.is_signed_in()


def test_gov_20_the_keys_of_core_identity_are_kept_as_the_others_are(
    make_portal: Any, provider: HostileProvider, at: Clock
) -> None:
    name = "did:web:identity.example"
    method = {"id": f"{name}#1", "controller": name, "publicKeyJwk": provider.ec.as_dict(private=False)}
    provider.documents["/did.json"] = {"id": name, "assertionMethod": [method]}
    core = {"core_identity_issuer": "https://identity.example/", "core_identity_did": f"{provider.issuer}/did.json"}
    settings = provider_settings(provider, **core)
    with make_portal({"town": settings}).app_context():
        one, other = (Documents("town", settings, allow_loopback=True) for _ in range(2))
        assert one.identity_keys().id == other.identity_keys().id == name
        assert provider.count("/did.json") == 1
        provider.documents["/did.json"] = {"id": name, "assertionMethod": [method | {"id": f"{name}#2"}]}
        assert one.fresher_identity_keys().find(f"{name}#2", "ES256")
        other.fresher_identity_keys()
        with pytest.raises(NoSuchKey):
            other.identity_keys().find(f"{name}#1", "ES256")
        assert provider.count("/did.json") == 2
        provider.answers["/did.json"] = DOWN
        at.advance(days=2)
        assert len(other.identity_keys()) == 1


def test_tidying_forgets_who_is_asked_no_more(process: Any, provider: HostileProvider, at: Clock, rows: Any) -> None:
    process().keys()
    at.advance(days=29)
    own_keys.tidy()
    assert rows("select count(*) from portal.provider_document") == [(2,)]
    at.advance(days=2)
    own_keys.tidy()
    assert rows("select count(*) from portal.provider_document") == [(0,)]
