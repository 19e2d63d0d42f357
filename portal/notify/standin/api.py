"""The part of GOV.UK Notify's API that the stand-in speaks (REST, version 2, as documented in 2026)."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping
from werkzeug.exceptions import HTTPException

from portal import clock
from portal.db.session import commit
from portal.notify.standin import behaviour as behaving
from portal.notify.standin import checks, courier, store, tokens
from portal.notify.standin.behaviour import Behaviour
from portal.notify.standin.faults import Fault, bad_request, invalid, not_found
from portal.notify.standin.templating import Template, templates
from portal.settings.letters import Notify
from portal.standins.faulty import standin_told
from portal.web import csrf
from portal.web.access import public
from portal.web.state import web_state

bp = Blueprint("notify_api", __name__, url_prefix="/v2")
FILTERS = {"reference": "reference", "status": "status", "template_type": "kind"}
FAILED = ("technical-failure", "temporary-failure", "permanent-failure")
KINDS = ("email", "sms", "letter")


@bp.before_request
def pass_the_gate() -> ResponseReturnValue | None:
    """Look at the token, then at how many came."""
    notify, how = _notify(), current_behaviour()
    key = notify.api_key.get_secret_value() if notify.api_key else ""
    tokens.check(request.headers.get("Authorization"), service_id=key[-73:-37], secret=key[-36:])
    _hold_to_limits(how)
    return None


@bp.errorhandler(Fault)
def fault(error: Fault) -> Response:
    """An error of Notify's."""
    return error.answer()


@bp.errorhandler(HTTPException)
def http_fault(error: HTTPException) -> Response:
    """What is no request at all."""
    return Fault(error.code or 500, error.name.replace(" ", ""), error.description or error.name).answer()


@bp.post("/notifications/<any(email, sms, letter):kind>")
@public
@csrf.exempt
def send(kind: str) -> Response:
    """Take a message: 201 with what was made of it."""
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict):
        raise bad_request("Invalid JSON supplied in POST data")
    template = _template_for(kind, checks.template_id(kind, sent))
    address = checks.address(kind, sent)
    subject, body = template.filled(sent.get("personalisation") or {})
    now, how, made = clock.now(), current_behaviour(), uuid.uuid4()
    recipient = next(iter(address.values()))
    values = {
        "id": made,
        "reference": sent.get("reference"),
        "kind": kind,
        "address": address,
        "template_id": template.id,
        "subject": subject,
        "body": body,
        "status": "accepted" if kind == "letter" else "sending",
        "created_at": now,
        "sent_at": now,
    }
    if recipient not in behaving.SMOKE:
        told = behaving.receipts_for(behaving.fate_of(recipient, how), how, now) if kind != "letter" else ()
        store.keep(values, [each.values() for each in told])
        commit()
        courier.wake(current_app)
    answer = jsonify(_taken(values, template))
    answer.status_code = 201
    return answer


@bp.get("/notifications/<notification_id>")
@public
def one(notification_id: str) -> Response:
    """What became of one message."""
    try:
        found = store.find(uuid.UUID(notification_id))
    except ValueError:
        raise invalid("id is not a valid UUID") from None
    if found is None:
        raise not_found()
    return jsonify(_told(found))


@bp.get("/notifications")
@public
def many() -> Response:
    """A page of messages, newest first."""
    filters = {
        column: [each for sent in request.args.getlist(name) for each in (FAILED if sent == "failed" else (sent,))]
        for name, column in FILTERS.items()
        if name in request.args
    }
    try:
        older_than = uuid.UUID(request.args["older_than"]) if "older_than" in request.args else None
    except ValueError:
        raise invalid("older_than is not a valid UUID") from None
    found = store.newest(filters, older_than)
    links = {"current": f"{_notify().base_url}/v2/notifications"}
    if found:  # as Notify does: the page after the last one is empty
        links["next"] = f"{_notify().base_url}/v2/notifications?older_than={found[-1]['id']}"
    return jsonify(notifications=[_told(each) for each in found], links=links)


@bp.get("/template/<template_id>")
@bp.get("/template/<template_id>/version/<int:version>")
@public
def template(template_id: str, version: int = 1) -> Response:
    """A template."""
    found = _find_template(template_id)
    if version != 1:
        raise not_found()
    return jsonify(_described(found))


