"""What the stand-in says of payments and refunds, in the words of Pay's API."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from portal.payments.standin.faults import PROVIDER
from portal.payments.standin.store import AnyRow

Json = dict[str, Any]  # plain JSON values
ENDED = ("success", "failed", "cancelled", "error")
TO_DO = ("created", "started", "submitted")
PUBLIC = ("amount", "description", "reference", "language", "return_url", "delayed_capture")


def payment_told(row: AnyRow, address: str, *, next_token: str = "", links: bool = True) -> Json:
    """A payment. With a token, also where the payer goes next."""
    said: Json = {name: getattr(row, name) for name in PUBLIC}
    said |= {
        "payment_id": row.id,
        "payment_provider": "sandbox",
        "created_date": moment_told(row.created_at),
        "state": state_told(row.status, row.code),
        "refund_summary": _refund_summary(row),
        "settlement_summary": _settlement(row),
        "moto": False,
        "authorisation_mode": "web",
    }
    for name in ("email", "metadata", "provider_id"):
        if getattr(row, name) is not None:
            said[name] = getattr(row, name)
    if row.card is not None:
        said["card_details"] = row.card
        if "card_brand" in row.card:  # not while all that is known of it was filled in by the caller
            said["card_brand"] = row.card["card_brand"]
    if links:
        said["_links"] = _links(row, address, next_token)
    return said


def state_told(status: str, code: str) -> Json:
    """A state."""
    said: Json = {"status": status, "finished": status in ENDED}
    return said | {"code": code, "message": PROVIDER[code]} if code else said


def event_told(row: AnyRow, address: str) -> Json:
    """A change of state."""
    return {
        "payment_id": row.payment_id,
        "state": state_told(row.status, row.code),
        "updated": moment_told(row.at),
        "_links": {"payment_url": _get(f"{address}/v1/payments/{row.payment_id}")},
    }


def refund_told(row: AnyRow, address: str, *, named: bool = True) -> Json:
    """A refund. Pay leaves its payment to the link (`named` is False) in the answer to asking for it."""
    at = f"{address}/v1/payments/{row.payment_id}"
    said: Json = {
        "refund_id": row.id,
        "created_date": moment_told(row.created_at),
        "amount": row.amount,
        "status": row.status,
        "settlement_summary": {},
        "_links": {"self": _get(f"{at}/refunds/{row.id}"), "payment": _get(at)},
    }
    return said | {"payment_id": row.payment_id} if named else said


def page_told(results: Sequence[Json], *, total: int, page: int, size: int, address: Mapping[int, str]) -> Json:
    """A page of a search. `address` has that of every page that is linked."""
    last = max(1, -(-total // size))
    numbers = {"self": page, "first_page": 1, "last_page": last, "prev_page": page - 1, "next_page": page + 1}
    links = {name: {"href": address[number]} for name, number in numbers.items() if 1 <= number <= last}
    return {"total": total, "count": len(results), "page": page, "results": list(results), "_links": links}


def moment_told(moment: datetime) -> str:
    """A time as Pay writes it, to the millisecond."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def available(row: AnyRow) -> int:
    """Pence that can be refunded."""
    return int(row.amount - row.refunded) if row.status == "success" else 0


def refund_status(row: AnyRow) -> str:
    """Whether a payment can be refunded."""
    if row.status == "success":
        return "available" if row.refunded < row.amount else "full"
    return "unavailable" if row.status in ENDED else "pending"


def _refund_summary(row: AnyRow) -> Json:
    return {
        "status": refund_status(row),
        "amount_available": row.amount - row.refunded,
        "amount_submitted": row.refunded,
    }


def _settlement(row: AnyRow) -> Json:
    if row.captured_at is None:
        return {}
    said = {"capture_submit_time": moment_told(row.captured_at), "captured_date": row.captured_on.isoformat()}
    return said | {"settled_date": row.settled_on.isoformat()} if row.settled_on else said


def _links(row: AnyRow, address: str, next_token: str) -> Json:
    at = f"{address}/v1/payments/{row.id}"
    said = {"self": _get(at), "events": _get(f"{at}/events"), "refunds": _get(f"{at}/refunds")}
    if row.status in TO_DO:
        said["cancel"] = _post(f"{at}/cancel")
    if row.status == "capturable":
        said |= {"cancel": _post(f"{at}/cancel"), "capture": _post(f"{at}/capture")}
    if next_token:
        said["next_url"] = _get(f"{address}/secure/{next_token}")
        said["next_url_post"] = {
            "type": "application/x-www-form-urlencoded",
            "params": {"chargeTokenId": next_token},
            **_post(f"{address}/secure"),
        }
    return said


def _get(href: str) -> Json:
    return {"href": href, "method": "GET"}


def _post(href: str) -> Json:
    return {"href": href, "method": "POST"}
