"""The provider under /id beside another application, as in the demo."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from portal.provider.app import create_provider
from tests.integration.provider.flows import PASSWORD, Portal, add_person, add_portal, answer_in, close
from tests.support.settings import settings_for

ISSUER = "http://localhost/id"


@pytest.fixture
def mounted(clean_database: str) -> Iterator[Flask]:
    made = create_provider(settings_for(clean_database))
    yield made
    close(made)


def test_endpoints_links_and_cookies_stay_under_the_mount(mounted: Flask) -> None:
    portal = add_portal(mounted)
    add_person(mounted)
    browser = Client(DispatcherMiddleware(Flask("beside"), {"/id": mounted}))
    document = browser.get("/id/.well-known/openid-configuration").json
    assert document["issuer"] == ISSUER
    assert document["token_endpoint"] == ISSUER + "/token"
    to_page = browser.get("/id" + portal.ask()).location
    assert to_page.startswith("/id/sign-in?")
    page = browser.get(to_page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    sent = {"csrf_token": token[1], "email": "priya@example.org", "password": PASSWORD}
    answer = browser.post(to_page, data=sent)
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    assert all(name.startswith("moothall_id_") and "Path=/id/" in name for name in cookies)
    back = browser.get(answer.location).location
    assert answer_in(back)["iss"] == ISSUER
    tokens = Portal(mounted).exchange(answer_in(back)["code"]).json
    assert Portal(mounted).claims(tokens["id_token"])["iss"] == ISSUER