@bp.get("/templates")
@public
def all_templates() -> Response:
    """Every template, or those of one kind."""
    wanted = request.args.get("type")
    return jsonify(templates=[_described(each) for each in templates(_notify()) if wanted in (None, each.kind)])


@bp.post("/template/<template_id>/preview")
@public
@csrf.exempt
def preview(template_id: str) -> Response:
    """A template filled in."""
    sent = request.get_json(force=True, silent=True)
    values = sent.get("personalisation", {}) if isinstance(sent, dict) else None
    if not isinstance(values, dict):
        raise bad_request("Invalid JSON supplied in POST data")
    found = _find_template(template_id)
    subject, body = found.filled(values)
    return jsonify(id=str(found.id), type=found.kind, version=1, subject=subject, body=body, html=None, postage=None)


def current_behaviour() -> Behaviour:
    """How it was told to behave."""
    return Behaviour.model_validate(store.how()).later(standin_told().later)


def _hold_to_limits(how: Behaviour) -> None:
    lately = clock.now() - timedelta(seconds=60)
    if store.count_since(lately) >= how.per_minute:
        sentence = f"Exceeded rate limit for key type TEST of {how.per_minute} requests per 60 seconds"
        raise Fault(429, "RateLimitError", sentence)
    if how.limits == "spent" and request.method == "POST":
        raise Fault(429, "TooManyRequestsError", "Exceeded send limits (250000) for today")


def _notify() -> Notify:
    return web_state().settings.notify


def _template_for(kind: str, template_id: uuid.UUID) -> Template:
    found = next((each for each in templates(_notify()) if each.id == template_id), None)
    if found is None:
        raise bad_request("Template not found")
    if found.kind != kind:
        raise bad_request(f"{found.kind} template is not suitable for {kind} notification")
    return found


def _find_template(template_id: str) -> Template:
    try:
        wanted = uuid.UUID(template_id)
    except ValueError:
        raise invalid("id is not a valid UUID") from None
    found = next((each for each in templates(_notify()) if each.id == wanted), None)
    if found is None:
        raise not_found()
    return found


def _taken(values: Mapping[str, Any], template: Template) -> dict[str, Any]:
    base = _notify().base_url
    content: dict[str, Any] = {"body": values["body"]}
    if template.kind == "sms":
        content["from_number"] = "MARLOWE"
    else:
        content["subject"] = values["subject"]
    if template.kind == "email":
        content["from_email"] = "marlowe@notifications.service.gov.uk"
    return {
        "id": str(values["id"]),
        "reference": values["reference"],
        "content": content,
        "uri": f"{base}/v2/notifications/{values['id']}",
        "template": _named(template.id),
        "scheduled_for": None,
    }


def _told(row: RowMapping) -> dict[str, Any]:
    address = dict.fromkeys(("email_address", "phone_number", *(f"line_{n}" for n in range(1, 7))))
    return address | {
        **row["address"],
        "id": str(row["id"]),
        "reference": row["reference"],
        "type": row["kind"],
        "status": row["status"],
        "template": _named(row["template_id"]),
        "subject": row["subject"],
        "body": row["body"],
        "created_by_name": None,
        "created_at": _time(row["created_at"]),
        "sent_at": _time(row["sent_at"]),
        "completed_at": _time(row["completed_at"]),
        "scheduled_for": None,
        "postage": None,
    }


def _described(template: Template) -> dict[str, Any]:
    return {
        "id": str(template.id),
        "type": template.kind,
        "name": template.name,
        "version": 1,
        "subject": template.subject,
        "body": template.body,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "updated_at": None,
        "created_by": "someone@marlowe.example",
        "letter_contact_block": None,
        "postage": "second" if template.kind == "letter" else None,
        "personalisation": {name: {"required": True} for name in template.places()},
    }


def _named(template_id: uuid.UUID) -> dict[str, Any]:
    return {"id": str(template_id), "version": 1, "uri": f"{_notify().base_url}/v2/template/{template_id}/version/1"}


def _time(moment: datetime | None) -> str | None:
    return courier.written(moment) if moment else None
