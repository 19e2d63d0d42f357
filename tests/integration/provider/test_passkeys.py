"""Passkeys: made, used and refused. The device is played by the tests, and lies where the name of the test says so."""

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.db.session import session
from portal.provider import passkeys
from portal.provider.factor_models import Passkey
from portal.provider.passkeys import NotAccepted
from tests.integration.provider.flows import Portal, add_person, answer_in, letters, post_form
from tests.integration.provider.people_with_factors import about, acts, add_passkey, send_answer, signs_in, use_passkey
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device


@pytest.fixture
def device(priya: uuid.UUID, browser: FlaskClient) -> Device:
    """Priya's, with a passkey on it."""
    signs_in(browser)
    device = Device()
    assert add_passkey(browser, device).location == "/your-sign-in"
    return device


def refusals(app: Flask) -> list[str]:
    return [entry.details["reason"] for entry in acts(app, "provider.passkey_refused")]


def rows(app: Flask) -> list[Passkey]:
    with app.app_context():
        return list(session().query(Passkey).order_by(Passkey.made_at))


def test_a_passkey_is_added_listed_renamed_and_removed_and_each_is_mailed(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, device: Device
) -> None:
    page = browser.get("/your-sign-in").text
    assert "my phone" in page
    (kept,) = rows(app)
    assert kept.credential_id == device.credential_id
    post_form(browser, f"/your-sign-in/passkeys/{kept.id}/rename", name="kitchen tablet")
    assert "kitchen tablet" in browser.get("/your-sign-in").text
    use_passkey(browser, device)
    post_form(browser, f"/your-sign-in/passkeys/{kept.id}/remove")
    assert rows(app) == []
    bodies = [letter.body for letter in letters(app)]
    assert ["was added" in bodies[0], "new name" in bodies[1], "was removed" in bodies[2]] == [True] * 3
    for act in ("added", "renamed", "removed"):
        assert [entry.actor for entry in acts(app, f"provider.passkey_{act}")] == [about(priya)]


def test_signing_in_with_a_passkey_needs_no_typing_and_counts_as_two_factors(
    portal: Portal, device: Device, elsewhere: FlaskClient, priya: uuid.UUID
) -> None:
    page = elsewhere.get(portal.ask(acr_values="https://refeds.org/profile/mfa")).location
    answer = use_passkey(elsewhere, device, page=page)
    back = elsewhere.get(answer.location)
    tokens = portal.exchange(answer_in(back.location)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert claims["sub"] == str(priya)
    assert claims["amr"] == ["hwk", "user", "mfa"]


def test_a_synced_passkey_is_a_software_key_and_its_backup_is_noted(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient, portal: Portal
) -> None:
    signs_in(browser)
    device = Device(synced=True, counts=False)
    add_passkey(browser, device)
    (kept,) = rows(app)
    assert (kept.backup_eligible, kept.backed_up) == (True, True)
    answer = use_passkey(elsewhere, device, page=elsewhere.get(portal.ask()).location)
    tokens = portal.exchange(answer_in(elsewhere.get(answer.location).location)["code"]).json
    assert portal.claims(tokens["id_token"])["amr"] == ["swk", "user", "mfa"]
    assert use_passkey(elsewhere, device).location == "/signed-in"  # it counts nothing, and may be used again


@pytest.mark.parametrize(
    ("lies", "reason"),
    [
        ({"origin": "https://id.evil.example"}, "signature"),
        ({"origin": "https://localhost"}, "signature"),
        ({"rp_id": "evil.example"}, "signature"),
        ({"kind": "webauthn.create"}, "signature"),
        ({"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"}, "signature"),
        ({"signature": b""}, "signature"),
        ({"present": False}, "signature"),
        ({"challenge": b"0" * 56}, "challenge"),
        ({"challenge": b""}, "challenge"),
        ({"challenge": 10**12}, "unreadable"),
        ({"origin": ["http://localhost"]}, "unreadable"),
        ({"cross_origin": True}, "challenge"),
        ({"user_handle": b"0" * 16}, "user_handle"),
        ({"user_handle": None}, "user_handle"),
    ],
)
def test_a_device_that_lies_is_refused(
    app: Flask, device: Device, elsewhere: FlaskClient, lies: dict[str, Any], reason: str
) -> None:
    answer = use_passkey(elsewhere, device, **lies)
    assert answer.location == "/sign-in?passkey=refused"
    assert refusals(app) == [reason]
    assert "The passkey did not work" in elsewhere.get(answer.location).text
    assert elsewhere.get("/signed-in").status_code == 303
    assert use_passkey(elsewhere, device).location == "/signed-in"  # told the truth, the same device is let in


def test_without_user_verification_neither_a_passkey_nor_a_sign_in_is_taken(
    app: Flask, device: Device, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    assert add_passkey(browser, Device(verifies=False)).location.endswith("/add?passkey=refused")
    device.verifies = False
    assert use_passkey(elsewhere, device).location == "/sign-in?passkey=refused"
    assert refusals(app) == ["registration", "signature"]


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://id.evil.example"},
        {"rp_id": "evil.example"},
        {"kind": "webauthn.get"},
        {"challenge": b"0" * 56},
        {"present": False},
        {"cross_origin": True},
    ],
)
def test_a_device_that_lies_is_not_registered(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, lies: dict[str, Any]
) -> None:
    signs_in(browser)
    assert add_passkey(browser, Device(), **lies).location == "/your-sign-in/passkeys/add?passkey=refused"
    assert rows(app) == []
    assert letters(app) == []


