"""Receipts that change nothing: not ours, no receipt at all, or without the token."""

import json
import uuid

import pytest

from tests.integration.api.receipts import BEARER, PATH, receipt, row, sent, tell
from tests.support.notify import TOKEN, Post


@pytest.mark.parametrize(
    "reference",
    [None, "", "not ours", str(uuid.uuid4()), "\x00", "9" * 900],
    ids=["none", "empty", "text", "other", "nul", "long"],
)
def test_a_receipt_for_what_is_not_ours_is_taken_and_left(post: Post, reference: str | None) -> None:
    answer = tell(post, receipt(reference))
    assert (answer.status_code, answer.get_json()) == (200, {"result": "unknown"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"\xff\xfe",
        b'{"id": "\\ud800"}',
        b"[" * 5000,
        json.dumps(receipt("x") | {"id": "no"}).encode(),
        json.dumps(receipt("x") | {"id": None}).encode(),
        json.dumps(receipt("x") | {"status": 7}).encode(),
        json.dumps(receipt("x") | {"status": "x" * 200}).encode(),
        json.dumps(receipt("x") | {"completed_at": "yesterday"}).encode(),
        json.dumps(receipt("x") | {"completed_at": "9999-12-31T23:59:59Z"}).encode(),
        json.dumps(receipt("x") | {"completed_at": "0001-01-01T00:00:00+14:00"}).encode(),
        json.dumps(receipt("x") | {"completed_at": "2026-11-20T12:15:00"}).encode(),
        json.dumps(receipt("x") | {"reference": {"a": 1}}).encode(),
    ],
    ids=[f"body{number}" for number in range(18)],
)
def test_what_is_no_receipt_is_refused(post: Post, body: bytes) -> None:
    client = post.app.test_client()
    answer = client.post(PATH, data=body, content_type="application/json", headers=BEARER, base_url=post.url)
    assert answer.status_code == 400
    assert "ann" not in answer.get_data(as_text=True)


def test_a_body_that_is_too_large_is_refused(post: Post) -> None:
    answer = tell(post, receipt("x") | {"more": "x" * 20_000})
    assert answer.status_code == 413


def test_a_status_that_is_newer_than_we_are_changes_nothing(post: Post) -> None:
    message_id = sent(post)
    answer = tell(post, receipt(message_id, "read-by-the-dog"))
    assert (answer.status_code, answer.get_json()) == (200, {"result": "known"})
    assert row(post, message_id).receipt is None


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer "}, 403),
        ({"Authorization": f"Bearer {TOKEN}x"}, 403),
        ({"Authorization": f"Basic {TOKEN}"}, 403),
        ({"Authorization": TOKEN}, 403),
        ({"Authorization": "Bearer ŵŷ".encode().decode("latin-1")}, 403),
    ],
    ids=["none", "empty", "longer", "basic", "bare", "letters"],
)
def test_without_the_token_nothing_is_noted(post: Post, header: dict[str, str], status: int) -> None:
    message_id = sent(post)
    assert tell(post, receipt(message_id), header).status_code == status
    assert row(post, message_id).receipt is None


def test_where_no_token_is_set_every_receipt_is_refused(post: Post) -> None:
    message_id = sent(post)
    state = post.app.extensions["moothall.web"]
    notify = post.settings.notify.model_copy(update={"receipt_token": None})
    state.settings = post.settings.model_copy(update={"notify": notify})
    try:
        for header in (BEARER, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
            assert tell(post, receipt(message_id), header).status_code == 403
    finally:
        state.settings = post.settings


def test_who_tries_tokens_is_no_longer_listened_to(post: Post) -> None:
    statuses = [tell(post, receipt("x"), {"Authorization": "Bearer x"}).status_code for _ in range(62)]
    assert statuses == [403] * 60 + [429] * 2
    assert tell(post, receipt("x")).status_code == 200  # the right one is
