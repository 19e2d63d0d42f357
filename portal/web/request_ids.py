"""A short id for each request: in the log lines, in the answer's header, and on the page that says something broke."""

import logging
import secrets
from typing import Final

from flask import Flask, Response, g, has_request_context
from flask.logging import default_handler

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misheard or misread over the telephone
LENGTH: Final = 10


def request_id() -> str:
    """This request's id. Never one that came from outside: it would let a stranger write into our log."""
    made: str | None = g.get("request_id")
    if made is None:
        # Some letters come a little more often than others, which matters to nobody.
        letters = "".join([ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(LENGTH)])
        made = g.request_id = f"{letters[:5]}-{letters[5:]}"
    return made


class RequestIdFilter(logging.Filter):
    """Gives every record a `request_id`, `-` outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id() if has_request_context() else "-"
        return True


def install(app: Flask) -> None:
    """Put the id on log records and answers."""
    handlers = {default_handler, *app.logger.handlers, *logging.getLogger().handlers}
    for handler in handlers:
        if not any(isinstance(one, RequestIdFilter) for one in handler.filters):
            handler.addFilter(RequestIdFilter())
    default_handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s"))
    app.after_request(_write)


def _write(response: Response) -> Response:
    response.headers.add("X-Request-Id", request_id())
    return response
