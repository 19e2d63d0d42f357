"""A thousand tokens for one person within one second: none alike."""

import uuid

from flask import Flask
from sqlalchemy import func, select

from portal.db.session import session
from portal.provider import id_tokens, token
from portal.provider.access_tokens import keep, new_token
from portal.provider.id_tokens import Granted
from portal.provider.models import AccessToken, Login
from portal.provider.queries import find_client
from portal.provider.secrets_kept import new_secret
from tests.integration.provider.flows import Portal
from tests.support.fixtures import Clock


def test_op_07_a_thousand_tokens_at_one_instant_are_all_different(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID
) -> None:
    at.move_to("2026-11-22T09:00")
    issued = 1000
    with app.app_context():
        client, now = find_client("portal"), at.moment
        assert client is not None
        login = Login(
            id=uuid.uuid4(),
            digest=b"x",
            person_id=priya,
            auth_at=now,
            amr=["pwd"],
            seen_at=now,
            expires_at=now,
            ended_at=None,
        )
        session().add(login)
        session().flush()
        granted = Granted(
            client=client,
            code_digest=b"one code",
            login_id=login.id,
            sid_key=login.sid_key,
            person_id=priya,
            scope="openid",
            claims=None,
            said=id_tokens.said_of(auth_at=now, amr=["pwd"]),
            nonce="the same nonce",
        )
        answers = []
        for _ in range(issued):
            access_token = new_token()
            keep(access_token, granted)
            answers.append(token._answer(granted, access_token))
        kept = session().scalar(select(func.count()).select_from(AccessToken))
    assert len({each["access_token"] for each in answers}) == issued
    assert len({each["id_token"] for each in answers}) == issued
    assert kept == issued
    claims = [portal.claims(each["id_token"]) for each in answers[:50]]
    assert len({each["jti"] for each in claims}) == 50
    assert {each["iat"] for each in claims} == {int(at.moment.timestamp())}
    assert len({new_secret() for _ in range(issued)}) == issued
