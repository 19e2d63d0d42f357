"""The stand-in for GOV.UK Notify answers as Notify's documentation says, to Notify's own client and to strangers."""

import time
import uuid
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from pydantic import SecretStr

from portal.db.session import session
from portal.notify import health
from portal.notify.govuk import Client
from portal.notify.operations import send
from portal.notify.queries import get_message
from portal.notify.standin import courier, store
from portal.notify.standin.app import create_standin
from portal.notify.standin.place import PATH, is_mounted
from tests.support.fixtures import Clock
from tests.support.notify import EMAIL_TEMPLATE, LETTER_TEMPLATE, SECRET, SERVICE, SMS_TEMPLATE, Post

VALUES = {"subject": "Hello", "message": "Text"}
CLOCK = "Error: Your system clock must be accurate to within 30 seconds"


@pytest.fixture
def notify(post: Post) -> NotificationsAPIClient:
    """Notify's own client."""
    return Client(post.settings)


def fault(act: Any, *arguments: Any, **named: Any) -> tuple[int, str, str]:
    """Status, kind and sentence of what is refused."""
    with pytest.raises(HTTPError) as caught:
        act(*arguments, **named)
    (error,) = caught.value.message
    return caught.value.status_code, error["error"], error["message"]


def token(secret: str = SECRET, **claims: Any) -> str:
    claims = {"iss": SERVICE, "iat": int(time.time())} | claims
    return jwt.encode({"alg": "HS256"}, {k: v for k, v in claims.items() if v is not None}, OctKey.import_key(secret))


@pytest.mark.parametrize(
    ("header", "status", "sentence"),
    [
        (None, 401, "Unauthorized: authentication token must be provided"),
        ("Basic abc", 401, "Unauthorized: authentication token must be provided"),
        ("Bearer a.b", 403, "Invalid token: signature, api token is not valid"),
        ("Bearer a.b.c", 403, "Invalid token: signature, api token is not valid"),
        (lambda: token(iss=None), 403, "Invalid token: iss field not provided"),
        (lambda: token(iss=str(uuid.uuid4())), 403, "Invalid token: service not found"),
        (lambda: token(secret=str(uuid.uuid4())), 403, "Invalid token: API key not found"),
        (lambda: token(iat=None), 403, "Invalid token: iat field not provided"),
        (
            lambda: token(iat=int(time.time()) - 31),
            403,
            CLOCK,
        ),
        (
            lambda: token(iat=int(time.time()) + 32),
            403,
            CLOCK,
        ),
    ],
    ids=["none", "basic", "two parts", "no json", "no iss", "other iss", "other secret", "no iat", "old", "early"],
)
def test_a_token_that_is_not_good_is_refused(post: Post, header: Any, status: int, sentence: str) -> None:
    sent = f"Bearer {header()}" if callable(header) else header
    answer = requests.get(f"{post.url}{PATH}/v2/templates", headers={"Authorization": sent} if sent else {}, timeout=5)
    assert answer.status_code == status
    assert answer.json() == {"status_code": status, "errors": [{"error": "AuthError", "message": sentence}]}


def test_an_unsigned_token_is_refused(post: Post) -> None:
    head = "eyJhbGciOiJub25lIn0"
    made = f"{head}.{token().split('.')[1]}."
    answer = requests.get(f"{post.url}{PATH}/v2/templates", headers={"Authorization": f"Bearer {made}"}, timeout=5)
    assert answer.json()["errors"][0]["message"] == "Invalid token: algorithm used is not HS256"


def test_an_email_is_answered_as_documented(notify: NotificationsAPIClient) -> None:
    answer = notify.send_email_notification("ann@example.org", str(EMAIL_TEMPLATE), VALUES, reference="r1")
    assert set(answer) == {"id", "reference", "content", "uri", "template", "scheduled_for"}
    assert answer["content"]["subject"] == "Hello"
    assert answer["template"]["id"] == str(EMAIL_TEMPLATE)
    assert answer["uri"].endswith(f"/v2/notifications/{answer['id']}")
    found = notify.get_notification_by_id(answer["id"])
    assert (found["reference"], found["status"], found["email_address"]) == ("r1", "sending", "ann@example.org")
    assert found["phone_number"] is None


