"""Hand one e-mail to the SMTP server. Knows no database."""

import contextlib
import re
import smtplib
import socket
import ssl
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from portal.notify.addresses import on_the_envelope
from portal.notify.outcomes import Letter, Undelivered
from portal.settings.letters import Mail

NOT_THE_ADDRESS = re.compile(rb"\s*5\.(?!1\.|2\.1)\d+\.\d+")
"""Enhanced status codes (RFC 3463) of a refusal that says nothing about the address: full, or none of our business."""


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
        server = connect(mail)
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


def connect(mail: Mail) -> smtplib.SMTP:
    """The server, protected as the settings say and signed in to. Raises Undelivered."""
    try:
        server = _protected(mail)
        if mail.username and mail.password:
            try:
                server.login(mail.username, mail.password.get_secret_value())
            except (smtplib.SMTPException, OSError):
                server.close()
                raise
    except (smtplib.SMTPException, OSError) as error:
        raise _reason(error) from None
    return server


def _protected(mail: Mail) -> smtplib.SMTP:
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
            code, words = next(iter(error.recipients.values()))
            refused = 500 <= code < 600
            bounced = refused and not NOT_THE_ADDRESS.match(words)
            return Undelivered(f"recipient_refused_{code}", for_good=refused, bounced=bounced)
        case smtplib.SMTPDataError():
            code = error.smtp_code
            return Undelivered(f"message_refused_{code}", for_good=500 <= code < 600)
        case smtplib.SMTPServerDisconnected():
            # smtplib turns a time-out while reading into a lost connection.
            timed_out = isinstance(error.__context__, TimeoutError)
            return Undelivered("timed_out" if timed_out else "connection_lost", line=True)
        case _:
            return Undelivered(_fault_of_the_line(error), line=True)


def _fault_of_the_line(error: smtplib.SMTPException | OSError) -> str:
    """None of these is for good: a setting, here or there, or time mends it."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return "sign_in_refused"
        case smtplib.SMTPResponseException():
            return f"answer_{error.smtp_code}"
        case smtplib.SMTPNotSupportedError():  # no encryption or no sign-in where we insist on it
            return "not_supported"
        case TimeoutError():
            return "timed_out"
        case ssl.SSLError():
            return "tls"
        case socket.gaierror():
            return "host_unknown"
        case ConnectionRefusedError():
            return "connection_refused"
        case _:
            return "network"
