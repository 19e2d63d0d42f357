"""Write to people."""

import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert

from portal import clock
from portal.db.session import session
from portal.notify import contact_problems, post, short
from portal.notify.delivery import JOB_COMES_FIRST, deliver
from portal.notify.models import OutboundMessage
from portal.notify.numbers import find_mobile
from portal.notify.ways import find_way
from portal.web.postcodes import find_postcode

LONGEST_ADDRESS = 254  # RFC 5321, with the erratum
LONGEST_SUBJECT = 200
FEWEST_LINES = 3
MOST_LINES = 7


def forget(account_id: uuid.UUID) -> None:
    """Delete every message to a person, and what is known of their addresses."""
    session().execute(delete(OutboundMessage).where(OutboundMessage.account_id == account_id))
    contact_problems.forget(account_id)


def send(to_email: str, template: str, language: str, account_id: uuid.UUID | None, **values: Any) -> uuid.UUID:
    """Write an e-mail, to be sent once the current transaction is committed. Returns the message's id.

    `template` is `<room>/mail/<name>.txt` in the current application: its first line is the subject, the rest after
    an empty line the text. It is rendered now, in `language`, with `values` and besides `council_name`,
    `council_telephone` and `portal_url`. Without a mail server in the settings, the message is kept in the outbox.
    Raises ValueError for an address or a subject that could not stand in a header.
    """
    if not _fits_a_header(to_email, LONGEST_ADDRESS) or "@" not in to_email or " " in to_email:
        raise ValueError("this is no address that an e-mail could be sent to")
    subject, body = post.rendered(template, language, values)
    if not _fits_a_header(subject, LONGEST_SUBJECT):
        raise ValueError(f"the subject of {template} does not fit a header")
    return _write("email", to_email, template, language, account_id, subject, body)


def can_text() -> bool:
    """Whether texts can be sent at all: only GOV.UK Notify sends them. The demo keeps them where it is not set up."""
    settings = post.settings()
    return settings.demo or find_way(settings, "sms") is not None


def send_text(to_number: str, template: str, language: str, account_id: uuid.UUID | None, **values: Any) -> uuid.UUID:
    """Write a text message, to be sent once the current transaction is committed. Returns the message's id.

    `template` is `<room>/sms/<name>.txt`: all of it is the text, in one paragraph if it can be. The council pays for
    each 160 letters, or 70 with a ŵ or ŷ among them (see `short`); its name stands before the text already.
    Raises ValueError for a number that takes no texts, a text that is too long, and where no texts are sent.
    """
    number = find_mobile(to_number)
    if number is None:
        raise ValueError("this is no number that a text could be sent to")
    if not can_text():
        raise ValueError("no texts are sent from here: ask can_text() first")
    text = short.plainly(post.text_of(template, language, values))
    if not 0 < len(text) <= short.LONGEST:
        raise ValueError(f"the text of {template} is empty or too long")
    return _write("sms", number, template, language, account_id, "", text)


def can_post() -> bool:
    """Whether letters can be sent at all: only GOV.UK Notify prints them. A demo without it keeps them."""
    settings = post.settings()
    return settings.demo or find_way(settings, "letter") is not None


def send_letter(
    to_name: str, to_lines: Sequence[str], template: str, language: str, account_id: uuid.UUID | None, **values: Any
) -> uuid.UUID:
    """Write a letter on paper, to be printed once the current transaction is committed. Returns the message's id.

    `to_lines` are those under the name, the postcode last; with the name there are three to seven (Notify's limits).
    `template` is as for `send`, in a folder `letter`. The address is forgotten as soon as the letter is handed over.
    Raises ValueError for an address that no letter could go to, and where no letters are sent.
    """
    lines = [" ".join(line.split()) for line in (to_name, *to_lines) if line.strip()]
    if not FEWEST_LINES <= len(lines) <= MOST_LINES or not find_postcode(lines[-1]):
        raise ValueError("this is no address that a letter could be sent to")
    if not can_post():
        raise ValueError("no letters are sent from here: ask can_post() first")
    subject, body = post.rendered(template, language, values)
    return _write("letter", "\n".join(lines), template, language, account_id, subject, body)


def _write(
    channel: str, to_address: str, template: str, language: str, account_id: uuid.UUID | None, subject: str, body: str
) -> uuid.UUID:
    message_id, now = uuid.uuid4(), clock.now()
    sendable = find_way(post.settings(), channel) is not None
    session().execute(
        insert(OutboundMessage).values(
            id=message_id,
            account_id=account_id,
            channel=channel,
            to_address=to_address,
            template=template,
            language=language,
            subject=subject,
            body=body,
            state="waiting" if sendable else "kept",
            created_at=now,
            retry_at=now + JOB_COMES_FIRST if sendable else None,
        )
    )
    if sendable:
        deliver.defer(id=str(message_id))
    return message_id


def _fits_a_header(text: str, longest: int) -> bool:
    """Whether it is one line. Cc holds CR and LF; Zl and Zp are line breaks to some mail programs."""
    breaks = any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)
    return 0 < len(text) <= longest and not breaks
