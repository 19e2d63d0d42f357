"""By which id clients know a person: the same for all, or one for each sector (OP-13, OP-14)."""

import uuid

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.db.session import session
from portal.provider import operations
from portal.provider.state import KEY
from tests.integration.provider.flows import SECRET, Portal, add_person, add_portal, answer_in, sign_in, tokens_for


def sub_at(portal: Portal, browser: FlaskClient) -> str:
    """What the client is told in the ID token and at userinfo, which is the same."""
    tokens = tokens_for(portal, browser) if "code" not in _silent(portal, browser) else _next(portal, browser)
    sub = str(portal.claims(tokens["id_token"])["sub"])
    assert portal.userinfo(tokens["access_token"]).json["sub"] == sub
    return sub


def _silent(portal: Portal, browser: FlaskClient) -> dict[str, str]:
    return answer_in(browser.get(portal.ask(prompt="none")).location)


def _next(portal: Portal, browser: FlaskClient) -> dict[str, str]:
    body: dict[str, str] = portal.exchange(_silent(portal, browser)["code"]).json  # type: ignore[assignment]  # Werkzeug says Any or None
    return body


def test_op_13_each_sector_knows_a_person_by_an_id_of_its_own(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    here = add_portal(app, "here", subject_type="pairwise")
    beside = add_portal(app, "beside", subject_type="pairwise")  # at the same host
    named = add_portal(app, "named", subject_type="pairwise", sector="elsewhere.example")
    subs = {name: sub_at(each, browser) for name, each in (("here", here), ("beside", beside), ("named", named))}
    assert subs["here"] == subs["beside"]
    assert len({str(priya), *subs.values()}) == 3
    assert sub_at(portal, browser) == str(priya)
    assert sub_at(here, browser) == subs["here"]


def test_op_13_two_people_differ(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "apart", subject_type="pairwise")
    add_person(app, "other@example.org")
    other = app.test_client()
    theirs = portal.exchange(answer_in(sign_in(other, portal.ask(), "other@example.org"))["code"]).json
    assert portal.claims(theirs["id_token"])["sub"] != sub_at(portal, browser)


def test_op_13_ids_outlive_new_keys_and_new_addresses(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "apart", subject_type="pairwise")
    before = sub_at(portal, browser)
    with app.app_context():
        operations.rotate_keys(app.extensions[KEY].settings)
        session().execute(text("delete from provider.signing_key"))
        session().commit()
    app.extensions[KEY].ring._keys = None
    moved = "https://another-host.example/callback"
    portal = add_portal(app, "apart", subject_type="pairwise", redirect_uris=[moved])
    portal.redirect_uri = moved
    assert sub_at(portal, browser) == before


def test_op_13_a_hint_of_a_pairwise_client_is_understood(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "apart", subject_type="pairwise")
    hint = tokens_for(portal, browser)["id_token"]
    assert "code" in answer_in(browser.get(portal.ask(prompt="none", id_token_hint=hint)).location)
    other = add_person(app, "other@example.org")
    assert other
    elsewhere = app.test_client()
    sign_in(elsewhere, portal.ask(), "other@example.org")
    answer = answer_in(elsewhere.get(portal.ask(prompt="none", id_token_hint=hint)).location)
    assert answer["error"] == "login_required"


def test_op_14_no_id_is_ever_that_of_a_client(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "apart", subject_type="pairwise")
    assert uuid.UUID(sub_at(portal, browser))  # which no client may have


# --- A sign-in's id, which would undo all that, were it the same for everybody.


LASTING = {"scopes": ["openid", "email", "profile", "offline_access"]}


def test_op_13_each_sector_knows_a_sign_in_by_an_id_of_its_own(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    here = add_portal(app, "here", subject_type="pairwise", **LASTING)
    beside = add_portal(app, "beside", subject_type="pairwise")  # at the same host
    named = add_portal(app, "named", subject_type="pairwise", sector="elsewhere.example")
    first = tokens_for(here, browser, scope="openid offline_access")
    sids = {each.client_id: sid_in(each, _next(each, browser)) for each in (here, beside, named, portal)}
    assert sid_in(here, first) == sids["here"] == sids["beside"]
    assert len(set(sids.values())) == 3
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    later = app.test_client().post("/token", data=form, auth=("here", SECRET)).json
    assert sid_in(here, later) == sids["here"]
    with app.app_context():
        login = session().execute(text("select id from provider.login")).scalar_one()
    assert sids["portal"] == str(login)


def test_op_13_two_sign_ins_of_a_person_differ(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    apart = add_portal(app, "apart", subject_type="pairwise")
    assert sid_in(apart, tokens_for(apart, browser)) != sid_in(apart, tokens_for(apart, app.test_client()))


def test_op_13_a_hint_of_another_sector_says_nothing(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    here = add_portal(app, "here", subject_type="pairwise")
    beside = add_portal(app, "beside", subject_type="pairwise")
    named = add_portal(app, "named", subject_type="pairwise", sector="elsewhere.example")
    hint = tokens_for(here, browser)["id_token"]
    told = {
        each.client_id: answer_in(browser.get(each.ask(prompt="none", id_token_hint=hint)).location)
        for each in (here, beside, named, portal)
    }
    assert {name: answer.get("error") for name, answer in told.items()} == {
        "here": None,
        "beside": None,
        "named": "invalid_request",
        "portal": "invalid_request",
    }


def test_op_13_a_client_that_has_become_public_is_told_the_same_at_userinfo_as_in_the_id_token(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    apart = add_portal(app, "apart", subject_type="pairwise")
    before = sub_at(apart, browser)
    add_portal(app, "apart", subject_type="public")
    assert sub_at(apart, browser) == str(priya) != before


def sid_in(portal: Portal, tokens: dict[str, str]) -> str:
    return str(portal.claims(tokens["id_token"])["sid"])
