"""Which e-mail addresses we can write to, and how they stand on an envelope. Pure."""

from email_validator import EmailNotValidError, ValidatedEmail, validate_email


def find_address(text: str) -> str | None:
    """The address as people read it, its host in small letters; None when nobody could write to it.

    Letters beyond ASCII before the @ need every server on the way to know SMTPUTF8, which few do.
    """
    found = _read(text)
    return found.normalized if found else None


def on_the_envelope(address: str) -> str:
    """The address in ASCII: a host with other letters in the form that DNS knows. Raises ValueError."""
    found = _read(address)
    if found is None or found.ascii_email is None:
        raise ValueError("this is no address that an e-mail could be sent to")
    return found.ascii_email


def _read(text: str) -> ValidatedEmail | None:
    try:
        return validate_email(text, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError:
        return None
