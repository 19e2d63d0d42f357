"""Our provider, signed in to by `openid-client`, a certified relying party (OP-01)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.peers.running import node_script
from tests.peers.values import AFTER_LOGOUT, CALLBACK, KEYS, SECRET

Meet = Callable[..., dict[str, Any]]


@pytest.fixture
def met(issuer: str, person_signs_in: Callable[[requests.Session, str], str]) -> Meet:
    """The whole conversation; gives what openid-client got, after all its own checks."""

    def meet(client_id: str, **more: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "issuer": issuer,
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "post_logout_redirect_uri": AFTER_LOGOUT,
            "scope": "openid profile email",
            **more,
        }
        if client_id in KEYS:
            given["jwk"] = KEYS[client_id].as_dict(private=True)
        else:
            given |= {"secret": SECRET, "method": client_id.removeprefix("by-")}
        with node_script("openid_client.mjs", given) as peer:
            peer.tell(person_signs_in(requests.Session(), peer.ready_with()))
            peer.wait_for("end_session")
            return dict(json.loads(peer.said[-1]))

    return meet


@pytest.mark.parametrize("client_id", ["by-basic", "by-post", *KEYS])
def test_op_01_openid_client_signs_in_by_each_way_of_authentication(met: Meet, issuer: str, client_id: str) -> None:
    got = met(client_id)
    assert got["claims"]["iss"] == issuer
    assert got["claims"]["aud"] in (client_id, [client_id])
    assert got["userinfo"]["email"] == "priya@example.org"
    assert got["userinfo"]["sub"] == got["claims"]["sub"]
    assert got["end_session"].startswith(f"{issuer}/logout?")


@pytest.mark.parametrize("client_id", ["by-basic", "by-es256"])
def test_op_01_openid_client_pushes_its_request(met: Meet, client_id: str) -> None:
    assert met(client_id, pushed=True)["userinfo"]["given_name"] == "Priya"


@pytest.mark.parametrize("client_id", sorted(KEYS))
def test_op_01_openid_client_signs_its_request(met: Meet, client_id: str) -> None:
    assert met(client_id, signed=True)["userinfo"]["given_name"] == "Priya"


def test_op_01_openid_client_asks_for_a_fresh_sign_in(met: Meet) -> None:
    got = met("by-basic", more={"max_age": "60", "prompt": "login"})
    assert isinstance(got["claims"]["auth_time"], int)


def test_op_01_openid_client_refreshes_and_revokes(met: Meet) -> None:
    got = met("by-basic", scope="openid offline_access")
    assert got["refreshed"]["claims"]["sub"] == got["claims"]["sub"]
    assert got["refreshed"]["rotated"] is True
    assert got["after_revocation"] == "invalid_grant"
