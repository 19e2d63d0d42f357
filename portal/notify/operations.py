"""Write to people."""

import unicodedata
import uuid
from typing import Any

from sqlalchemy import delete, insert

from portal import clock
from portal.db.session import session
from portal.notify import post
from portal.notify.delivery import deliver
from portal.notify.models import OutboundMessage

LONGEST_ADDRESS = 254  # RFC 5321, with the erratum
LONGEST_SUBJECT = 200


def forget(account_id: uuid.UUID) -> None:
    """Delete every message to a person."""
    session().execute(delete(OutboundMessage).where(OutboundMessage.account_id == account_id))


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
    message_id = uuid.uuid4()
    sendable = post.settings().mail.host is not None
    session().execute(
        insert(OutboundMessage).values(
            id=message_id,
            account_id=account_id,
            to_address=to_email,
            template=template,
            language=language,
            subject=subject,
            body=body,
            state="waiting" if sendable else "kept",
            attempts=0,
            created_at=clock.now(),
        )
    )
    if sendable:
        deliver.defer(id=str(message_id))
    return message_id


def _fits_a_header(text: str, longest: int) -> bool:
    """Whether it is one line. Cc holds CR and LF; Zl and Zp are line breaks to some mail programs."""
    breaks = any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)
    return 0 < len(text) <= longest and not breaks
