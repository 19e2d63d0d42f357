"""Settings for GOV.UK Notify that would only fail later are refused at the start."""

import uuid

import pytest

from portal.errors import SetupError
from portal.notify.ways import find_way
from portal.settings.reading import load_settings

NAME = "MOOTHALL_NOTIFY__"
ID = str(uuid.uuid4())
KEY = {f"{NAME}API_KEY": f"live-{uuid.uuid4()}-{uuid.uuid4()}"}
BASE = {"MOOTHALL_SECRET_KEY": "k" * 32}
EMAIL, SMS = {f"{NAME}EMAIL_TEMPLATE_ID": ID}, {f"{NAME}SMS_TEMPLATE_ID": ID}
MAIL = {"MOOTHALL_MAIL__HOST": "smtp.example"}


def test_notify_takes_the_place_of_a_mail_server() -> None:
    settings = load_settings(BASE | KEY | EMAIL)
    assert (find_way(settings, "email"), find_way(settings, "sms")) == ("notify", None)


def test_texts_may_go_one_way_and_letters_another() -> None:
    settings = load_settings(BASE | KEY | SMS | MAIL)
    assert (find_way(settings, "email"), find_way(settings, "sms")) == ("smtp", "notify")


def test_texts_alone_are_no_way_for_letters() -> None:
    with pytest.raises(SetupError, match="MOOTHALL_MAIL__HOST"):
        load_settings(BASE | KEY | SMS)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (EMAIL, "NOTIFY__API_KEY: must be set"),
        (KEY | MAIL, "email_template_id, sms_template_id or letter_template_id must be set"),
        ({f"{NAME}API_KEY": "x" * 80} | EMAIL, "must end in the service's id"),
        ({f"{NAME}API_KEY": "short"} | EMAIL, "must end in the service's id"),
        (KEY | EMAIL | {f"{NAME}RECEIPT_TOKEN": "short"}, "NOTIFY__RECEIPT_TOKEN: must be at least 20"),
        (KEY | EMAIL | {f"{NAME}BASE_URL": "api.example"}, "must look like https"),
        (KEY | EMAIL | {f"{NAME}BASE_URL": "https://api.example?x=1"}, "must look like https"),
        (
            KEY | EMAIL | {f"{NAME}BASE_URL": "http://api.example", "MOOTHALL_PUBLIC_URL": "https://my.example"},
            "NOTIFY__BASE_URL: must be https",
        ),
        (KEY | {f"{NAME}EMAIL_TEMPLATE_ID": "x"}, "NOTIFY__EMAIL_TEMPLATE_ID"),
    ],
    ids=["no key", "no template", "no ids", "short", "token", "no scheme", "query", "no https", "template"],
)
def test_what_would_fail_later_is_refused_now(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SetupError, match=named.replace("(", r"\(")) as caught:
        load_settings(BASE | wrong)
    assert "live-" not in str(caught.value)
