"""Clients are registered by command and by settings, in one table, with every fault in a sentence."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OctKey

from portal.cli.provider import provider
from portal.cli.serving import web
from portal.db.session import session
from portal.errors import SetupError
from portal.provider import operations, remembered_clients
from portal.provider.queries import find_client
from portal.settings.own_provider import OwnClient, OwnProvider
from portal.settings.portal import Settings
from portal.settings.reading import load_settings
from tests.integration.provider.flows import CALLBACK, SECRET, Portal, add_portal, tokens_for
from tests.support.settings import settings_for

Run = Callable[..., Result]
PUBLIC = {"keys": [ECKey.generate_key("P-256", {"kid": "one"}, private=True).as_dict(private=False)]}
ADD = ("add", "peer", "--title", "Peer", "--redirect", CALLBACK)


@pytest.fixture
def run(app: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`moothall provider client …`, with settings in the environment."""
    for name, value in {
        "MOOTHALL_DATABASE_URL": clean_database,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_MAIL__HOST": "127.0.0.1",
        "MOOTHALL_PUBLIC_URL": "https://my.council.example",
    }.items():
        monkeypatch.setenv(name, value)

    def running(*words: str, secret: str | None = None, standard_input: str | None = None) -> Result:
        env = {"MOOTHALL_NEW_CLIENT_SECRET": secret}
        result = CliRunner().invoke(provider, ["client", *words], env=env, input=standard_input)
        with app.app_context():
            remembered_clients.forget()  # as a moment later
        return result

    return running


def said(run: Run, *words: str, **more: Any) -> str:
    result = run(*words, **more)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def test_a_client_is_added_with_a_secret_made_for_it(
    app: Flask, run: Run, priya: uuid.UUID, browser: FlaskClient
) -> None:
    output = said(run, *ADD)
    made = output.split("client_secret")[1].split()[0]
    with app.app_context():
        client = find_client("peer")
        assert client is not None
        assert client.check_client_secret(made)
    shown = said(run, "show", "peer")
    assert made not in shown + said(run, "list")
    assert CALLBACK in shown
    assert "peer  client_secret_basic  command   Peer" in said(run, "list")


def test_adding_twice_changes_nothing_and_keeps_the_secret(app: Flask, run: Run) -> None:
    said(run, *ADD, secret=SECRET)
    assert "Nothing has changed." in said(run, *ADD)
    assert "Saved." in said(run, *ADD, "--scope", "openid", "--scope", "offline_access")
    with app.app_context():
        client = find_client("peer")
        assert client is not None
        assert client.check_client_secret(SECRET)
        assert client.scopes == ("openid", "offline_access")
    assert "client_secret" in said(run, *ADD, "--new-secret")


def test_everything_can_be_said(app: Flask, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(PUBLIC))
    words = ["--title-cy", "Cymar", "--post-logout", "https://portal.example/out", "--home", "https://portal.example/"]
    words += ["--backchannel-logout", "https://portal.example/logout", "--jwks-file", str(file), "--pairwise"]
    words += ["--sector", "Services.example", "--consent", "--require-nonce", "--require-signed-request"]
    words += ["--require-pushed-request", "--id-token-alg", "RS256", "--auth", "private_key_jwt"]
    assert "client_secret" not in said(run, *ADD, *words)
    with app.app_context():
        client = find_client("peer")
    assert client is not None
    assert (client.title_cy, client.sector, client.auth_method) == ("Cymar", "services.example", "private_key_jwt")
    assert client.jwks == {"keys": PUBLIC["keys"]}
    assert client.backchannel_logout_uri == "https://portal.example/logout"
    assert client.consent and client.require_nonce and client.require_signed_request and client.require_pushed_request  # noqa: PT018  # four switches
    shown = said(run, "show", "peer")
    assert "of the sector services.example" in shown
    assert "nonce, signed requests, pushed requests" in shown


def test_a_client_is_removed_after_a_question(app: Flask, run: Run, priya: uuid.UUID, browser: FlaskClient) -> None:
    said(run, *ADD, secret=SECRET)
    tokens = tokens_for(Portal(app, "peer"), browser)
    assert run("remove", "peer", standard_input="n\n").exit_code == 1
    assert "peer" in said(run, "list")
    said(run, "remove", "peer", "--yes")
    assert said(run, "list") == ""
    assert Portal(app, "peer").userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("act", ["show", "remove"])
