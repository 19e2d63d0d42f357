"""What a form that was sent is known by."""

import uuid

from flask import request


def form_key() -> uuid.UUID:
    """The key that its page gave it: a second press sends the same. A new one where it was tampered with."""
    try:
        return uuid.UUID(request.form.get("key", ""))
    except ValueError:
        return uuid.uuid4()