def test_a_challenge_is_good_once(app: Flask, device: Device, elsewhere: FlaskClient) -> None:
    elsewhere.get("/sign-in")
    options = elsewhere.get("/passkeys/options").json
    assert options
    answer = device.get(options)
    assert send_answer(elsewhere, answer).location == "/signed-in"
    # The same words again: in the browser that has a new id since, and in the one that had the old id kept.
    assert send_answer(elsewhere, answer).location == "/sign-in?passkey=refused"
    assert refusals(app) == ["challenge"]


def test_of_two_answers_to_one_challenge_at_once_one_signs_in(app: Flask, device: Device) -> None:
    first = app.test_client()
    first.get("/sign-in")
    id_cookie = first.get_cookie("moothall_id_browser")
    assert id_cookie
    browsers = [app.test_client() for _ in range(4)]
    for each in browsers:
        each.set_cookie("moothall_id_browser", id_cookie.value)
    options = first.get("/passkeys/options").json
    assert options
    answers = [device.get(options) for _ in browsers]
    with ThreadPoolExecutor(4) as pool:
        places = [each.location for each in pool.map(send_answer, browsers, answers)]
    assert sorted(places) == ["/sign-in?passkey=refused"] * 3 + ["/signed-in"]
    assert refusals(app) == ["replayed"] * 3


