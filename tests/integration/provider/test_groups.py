"""Groups of those who work for the council: told to clients that may have them, and to no other."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.db.session import session
from portal.errors import Refused
from portal.provider import operations
from portal.provider.queries import demo_people
from tests.integration.provider.flows import add_person, add_portal, tokens_for

STAFF_SCOPES = ["openid", "email", "groups"]


def told(app: Flask, browser: FlaskClient, scope: str, **registered: object) -> dict[str, object]:
    portal = add_portal(app, "desk", **registered)
    sub = add_person(app)
    with app.app_context():
        operations.change_groups(sub, add=["streets", "all staff"])
        session().commit()
    claims: dict[str, object] = portal.userinfo(tokens_for(portal, browser, scope=scope)["access_token"]).json
    return claims


def test_a_client_registered_for_them_is_told(app: Flask, browser: FlaskClient) -> None:
    assert told(app, browser, "openid groups", scopes=STAFF_SCOPES)["groups"] == ["all staff", "streets"]


def test_a_residents_client_is_told_nothing_though_it_asks(app: Flask, browser: FlaskClient) -> None:
    assert "groups" not in told(app, browser, "openid groups email")


def test_they_change_and_are_looked_at(app: Flask) -> None:
    sub = add_person(app)
    with app.app_context():
        assert operations.change_groups(sub, add=["b", "a", "c"], remove=["c"]) == ["a", "b"]
        assert operations.change_groups(sub, remove=["a"]) == ["b"]
        with pytest.raises(Refused):
            operations.change_groups(sub, add=[" spaced "])
        session().rollback()


def test_demo_staff_are_offered_to_staff_alone(demo_app: Flask) -> None:
    settings = demo_app.extensions["moothall.provider"].settings
    ada = add_person(demo_app, demo=True, settings=settings, password=None)
    sunita = add_person(
        demo_app, email="s@staff.example", demo=True, settings=settings, password=None, groups=["streets"]
    )
    with demo_app.test_request_context("/"):
        assert [person.id for person in demo_people(staff=False)] == [ada]
        assert [person.id for person in demo_people(staff=True)] == [sunita]
    desk, browser = add_portal(demo_app, "desk", scopes=STAFF_SCOPES), demo_app.test_client()
    assert str(sunita) in browser.get(browser.get(desk.ask(scope="openid groups")).location).text
    residents = add_portal(demo_app)
    page = browser.get(browser.get(residents.ask()).location).text
    assert str(ada) in page
    assert str(sunita) not in page
