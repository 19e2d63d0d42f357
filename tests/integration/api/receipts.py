"""A message that was sent, a delivery receipt for it, and what is then known of both."""

import uuid
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.notify import contact_problems
from portal.notify.operations import send, send_text
from tests.support.notify import TOKEN, Post

PATH = "/api/notify/receipts"


ANN = uuid.UUID("9b1c1d5e-0a63-4e5d-9a35-6f0d7f8f6a99")


NOTIFYS_ID = "740e5834-3a29-46b4-9a6f-16142fde533a"


BEARER = {"Authorization": f"Bearer {TOKEN}"}


def sent(post: Post, to: str = "ann@example.org", channel: str = "email") -> str:
    """A message that the stand-in has, and says nothing about."""
    post.behave(receipts="never")
    with post.app.app_context():
        if channel == "sms":
            message_id = send_text(to, "test/sms/hello.txt", "en", ANN, name="Ann")
        else:
            message_id = send(to, "test/mail/hello.txt", "en", ANN, name="Ann")
        session().commit()
    post.deliver(message_id)
    return str(message_id)


def receipt(message_id: str | None, status: str = "delivered", second: int = 10, **changes: Any) -> dict[str, Any]:
    """As Notify's documentation shows one."""
    return {
        "id": NOTIFYS_ID,
        "reference": message_id,
        "to": "ann@example.org",
        "status": status,
        "created_at": "2026-11-20T12:15:00.000000Z",
        "completed_at": f"2026-11-20T12:15:{second:02}.000000Z",
        "sent_at": "2026-11-20T12:15:01.000000Z",
        "notification_type": "email",
        "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a",
        "template_version": 1,
    } | changes


def tell(post: Post, body: Any, headers: dict[str, str] | None = None) -> TestResponse:
    return post.app.test_client().post(
        PATH, json=body, headers=BEARER if headers is None else headers, base_url=post.url
    )


def row(post: Post, message_id: str) -> Any:
    with post.app.app_context():
        query = text("select * from portal.outbound_message where id = :id")
        return session().execute(query, {"id": message_id}).one()


def problems(post: Post, email: str | None = "ann@example.org", phone: str | None = None) -> list[str]:
    with post.app.app_context():
        return [each.channel for each in contact_problems.problems_of(ANN, email=email, phone=phone)]
