"""A page for each way in which a request can fail: what happened, and a way on."""

import logging
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from portal import errors
from portal.web import programs
from portal.web.fault_log import told
from portal.web.kept import worth_keeping
from portal.web.request_ids import request_id
from portal.web.state import web_state

log = logging.getLogger(__name__)

PAGES: Final = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})
STATUS: Final[dict[type[errors.DomainError], int]] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.Refused: 409,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
PLAIN: Final = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Sorry, there is a problem</title>'
    "<h1>Sorry, there is a problem</h1><p>Try again later. If you ring us, give this reference: {}.</p></html>"
)


def install(app: Flask) -> None:
    """Give `app` its error pages."""
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(errors.DomainError, _from_domain)
    for gone in (OperationalError, PoolTimeout):
        app.register_error_handler(gone, _from_database)
    app.register_error_handler(500, _from_fault)


def answer(status: int, sentence: str = "", retry_after: int | None = None) -> Response:
    """The page for `status`, or what a program is told. `sentence` is what the error itself has to say."""
    called = programs.called_here()
    response = called.refuse(status, sentence) if called else _page(status, sentence, retry_after)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(status: int, sentence: str, retry_after: int | None) -> Response:
    shown = status if status in PAGES else 503 if status in (502, 504) else 500 if status >= 500 else 400
    # A form that was good is not lost because somebody behind us is closed: it can be sent again from this page.
    kept = list(worth_keeping(request.form)) if shown == 503 and g.get("form_is_ours") else []
    about = _of_too_large() if shown == 413 else {}
    page = render_template(
        f"web/errors/{shown}.html",
        sentence=sentence,
        reference=request_id(),
        retry_after=retry_after,
        kept=kept,
        **about,
    )
    return make_response(page, status)


def _of_too_large() -> dict[str, object]:
    """How large files may be where one was sent, and the page to go back to, if it can be asked for by itself."""
    rule = request.url_rule
    has_files = request.mimetype == "multipart/form-data"
    return {
        "megabytes": web_state().settings.upload_megabytes if has_files else None,
        "again": request.path if rule is not None and rule.methods and "GET" in rule.methods else "",
    }


def send_again(kept: list[tuple[str, str]], *, lost_file: bool, lost_password: bool, lost_text: bool) -> str:
    """The page that asks for a form to be sent once more, with what was typed kept in it."""
    lost = {"lost_file": lost_file, "lost_password": lost_password, "lost_text": lost_text}
    return render_template("web/errors/send_again.html", kept=kept, **lost)


def somebody_elses() -> str:
    """The page for a form that was made for another account. Nothing that was typed is in it."""
    return render_template("web/errors/somebody_elses.html")


def _from_http(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    response = answer(error.code, retry_after=getattr(error, "retry_after", None))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "www-authenticate", "accept", "range"):
            response.headers[name] = value
    return response


def _from_domain(error: errors.DomainError) -> Response:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.BAD_REQUEST)
    retry_after = error.retry_after if isinstance(error, errors.TooMany) else None
    return answer(int(status), error.sentence, retry_after)


def _from_database(error: Exception) -> Response:
    # Without the statement and its parameters: they may hold what a resident wrote.
    log.error("The database did not answer (%s): reference %s", type(error).__name__, request_id())
    g.pop("signed_in_as", None)
    return answer(503, retry_after=30)


def _from_fault(error: Exception) -> Response:
    cause = getattr(error, "original_exception", None) or error
    log.error("Error page shown (%s): reference %s", type(cause).__name__, request_id())
    try:
        return answer(500)
    except Exception as broken:  # noqa: BLE001  # the layout itself is broken; a bare page is better than none
        log.error("The error page could not be drawn: reference %s\n%s", request_id(), told(broken))
        return make_response(PLAIN.format(request_id()), 500)
