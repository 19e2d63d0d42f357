"""Pay's firewall, which looks at writes before Pay does, as its reference describes it under P0920."""

from typing import Any, Final

from flask import Request

from portal.payments.standin.faults import Fault

FORBIDDEN: Final = frozenset('<>"\\|')


def pass_firewall(request: Request) -> None:
    """Raises Fault for a write that does not say that it is JSON, or has a sign in one of its texts that it fears."""
    has_body = bool(request.get_data())
    if has_body and request.mimetype != "application/json":
        raise _denied()
    if has_body and any(not FORBIDDEN.isdisjoint(each) for each in _texts(request.get_json(silent=True))):
        raise _denied()


def _texts(sent: Any) -> list[str]:  # JSON
    if isinstance(sent, dict):
        return [each for value in sent.values() for each in _texts(value)]
    if isinstance(sent, list):
        return [each for value in sent for each in _texts(value)]
    return [sent] if isinstance(sent, str) else []


def _denied() -> Fault:
    why = "Request blocked by security rules. Please consult API documentation for more information."
    return Fault(400, "P0920", why)
