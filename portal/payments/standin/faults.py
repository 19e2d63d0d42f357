"""How Pay says no: a status, its code, a description for engineers, and what it minds."""

from typing import Final

PROVIDER: Final = {
    "P0010": "Payment method rejected",
    "P0020": "Payment expired",
    "P0030": "Payment was cancelled by the user",
    "P0040": "Payment was cancelled by the service",
    "P0050": "Payment provider returned an error",
}
"""Why a payment failed, as its state says it."""


class Fault(Exception):
    """An answer with an error."""

    def __init__(self, status: int, code: str, description: str, *, field: str = "", header: str = "") -> None:
        super().__init__(description)
        self.status = status
        said = {"field": field, "header": header, "code": code, "description": description}
        self.body = {name: value for name, value in said.items() if value}


def missing(code: str, field: str) -> Fault:
    """A required attribute is not there."""
    return Fault(400, code, f"Missing mandatory attribute: {field}", field=field)


def invalid(code: str, field: str, why: str, *, status: int = 422) -> Fault:
    """An attribute is not as it has to be."""
    return Fault(status, code, f"Invalid attribute value: {field}. {why}", field=field)


def not_found(code: str) -> Fault:
    """There is no such thing."""
    return Fault(404, code, "Not found")


def unreadable(code: str) -> Fault:
    """The body is no JSON object."""
    return Fault(400, code, "Unable to parse JSON")