@pytest.mark.parametrize(
    ("address", "values", "expected"),
    [
        ("nobody", VALUES, (400, "ValidationError", "email_address is not a valid email address")),
        ("a@example.org", {"subject": "x"}, (400, "BadRequestError", "Missing personalisation: message")),
        ("a@example.org", {}, (400, "BadRequestError", "Missing personalisation: subject, message")),
    ],
    ids=["address", "one missing", "both missing"],
)
def test_an_email_that_is_not_right_is_refused(
    notify: NotificationsAPIClient, address: str, values: Any, expected: Any
) -> None:
    assert fault(notify.send_email_notification, address, str(EMAIL_TEMPLATE), values) == expected


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("0770090012345", "phone_number Too many digits"),
        ("0770090", "phone_number Not enough digits"),
        ("020 7946 0100", "phone_number Not a UK mobile number"),
        ("+33 6 12 34 56 78", "phone_number Not a UK mobile number"),
        ("ring me", "phone_number Must not contain letters or symbols"),
    ],
)
def test_a_number_that_is_not_right_is_refused(notify: NotificationsAPIClient, number: str, sentence: str) -> None:
    refused = fault(notify.send_sms_notification, number, str(SMS_TEMPLATE), {"message": "x"})
    assert refused == (400, "ValidationError", sentence)


def test_a_request_that_is_not_to_the_schema_is_told_all_that_is_wrong(post: Post) -> None:
    headers = {"Authorization": f"Bearer {token()}"}
    path = f"{post.url}{PATH}/v2/notifications/email"
    body = {"template_id": "x", "personalisation": [], "reference": 7, "other": 1}
    answer = requests.post(path, json=body, headers=headers, timeout=5)
    assert [each["message"] for each in answer.json()["errors"]] == [
        "email_address is a required property",
        "Additional properties are not allowed (other was unexpected)",
        "template_id is not a valid UUID",
        "personalisation list is not of type object",
        "reference int is not of type string",
    ]
    for bad in (b"", b"{", b"[]"):
        answer = requests.post(path, data=bad, headers=headers, timeout=5)
        assert (answer.status_code, answer.json()["errors"][0]["error"]) == (400, "BadRequestError")
    assert requests.get(f"{post.url}{PATH}/v2/nothing", headers=headers, timeout=5).status_code == 404


def test_templates_can_be_looked_at_and_filled_in(notify: NotificationsAPIClient) -> None:
    assert notify.get_template(EMAIL_TEMPLATE)["subject"] == "((subject))"
    assert notify.get_template_version(SMS_TEMPLATE, 1)["type"] == "sms"
    assert [each["type"] for each in notify.get_all_templates()["templates"]] == ["email", "sms", "letter"]
    assert [each["type"] for each in notify.get_all_templates("sms")["templates"]] == ["sms"]
    filled = notify.post_template_preview(EMAIL_TEMPLATE, {"Subject": "A", "message": ["x", "y"]})
    assert (filled["subject"], filled["body"]) == ("A", "* x\n* y")
    missing = fault(notify.post_template_preview, EMAIL_TEMPLATE, {"subject": "A"})
    assert missing == (400, "BadRequestError", "Missing personalisation: message")
    assert fault(notify.get_template, uuid.uuid4())[:2] == (404, "NoResultFound")
    assert fault(notify.get_template, "x") == (400, "ValidationError", "id is not a valid UUID")
    assert fault(notify.get_template_version, SMS_TEMPLATE, 2)[0] == 404


def test_a_template_of_another_kind_or_none_is_refused(notify: NotificationsAPIClient) -> None:
    refused = fault(notify.send_sms_notification, "07700 900123", str(EMAIL_TEMPLATE), VALUES)
    assert refused == (400, "BadRequestError", "email template is not suitable for sms notification")
    refused = fault(notify.send_sms_notification, "07700 900123", str(uuid.uuid4()), VALUES)
    assert refused == (400, "BadRequestError", "Template not found")


