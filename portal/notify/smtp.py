"""Hand one e-mail to the SMTP server. Knows no database."""

import contextlib
import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from portal.notify.addresses import on_the_envelope
from portal.settings.letters import Mail


class Undelivered(Exception):
    """The server did not take the message. `code` names the reason and is fit for a log; `for_good` ends the tries."""

    def __init__(self, code: str, *, for_good: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes on the wire. `message_id` stays the same at each try, so that a receiver can drop a double."""

    message_id: str
    sender_name: str
    to_address: str
    language: str
    subject: str
    body: str
    written_at: datetime


def compose(mail: Mail, letter: Letter) -> EmailMessage:
    """The message with its headers, all ASCII. Raises ValueError when a header would hold a line break, or no address.

    The `email` package's own complaints about a header are ValueErrors as well.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = letter.subject
    message["From"] = Address(letter.sender_name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=on_the_envelope(letter.to_address))
    message["Date"] = letter.written_at
    message["Message-ID"] = f"<{letter.message_id}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    message.set_content(letter.body)
    message["Content-Language"] = letter.language  # after the text, which clears every Content header
    return message


def hand_over(mail: Mail, letter: Letter) -> None:
    """Give the letter to the server. Raises Undelivered; every wait is bounded by `mail.timeout_seconds`."""
    try:
        message = compose(mail, letter)
        to_address = on_the_envelope(letter.to_address)
    except ValueError:
        raise Undelivered("not_composed", for_good=True) from None  # the original carries the address
    server: smtplib.SMTP | None = None
    try:
        server = _connect(mail)
        if mail.username and mail.password:
            server.login(mail.username, mail.password.get_secret_value())
        server.send_message(message, from_addr=mail.sender, to_addrs=[to_address])
    except (smtplib.SMTPException, OSError) as error:
        raise _reason(error) from None  # the original carries the address
    finally:
        if server is not None:
            # The letter is taken by now, or never will be: a server that stumbles over its farewell must not
            # make us send it again.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def _connect(mail: Mail) -> smtplib.SMTP:
    assert mail.host is not None
    if mail.security == "tls":
        return smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=mail.timeout_seconds, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)
    if mail.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
    return server


def _reason(error: smtplib.SMTPException | OSError) -> Undelivered:
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
            return Undelivered(f"recipient_refused_{code}", for_good=500 <= code < 600)
        case smtplib.SMTPDataError():
            code = error.smtp_code
            return Undelivered(f"message_refused_{code}", for_good=500 <= code < 600)
        case smtplib.SMTPAuthenticationError():
            return Undelivered("sign_in_refused")
        case smtplib.SMTPResponseException():
            return Undelivered(f"answer_{error.smtp_code}")
        case smtplib.SMTPNotSupportedError():
            # No encryption or no sign-in where we insist on it. Not for good: a setting, here or there, mends it.
            return Undelivered("not_supported")
        case smtplib.SMTPServerDisconnected():
            # smtplib turns a time-out while reading into a lost connection.
            timed_out = isinstance(error.__context__, TimeoutError)
            return Undelivered("timed_out" if timed_out else "connection_lost")
        case TimeoutError():
            return Undelivered("timed_out")
        case ssl.SSLError():
            return Undelivered("tls")
        case socket.gaierror():
            return Undelivered("host_unknown")
        case ConnectionRefusedError():
            return Undelivered("connection_refused")
        case _:
            return Undelivered("network")
