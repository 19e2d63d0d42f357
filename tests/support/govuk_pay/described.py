"""Holds calls of GOV.UK Pay's API to its OpenAPI document: our client's requests, our stand-in's answers."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker

DOCUMENT: Final = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
PATTERNS: Final = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in DOCUMENT["paths"]]

REFUSAL: Final = {"$ref": "#/components/schemas/RequestError"}
UNLISTED: Final[Mapping[tuple[str, str, int], Mapping[str, Any]]] = {
    ("post", "/v1/payments", 200): {"$ref": "#/components/schemas/CreatePaymentResult"},
    ("post", "/v1/payments", 409): REFUSAL,
    ("post", "/v1/payments/{paymentId}/refunds", 202): {"$ref": "#/components/schemas/Refund"},
    ("post", "/v1/payments/{paymentId}/refunds", 400): REFUSAL,
    ("post", "/v1/payments/{paymentId}/refunds", 412): REFUSAL,
    ("post", "/v1/payments/{paymentId}/refunds", 422): REFUSAL,
    ("post", "/v1/payments/{paymentId}/refunds", 429): REFUSAL,
    ("get", "/v1/payments", 404): REFUSAL,
    ("get", "/v1/refunds", 404): REFUSAL,
    ("get", "/v1/disputes", 404): REFUSAL,
}
"""Answers that Pay's reference in prose has, and the document leaves out or leaves without a shape."""

ALWAYS: Final[Mapping[str, frozenset[str]]] = {
    "CreatePaymentResult": frozenset(
        {"amount", "description", "reference", "language", "state", "payment_id", "payment_provider", "created_date"}
        | {"refund_summary", "settlement_summary", "delayed_capture", "moto", "return_url", "_links"}
    ),
    "RefundSummary": frozenset({"status", "amount_available", "amount_submitted"}),
    "PaymentState": frozenset({"status", "finished"}),
    "PaymentLinks": frozenset({"self", "events", "refunds"}),
    "PaymentEvents": frozenset({"payment_id", "events", "_links"}),
    "PaymentEvent": frozenset({"payment_id", "state", "updated", "_links"}),
    "Refund": frozenset({"refund_id", "amount", "status", "created_date", "_links", "settlement_summary"}),
    "RefundForSearchResult": frozenset({"payment_id", "_links", "_embedded"}),
    "PaymentSearchResults": frozenset({"total", "count", "page", "results", "_links"}),
    "RefundSearchResults": frozenset({"total", "count", "page", "results", "_links"}),
    "SearchNavigationLinks": frozenset({"self", "first_page", "last_page"}),
    "RequestError": frozenset({"code", "description"}),
    "Link": frozenset({"href"}),
}
"""What Pay's reference always shows. The document calls nothing required, so that an empty answer would fit it."""


def _closed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The shapes, with what is always there required and what is not named refused, so that they can fail.

    Three of them say what Pay itself does not keep: that each of a link's parameters and of the metadata is an object,
    and that the links of a search for disputes are called otherwise than all others.
    """
    shapes: dict[str, Any] = deepcopy(dict(document["components"]["schemas"]))
    shapes["PostLink"]["properties"]["params"]["additionalProperties"] = {"type": "string"}
    shapes["ExternalMetadata"] = {"type": "object", "additionalProperties": {}}
    disputes = shapes["DisputesSearchResults"]["properties"]
    disputes["_links"] = disputes.pop("links")
    shapes["CreatePaymentResult"]["properties"] |= {
        name: shapes["PaymentWithAllLinks"]["properties"][name] for name in ("authorisation_mode", "card_brand")
    }
    for name, shape in shapes.items():
        if "properties" in shape:
            shape["additionalProperties"] = False
        shape["required"] = sorted(ALWAYS.get(name, frozenset(shape.get("required", ()))))
        if not shape["required"]:
            del shape["required"]
    for name in ("PaymentWithAllLinks", "PaymentDetailForSearch"):
        shapes[name]["required"] = sorted(ALWAYS["CreatePaymentResult"])
    return shapes


COMPONENTS: Final = {"schemas": _closed(DOCUMENT)}


def check(answer: requests.Response, *, prefix: str) -> None:
    """Both halves of a call are as the document says. `prefix` is what stands before `/v1` in the path."""
    sent = answer.request
    parts = urlsplit(str(sent.url))
    path, method = parts.path.removeprefix(prefix), str(sent.method).lower()
    named = next(name for pattern, name in PATTERNS if pattern.match(path))
    about = DOCUMENT["paths"][named][method]
    if answer.ok:  # a request that was refused was perhaps meant to be wrong
        _check_request(sent, about, parse_qs(parts.query))
    _check_answer(answer, about, (method, named, answer.status_code))


def _fits(shape: Mapping[str, Any], value: Any, judge: Any) -> None:  # JSON; one of the library's
    """The value fits the shape, which may refer to others of the document."""
    judge({**shape, "components": COMPONENTS}, format_checker=oas30_format_checker).validate(value)


def _check_request(sent: requests.PreparedRequest, about: Mapping[str, Any], query: Mapping[str, list[str]]) -> None:
    known = {each["name"] for each in about.get("parameters", ()) if each["in"] == "query"}
    assert set(query) <= known, (sent.url, "a parameter that the document does not name")
    if "requestBody" in about:
        shape = about["requestBody"]["content"]["application/json"]["schema"]
        _fits(shape, json.loads(sent.body or b""), OAS30WriteValidator)


def _check_answer(answer: requests.Response, about: Mapping[str, Any], which: tuple[str, str, int]) -> None:
    shape = UNLISTED.get(which)
    if shape is None:
        said = about["responses"].get(str(answer.status_code))
        assert said is not None, (which, answer.text)
        content = said.get("content", {})
        shape = content["application/json"].get("schema") if "application/json" in content else None
    if answer.status_code == 204:
        assert answer.content == b""
    elif shape is not None:
        assert answer.headers["Content-Type"] == "application/json", which
        _fits(shape, answer.json(), OAS30ReadValidator)
