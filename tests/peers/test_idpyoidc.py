"""Our provider, signed in to by idpyoidc (OP-02)."""

import json
from collections.abc import Callable
from pathlib import Path

import requests

from tests.peers.installing import HERE, idpyoidc_python
from tests.peers.running import running
from tests.peers.values import CALLBACK, EMAIL, PLAIN_SECRET, SUB


def test_op_02_idpyoidc_signs_in_and_reads_userinfo(
    issuer: str, person_signs_in: Callable[[requests.Session, str], str], tmp_path: Path
) -> None:
    given = {"issuer": issuer, "client_id": "by-plain", "secret": PLAIN_SECRET, "redirect_uri": CALLBACK}
    script = [str(idpyoidc_python()), str(HERE / "idpyoidc" / "relying_party.py")]
    with running(script, given, cwd=tmp_path) as peer:  # it leaves its keys where it is started
        peer.tell(person_signs_in(requests.Session(), peer.ready_with()))
        peer.wait_for('"end"')
        got = json.loads(peer.said[-1])
    assert (got["claims"]["iss"], got["claims"]["sub"]) == (issuer, str(SUB))
    assert got["userinfo"]["email"] == EMAIL
