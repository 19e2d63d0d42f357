"""Hand one message to GOV.UK Notify, by its own client and the house's rules for calls. Knows no database."""

import logging
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from notifications_python_client.errors import APIError, HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from pydantic import AwareDatetime, BaseModel, ValidationError

from portal import outbound
from portal.notify.outcomes import Letter, Undelivered
from portal.settings.portal import Settings

# It logs what Notify answers, which may quote an address. What we make of it is logged by whoever asked.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)

KIND: Final = re.compile(r"[A-Za-z]{1,30}")


class Client(NotificationsAPIClient):
    """Notify's client over our careful session: guarded addresses, no redirects, bounded waits. One for each thread.

    The client's own time-out is not used: `portal.outbound` sets one that a slow answer cannot stretch.
    """

    def __init__(self, settings: Settings) -> None:
        notify = settings.notify
        assert notify.api_key is not None
        super().__init__(notify.api_key.get_secret_value(), base_url=notify.base_url)
        self.request_session = outbound.client(allow_loopback=settings.is_loopback)
        self._path = urlsplit(notify.base_url).path

    def generate_headers(self, api_token: str) -> dict[str, str]:
        """Theirs, with our name before theirs."""
        headers: dict[str, str] = super().generate_headers(api_token)
        return headers | {"User-agent": f"{outbound.USER_AGENT} {headers['User-agent']}"}

    def request(self, method: str, url: str, data: Any = None, params: Any = None) -> Any:  # JSON, either way
        """As theirs, but an address of the API's own that has a path keeps it."""
        return super().request(method, f"{self._path}{url}", data=data, params=params)


class Known(BaseModel):
    """What Notify says of a message that it has."""

    id: uuid.UUID
    status: str
    sent_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None

    @property
    def ended_at(self) -> datetime | None:
        """When it came to its end."""
        return self.completed_at or self.sent_at


def send(settings: Settings, channel: str, letter: Letter) -> uuid.UUID:
    """Give Notify the message; what Notify calls it. Raises Undelivered."""
    client = Client(settings)
    try:
        return uuid.UUID(_sent(client, settings, channel, letter)["id"])
    except APIError as error:
        raise _reason(error) from None  # the original may quote the address
    except (TypeError, KeyError, ValueError, AttributeError):
        raise Undelivered("notify_not_understood", line=True) from None
    finally:
        client.request_session.close()


def find(settings: Settings, message_id: str) -> Known | None:
    """What Notify knows by our reference; the oldest, if it has several. Raises Undelivered."""
    client = Client(settings)
    try:
        found = client.get_all_notifications(reference=message_id)["notifications"]
        return Known.model_validate(found[-1]) if found else None  # newest first
    except APIError as error:
        raise _reason(error) from None
    except (TypeError, KeyError, IndexError, ValidationError):
        raise Undelivered("notify_not_understood", line=True) from None
    finally:
        client.request_session.close()


def look(settings: Settings, path: str) -> Any:  # JSON
    """What Notify answers to one GET. Raises APIError, whose `status_code` is 503 when there is no answer."""
    client = Client(settings)
    try:
        return client.get(path)
    finally:
        client.request_session.close()


def _sent(client: Client, settings: Settings, channel: str, letter: Letter) -> Mapping[str, Any]:
    notify = settings.notify
    answer: Mapping[str, Any]
    if channel == "sms":
        answer = client.send_sms_notification(
            letter.to_address,
            str(notify.sms_template_id),
            personalisation={"message": letter.body},
            reference=letter.message_id,
            sms_sender_id=_text_of(notify.sms_sender_id),
        )
    elif channel == "letter":
        lines = enumerate(letter.to_address.splitlines(), 1)
        answer = client.send_letter_notification(
            str(notify.letter_template_id),
            personalisation={f"address_line_{number}": line for number, line in lines}
            | {"subject": letter.subject, "message": letter.body},
            reference=letter.message_id,
        )
    else:
        answer = client.send_email_notification(
            letter.to_address,
            str(notify.email_template_id),
            personalisation={"subject": letter.subject, "message": letter.body},
            reference=letter.message_id,
            email_reply_to_id=_text_of(notify.email_reply_to_id),
        )
    return answer


def _text_of(value: uuid.UUID | None) -> str | None:
    return str(value) if value else None


def _reason(error: APIError) -> Undelivered:
    """By status and kind alone: Notify says that its sentences may change.

    400 ValidationError is about the address, the one part of our requests that varies: it is for good. Every other
    refusal is about the service, its key or its template, which somebody at the council mends within the day.
    """
    if not isinstance(error, HTTPError) or error.response is None:
        return Undelivered("notify_no_answer" if isinstance(error, HTTPError) else "notify_not_understood", line=True)
    status, kind = error.status_code, _kind(error)
    if status == 400:
        wrong = kind == "ValidationError"
        return Undelivered(f"notify_400_{kind}", for_good=wrong, bounced=wrong)
    return Undelivered(f"notify_{status}_{kind}", line=True)


def _kind(error: HTTPError) -> str:
    said: Any = error.message  # whatever JSON stood there
    try:
        kind = said[0]["error"]
    except (TypeError, KeyError, IndexError):
        return "unknown"
    return kind if isinstance(kind, str) and KIND.fullmatch(kind) else "unknown"