def test_a_client_that_is_not_there(run: Run, act: str) -> None:
    with pytest.raises(SetupError, match="There is no client nobody"):
        raise run(act, "nobody").exception or AssertionError("no fault")


RSA_WEAK = {"kty": "RSA", "kid": "weak", "n": "w" * 171, "e": "AQAB"}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"redirect_uris": []}, "needs a redirect URI"),
    ({"redirect_uris": ["http://portal.example/x"]}, "must be https"),
    ({"redirect_uris": ["https://portal.example/x#y"]}, "no fragment"),
    ({"redirect_uris": ["https://*.portal.example/x"]}, r"no \*"),
    ({"redirect_uris": ["https://me@portal.example/x"]}, "no user name"),
    ({"redirect_uris": ["https://portal.example/" + "x" * 500]}, "at most 500 characters"),
    ({"redirect_uris": ["https://portal.example/\\x"]}, "plain ASCII without spaces"),
    ({"redirect_uris": ["https://[::1/x"]}, "cannot be read"),
    ({"redirect_uris": ["javascript:alert(1)"]}, "whole https address"),
    ({"post_logout_redirect_uris": ["javascript:alert(1)"]}, "address after signing out .* whole https address"),
    ({"home_url": "javascript:alert(1)"}, "home address .* whole https address"),
    ({"secret": None}, "needs either a secret or public keys"),
    ({"secret": "short"}, "at least 32 characters"),
    ({"secret": "ä" * 40}, "plain ASCII"),
    ({"auth_method": "none"}, "must be one of client_secret_basic, client_secret_post, private_key_jwt"),
    ({"auth_method": "private_key_jwt"}, "needs public keys"),
    ({"auth_method": "private_key_jwt", "jwks": PUBLIC}, "must have no secret"),
    ({"jwks": PUBLIC, "jwks_uri": "https://portal.example/jwks"}, "either jwks or jwks_uri, not both"),
    ({"jwks": {"keys": []}}, "cannot be read"),
    ({"jwks": {"keys": [OctKey.generate_key(256).as_dict()]}}, "EC or RSA keys and no others"),
    ({"jwks": {"keys": [RSA_WEAK]}}, "under 2048 bits"),
    ({"jwks_uri": "https://10.1.2.3/jwks"}, "address of keys .* lies within your own network"),
    ({"scopes": ["openid", "everything"]}, "unknown scopes: everything"),
    ({"scopes": ["email"]}, "must contain openid"),
    ({"subject_type": "private"}, "public or pairwise"),
    ({"id_token_alg": "none"}, "must be ES256 or RS256"),
    ({"require_signed_request": True}, "must sign its requests, so it needs public keys"),
    ({"title": "two\nlines"}, "must be one line"),
    ({"title": ""}, "title of client peer is empty"),
    ({"title": "  "}, "title of client peer is empty"),
    ({"subject_type": "pairwise", "sector": "a b"}, "sector .* must be a host name"),
    (
        {"subject_type": "pairwise", "redirect_uris": [CALLBACK, "https://other.example/x"]},
        "at several hosts, so its sector must be named",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), FAULTS)
def test_every_fault_is_one_sentence(app: Flask, changes: dict[str, Any], sentence: str) -> None:
    known: dict[str, Any] = {"title": "Peer", "redirect_uris": [CALLBACK], "secret": SECRET}
    with app.app_context(), pytest.raises(SetupError, match=sentence) as fault:
        operations.ensure_client("peer", **(known | changes))
    assert len(str(fault.value).splitlines()) == 1
    assert SECRET not in str(fault.value)


@pytest.mark.parametrize("client_id", ["", "a b", "ä", "x" * 101, "a/b", "0d1f6c0e-2f5b-4c1e-9a55-6b2b4f7c1d11"])
def test_op_14_a_client_id_is_readable_and_nobody_s_sub(app: Flask, client_id: str) -> None:
    with app.app_context(), pytest.raises(SetupError, match="Client id"):
        operations.ensure_client(client_id, title="Peer", redirect_uris=[CALLBACK], secret=SECRET)


