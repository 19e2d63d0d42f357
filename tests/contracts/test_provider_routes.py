"""Rules that every route of the provider keeps. Its pages are for strangers, so there is no gate; the others hold."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.db.session import dispose
from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from tests.contracts.test_routes import UUID, rules, writes
from tests.support.settings import settings_for

__all__ = ["writes"]

PROVIDER_WRITES_ON_GET = {
    "authorization.authorize",  # the protocol: codes, and the time of the last use
    "endpoints.jwks",  # the very first look makes the keys
    "logout.logout",  # the protocol
    "one_login.did",  # as with the other keys
    "one_login.jwks",
}
CALLED_BY_PROGRAMS = {
    "authorization.authorize_by_post",
    "authorization.push",
    "endpoints.userinfo",
    "logout.logout_by_post",
    "token.revoke",
    "token.token",
}


@pytest.fixture(params=["standard", "one_login"])
def provider(clean_database: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    own = OwnProvider(shape=request.param)
    provider = create_provider(settings_for(clean_database, demo=True, own_provider=own))
    provider.testing = True
    yield provider
    with provider.app_context():
        dispose()


def provider_address(rule: Rule) -> str:
    return re.sub(r"<([^>]+)>", lambda match: UUID if "uuid" in match[1] else "moothall.css", rule.rule)


def test_the_providers_pages_do_not_write_on_get(provider: Flask, writes: list[str]) -> None:
    client = provider.test_client()
    for rule in rules(provider):
        if "GET" in (rule.methods or ()) and rule.endpoint not in PROVIDER_WRITES_ON_GET:
            writes.clear()
            answer = client.get(provider_address(rule))
            answer.close()
            assert answer.status_code < 500, (rule.rule, answer.status_code)
            assert writes == [], (rule.rule, writes)


def test_the_provider_refuses_every_change_without_a_token(provider: Flask, writes: list[str]) -> None:
    client = provider.test_client()
    refused = 0
    for rule in rules(provider):
        if "POST" in (rule.methods or ()) and rule.endpoint not in CALLED_BY_PROGRAMS:
            writes.clear()
            assert client.post(provider_address(rule), data={"email": "x@tests.example"}).status_code == 400, rule.rule
            assert writes == [], rule.rule
            refused += 1
    assert refused >= 6


def test_only_those_that_programs_call_need_no_token(provider: Flask) -> None:
    exempt = {name for name, view in provider.view_functions.items() if getattr(view, "csrf_exempt", False)}
    assert exempt == CALLED_BY_PROGRAMS