def test_a_letter_needs_an_address(notify: NotificationsAPIClient) -> None:
    lines = {"address_line_1": "Ann Wyn", "address_line_2": "1 Mill Lane", "address_line_3": "W6 9XX"}
    taken = notify.send_letter_notification(str(LETTER_TEMPLATE), VALUES | lines, reference="l1")
    assert notify.get_notification_by_id(taken["id"])["line_3"] == "W6 9XX"
    refused = fault(notify.send_letter_notification, str(LETTER_TEMPLATE), VALUES | lines | {"address_line_3": ""})
    assert refused == (400, "ValidationError", "Address must be at least 3 lines")
    refused = fault(notify.send_letter_notification, str(LETTER_TEMPLATE), VALUES | lines | {"address_line_3": "Mars"})
    assert refused == (400, "ValidationError", "Must be a real UK postcode")


def test_messages_are_found_by_reference_status_and_kind(notify: NotificationsAPIClient) -> None:
    for reference in ("a", "b", "b"):
        notify.send_email_notification("ann@example.org", str(EMAIL_TEMPLATE), VALUES, reference=reference)
    notify.send_sms_notification("07700 900123", str(SMS_TEMPLATE), {"message": "x"}, reference="b")

    def many(**filters: Any) -> int:
        return len(notify.get_all_notifications(**filters)["notifications"])

    assert many() == 4
    assert many(reference="b") == 3
    assert many(reference="b", template_type="sms") == 1
    assert many(status="sending") == 4
    assert many(status="failed") == 0
    newest, *_, oldest = notify.get_all_notifications()["notifications"]
    assert many(older_than=newest["id"]) == 3
    assert many(older_than=oldest["id"]) == 0


def test_messages_come_in_pages(notify: NotificationsAPIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PAGE", 2)
    for number in range(5):
        notify.send_sms_notification("07700 900123", str(SMS_TEMPLATE), {"message": str(number)})
    assert [each["body"] for each in notify.get_all_notifications_iterator()] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("to", ["simulate-delivered@notifications.service.gov.uk", "07700 900111"])
def test_a_smoke_test_is_taken_and_not_kept(post: Post, notify: NotificationsAPIClient, to: str) -> None:
    if "@" in to:
        taken = notify.send_email_notification(to, str(EMAIL_TEMPLATE), VALUES)
    else:
        taken = notify.send_sms_notification(to, str(SMS_TEMPLATE), VALUES)
    assert post.arrived() == []
    assert fault(notify.get_notification_by_id, taken["id"]) == (404, "NoResultFound", "No result found")


def test_more_than_so_many_in_a_minute_are_refused(post: Post, notify: NotificationsAPIClient, at: Clock) -> None:
    post.behave(per_minute=2)
    for _ in range(2):
        notify.send_sms_notification("07700 900123", str(SMS_TEMPLATE), {"message": "x"})
    refused = fault(notify.send_sms_notification, "07700 900123", str(SMS_TEMPLATE), {"message": "x"})
    assert refused == (429, "RateLimitError", "Exceeded rate limit for key type TEST of 2 requests per 60 seconds")
    at.advance(seconds=61)
    notify.send_sms_notification("07700 900123", str(SMS_TEMPLATE), {"message": "x"})


def test_messages_are_forgotten_after_a_week(post: Post, notify: NotificationsAPIClient, at: Clock) -> None:
    notify.send_sms_notification("07700 900123", str(SMS_TEMPLATE), {"message": "old"})
    at.advance(days=8)
    notify.send_sms_notification("07700 900123", str(SMS_TEMPLATE), {"message": "new"})
    assert [each["body"] for each in post.arrived()] == ["new"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "application/json", 200),
        ('{"receipts": "sometimes"}', "application/json", 400),
        ('{"other": 1}', "application/json", 400),
        ("[", "application/json", 400),
        ("{}", "text/plain", 415),
    ],
)
def test_only_what_makes_sense_can_be_told(post: Post, body: str, kind: str, status: int) -> None:
    answer = requests.put(f"{post.url}{PATH}/control", data=body, headers={"Content-Type": kind}, timeout=5)
    assert answer.status_code == status


