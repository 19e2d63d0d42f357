"""By which way a message leaves: GOV.UK Notify, SMTP, or none."""

import uuid
from typing import Literal

from portal.notify import govuk, smtp
from portal.notify.outcomes import Letter, Undelivered
from portal.settings.portal import Settings

Way = Literal["notify", "smtp"]


def find_way(settings: Settings, channel: str) -> Way | None:
    """How messages of this channel leave. None: they are kept, or, for texts and letters, not even written."""
    if channel == "sms":
        return "notify" if settings.notify.sms_template_id else None
    if channel == "letter":
        return "notify" if settings.notify.letter_template_id else None
    if settings.notify.email_template_id:
        return "notify"
    return "smtp" if settings.mail.host else None


def hand_over(settings: Settings, channel: str, letter: Letter, *, tried_before: bool) -> uuid.UUID | None:
    """Give the message to the server; what Notify calls it, if it went there. Raises Undelivered.

    Notify takes the same reference twice as two messages. So after a try whose end we did not see, it is asked for
    the reference first. SMTP knows no such question: there the same Message-ID lets the receiver drop a double.
    """
    match find_way(settings, channel):
        case "notify":
            known = govuk.find(settings, letter.message_id) if tried_before else None
            return known.id if known else govuk.send(settings, channel, letter)
        case "smtp":
            smtp.hand_over(settings.mail, letter)
            return None
        case None:
            raise Undelivered("no_way", line=True)  # it was in the settings when the message was written