def test_a_challenge_of_another_browser_or_too_old_or_for_another_purpose_is_refused(
    at: Clock, app: Flask, device: Device, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    browser.get("/sign-in")
    theirs = browser.get("/passkeys/options").json
    assert theirs
    assert send_answer(elsewhere, device.get(theirs)).location == "/sign-in?passkey=refused"
    signs_in(browser)
    # Signed in with one proof and owner of a passkey: not even a challenge to add another.
    assert browser.get("/your-sign-in/passkeys/options").json == {}
    ours = elsewhere.get("/passkeys/options").json
    assert ours
    at.advance(minutes=5, seconds=1)
    assert send_answer(elsewhere, device.get(ours)).location == "/sign-in?passkey=refused"
    assert refusals(app) == ["challenge"] * 2


def test_an_unknown_credential_is_refused_and_its_place_is_limited(
    app: Flask, device: Device, elsewhere: FlaskClient
) -> None:
    stranger = Device(user_handle=device.user_handle)
    answers = [use_passkey(elsewhere, stranger) for _ in range(21)]
    assert {each.location for each in answers[:20]} == {"/sign-in?passkey=refused"}
    assert answers[-1].status_code == 429
    assert refusals(app) == ["unknown"] * 20


def test_another_persons_credential_signs_in_nobody_but_its_owner(
    app: Flask, device: Device, elsewhere: FlaskClient
) -> None:
    add_person(app, "omar@example.org")
    omar = app.test_client()
    signs_in(omar, "omar@example.org")
    omars = Device()
    add_passkey(omar, omars)
    # Priya's key pair with Omar's name on it, and the other way round.
    assert use_passkey(elsewhere, device, user_handle=omars.user_handle).location == "/sign-in?passkey=refused"
    mixed = Device(credential_id=omars.credential_id, key=device.key, user_handle=omars.user_handle)
    assert use_passkey(elsewhere, mixed).location == "/sign-in?passkey=refused"
    assert refusals(app) == ["user_handle", "signature"]


def test_the_second_step_takes_only_a_passkey_of_the_person_who_gave_the_first(
    app: Flask, portal: Portal, device: Device, elsewhere: FlaskClient
) -> None:
    add_person(app, "omar@example.org")
    omar = app.test_client()
    signs_in(omar, "omar@example.org")
    omars = Device()
    add_passkey(omar, omars)
    to_page = elsewhere.get(portal.ask(acr_values="https://refeds.org/profile/mfa")).location
    second = elsewhere.get(signs_in(elsewhere, page=to_page).location).location
    assert second.startswith("/second-step?to=")
    options = elsewhere.get("/second-step/options").json
    assert options
    assert [each["type"] for each in options["publicKey"]["allowCredentials"]] == ["public-key"]
    assert "refused" in send_second(elsewhere, second, omars.get(options)).location
    options = elsewhere.get("/second-step/options").json
    assert options
    answer = send_second(elsewhere, second, device.get(options))
    tokens = portal.exchange(answer_in(elsewhere.get(answer.location).location)["code"]).json
    assert portal.claims(tokens["id_token"])["amr"] == ["pwd", "hwk", "user", "mfa"]
    assert refusals(app) == ["unknown"]


def send_second(browser: FlaskClient, page: str, answer: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token
    address = page.replace("/second-step", "/second-step/passkey")
    return browser.post(address, data={"csrf_token": token[1], "answer": answer})


def test_the_same_passkey_is_not_registered_twice_by_its_owner_or_by_another(
    app: Flask, device: Device, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    use_passkey(browser, device)
    options = browser.get("/your-sign-in/passkeys/options").json
    assert options
    assert len(options["publicKey"]["excludeCredentials"]) == 1
    assert add_passkey(browser, device).location.endswith("passkey=refused")
    add_person(app, "omar@example.org")
    signs_in(elsewhere, "omar@example.org")
    stolen = Device(credential_id=device.credential_id)
    assert add_passkey(elsewhere, stolen).location.endswith("passkey=refused")
    assert len(rows(app)) == 1
    assert refusals(app) == ["known_already"] * 2


def test_a_count_that_goes_back_is_refused_and_the_owner_hears_of_it(
    app: Flask, device: Device, elsewhere: FlaskClient
) -> None:
    assert use_passkey(elsewhere, device).location == "/signed-in"
    before = len(letters(app))
    for count in (1, 0):
        assert use_passkey(elsewhere, device, count=count).location == "/sign-in?passkey=refused"
    assert refusals(app) == ["counter"] * 2
    assert all("copy" in letter.body for letter in letters(app)[before:])
    assert rows(app)[0].sign_count == 1
    assert use_passkey(elsewhere, device, count=9).location == "/signed-in"
    assert rows(app)[0].sign_count == 9


def test_a_passkey_that_changes_whether_it_may_be_copied_is_refused(
    app: Flask, device: Device, elsewhere: FlaskClient
) -> None:
    device.synced = True
    assert use_passkey(elsewhere, device).location == "/sign-in?passkey=refused"
    assert refusals(app) == ["backup"]


def test_a_removed_passkey_signs_nobody_in(
    app: Flask, device: Device, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    use_passkey(browser, device)
    post_form(browser, f"/your-sign-in/passkeys/{rows(app)[0].id}/remove")
    assert use_passkey(elsewhere, device).location == "/sign-in?passkey=refused"


def test_another_persons_passkey_looks_like_none(app: Flask, device: Device, elsewhere: FlaskClient) -> None:
    add_person(app, "omar@example.org")
    signs_in(elsewhere, "omar@example.org")
    kept, none = rows(app)[0].id, uuid.uuid4()
    for act in ("rename", "remove"):
        answers = [elsewhere.get(f"/your-sign-in/passkeys/{each}/{act}").status_code for each in (kept, none)]
        assert answers == [404, 404]


def test_the_options_ask_for_a_passkey_that_finds_its_owner_and_checks_who_holds_it(
    priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    to_add = browser.get("/your-sign-in/passkeys/options").json
    assert to_add
    wanted = to_add["publicKey"]
    assert wanted["rp"]["id"] == "localhost"
    assert wanted["authenticatorSelection"]["residentKey"] == "required"
    assert wanted["authenticatorSelection"]["userVerification"] == "required"
    assert [each["alg"] for each in wanted["pubKeyCredParams"]] == [-7, -8, -257]
    assert wanted["attestation"] == "none"
    to_use = browser.get("/passkeys/options").json
    assert to_use
    assert to_use["publicKey"]["userVerification"] == "required"
    assert "allowCredentials" not in to_use["publicKey"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=50),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["id", "rawId", "response", "clientDataJSON", "signature", "type", "attestationObject"]
                    ),
                    inner,
                )
            ),
            max_leaves=8,
        ).map(json.dumps),
    )
)
def test_whatever_is_sent_as_an_answer_is_refused_in_order(app: Flask, sent: str) -> None:
    with app.test_request_context("/"), pytest.raises(NotAccepted):
        passkeys.recognise(sent, purpose=passkeys.SIGN_IN)