def test_people_tell_it_on_a_page(post: Post) -> None:
    client = post.standin.test_client()
    base = {"base_url": f"{post.url}{PATH}/"}
    page = client.get("/", **base).get_data(as_text=True)
    assert "Stand-in for GOV.UK Notify" in page
    sent = {"limits": "spent", "fate": "permanent-failure", "receipts": "never"}
    assert client.post("/", data=sent, **base).status_code == 400  # without the form's token
    found = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post("/", data=sent | {"csrf_token": found}, **base)
    assert answer.status_code == 303
    assert 'value="permanent-failure" checked' in client.get("/", **base).get_data(as_text=True)
    post.behave()


def test_receipts_are_sent_by_a_thread_of_its_own(post: Post) -> None:
    with post.app.app_context():
        message_id = send("perm-fail@simulator.notify", "test/mail/hello.txt", "en", None, name="x", link="y")
        session().commit()
    post.standin.testing = False
    try:
        post.deliver(message_id)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with post.standin.app_context():
                if store.next_due() is None:
                    break
            time.sleep(0.05)
        lock = post.standin.extensions[courier.WALKING]
        assert lock.acquire(timeout=5)  # the thread has ended
        lock.release()
    finally:
        post.standin.testing = True
    assert post.arrived()[0]["status"] == "permanent-failure"
    with post.app.app_context():
        assert get_message(message_id).receipt == "permanent-failure"


def test_only_what_programs_call_needs_no_form_token(post: Post) -> None:
    views = post.standin.view_functions
    exempt = {name for name, view in views.items() if getattr(view, "csrf_exempt", False)}
    assert exempt == {"notify_api.send", "notify_api.preview", "notify_panel.tell"}


def test_its_tables_are_made_twice_without_harm(post: Post) -> None:
    create_standin(post.settings)


def test_it_is_beside_a_portal_only_in_the_demo(post: Post) -> None:
    assert is_mounted(post.settings)
    assert not is_mounted(post.settings.model_copy(update={"demo": False}))
    elsewhere = post.settings.notify.model_copy(update={"base_url": "https://api.notifications.service.gov.uk"})
    assert not is_mounted(post.settings.model_copy(update={"notify": elsewhere}))


# --- What `moothall check` says of it.


def said(post: Post, **changes: Any) -> list[str]:
    notify = post.settings.notify.model_copy(update=changes)
    with post.app.app_context():
        return list(health.faults(post.settings.model_copy(update={"notify": notify})))


def test_a_way_that_is_right_has_no_faults(post: Post) -> None:
    assert said(post) == []


def test_a_wrong_template_key_or_address_is_found(post: Post) -> None:
    unknown = uuid.uuid4()
    assert said(post, sms_template_id=LETTER_TEMPLATE) == [
        f"The template {LETTER_TEMPLATE} must be for sms, with ((message)) and nothing else to fill in."
    ]
    assert said(post, base_url="http://127.0.0.1:9")[0] == "GOV.UK Notify does not answer."
    key = SecretStr(f"x-{SERVICE}-{unknown}")
    assert said(post, api_key=key)[0] == "GOV.UK Notify refuses our API key, or our clock is wrong."


def test_messages_that_wait_too_long_are_told_of(post: Post, at: Clock) -> None:
    at.move_to("2026-11-20T12:00:00")
    with post.app.app_context():
        send("ann@example.org", "test/mail/hello.txt", "en", None, name="x", link="y")
        session().commit()
    assert said(post) == []
    at.advance(hours=2)
    assert said(post) == ["Messages have waited since 20 November 2026, 12:00 UTC."]