# --- By settings.


def settings_with(app: Flask, clients: dict[str, OwnClient]) -> Settings:
    return settings_for("postgresql://unused/x", own_provider=OwnProvider(clients=clients))


def follow(app: Flask, clients: dict[str, OwnClient]) -> None:
    with app.app_context():
        operations.follow_settings(settings_with(app, clients))
        session().commit()


def one(**changes: Any) -> OwnClient:
    values: dict[str, Any] = {"title": "Set", "redirect_uris": (CALLBACK,), "secret": SECRET}
    return OwnClient(**(values | changes))


def test_settings_are_read_from_the_environment() -> None:
    environ = {
        "MOOTHALL_SECRET_KEY": "s" * 40,
        "MOOTHALL_DEMO": "true",
        "MOOTHALL_OWN_PROVIDER__CLIENTS__peer__TITLE": "Peer",
        "MOOTHALL_OWN_PROVIDER__CLIENTS__peer__REDIRECT_URIS": json.dumps([CALLBACK]),
        "MOOTHALL_OWN_PROVIDER__CLIENTS__peer__SECRET": SECRET,
        "MOOTHALL_OWN_PROVIDER__CLIENTS__peer__SUBJECT_TYPE": "pairwise",
    }
    own = load_settings(environ).own_provider.clients["peer"]
    assert (own.title, own.redirect_uris, own.subject_type) == ("Peer", (CALLBACK,), "pairwise")


def test_clients_of_the_settings_are_in_the_table_and_leave_with_them(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_portal(app, "by-command")
    follow(app, {"set": one(), "gone": one()})
    tokens_for(Portal(app, "set"), browser)
    follow(app, {"set": one(title="Changed")})
    with app.app_context():
        changed, by_command = find_client("set"), find_client("by-command")
        assert changed is not None
        assert (changed.title, changed.origin) == ("Changed", "settings")
        assert by_command is not None
        assert find_client("gone") is None


def test_settings_win_over_a_command_and_commands_leave_them_alone(app: Flask, run: Run) -> None:
    said(run, "add", "set", "--title", "By command", "--redirect", CALLBACK)
    follow(app, {"set": one()})
    assert "settings  Set" in said(run, "list")
    for words in (("remove", "set", "--yes"), ("add", "set", "--title", "x", "--redirect", CALLBACK)):
        with pytest.raises(SetupError, match=r"stands in the settings \(MOOTHALL_OWN_PROVIDER__CLIENTS__SET__"):
            raise run(*words).exception or AssertionError("no fault")


def test_a_client_of_the_settings_needs_its_secret_there(app: Flask) -> None:
    with pytest.raises(SetupError, match="MOOTHALL_OWN_PROVIDER__CLIENTS__SET__SECRET must be set"):
        follow(app, {"set": one(secret=None)})


def test_a_file_of_keys_that_cannot_be_read(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read, or is no JSON"):
        follow(app, {"set": one(secret=None, auth_method="private_key_jwt", jwks_file=str(tmp_path / "none"))})


@pytest.mark.parametrize("command", ["web", "provider"])
def test_whoever_is_about_to_serve_the_provider_follows_the_settings(
    app: Flask, run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    started: list[str] = []
    module, invoked = (
        ("portal.cli.serving", (web, [])) if command == "web" else ("portal.cli.provider", (provider, ["serve"]))
    )
    monkeypatch.setattr(f"{module}.become", lambda line: started.append(line[-1]))
    name = "MOOTHALL_OWN_PROVIDER__MOUNTED" if command == "web" else "MOOTHALL_OWN_PROVIDER__ISSUER"
    monkeypatch.setenv(name, "true" if command == "web" else "https://id.council.example")
    prefix = "MOOTHALL_OWN_PROVIDER__CLIENTS__PEER__"
    for variable, value in (("TITLE", "Peer"), ("REDIRECT_URIS", json.dumps([CALLBACK])), ("SECRET", SECRET)):
        monkeypatch.setenv(prefix + variable, value)
    result = CliRunner().invoke(*invoked)
    assert result.exit_code == 0, (result.output, result.exception)
    assert len(started) == 1
    assert "settings  Peer" in said(run, "list")
