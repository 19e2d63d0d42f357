"""The client of somebody else's Open311 server: send a report or an update, ask what became of them.

XML, since the standard demands that of every server and JSON of none. Reports travel under their own id as an
idempotency key, which our own server and others that know `Idempotency-Key` keep. One of which the settings do not say
that is sent nothing a second time in the same breath; after a while it is asked for the report, and sent it again where
it does not list it, because a hole reported twice is better than a hole that nobody hears of.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict

from portal.kit import Dialect, get_office
from portal.kit import Office as OfficeClient
from services.reporting.rules.open311.reading import code_of_errors, rows_as_json
from services.reporting.rules.open311.writing import moment
from services.reporting.settings.offices import Office

T = TypeVar("T")
KEY_REFUSED: Final = frozenset({401, 403})
"""GeoReport's own 403 is of a key that is wrong or missing; it says so again until somebody has put that right."""
FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Taken(_Row):
    """What a server says to a report that it has taken in: its id, or a token to ask for the id with."""

    service_request_id: str = ""
    token: str = ""


class Standing(_Row):
    """How a report stands, by the standard itself."""

    service_request_id: str
    status: str
    status_notes: str = ""
    updated_datetime: str = ""


class Listed(_Row):
    """A report among those that a server lists, as far as it takes to know one of ours again."""

    service_request_id: str = ""
    description: str = ""
    address: str = ""
    lat: str = ""
    long: str = ""


class Said(_Row):
    """One entry of mySociety's extension: what somebody at the office has said or done about a report."""

    update_id: str
    service_request_id: str
    status: str = ""
    description: str = ""
    updated_datetime: str = ""


def _no_header(_token: str) -> Mapping[str, str]:
    """The key travels among the fields, as the standard has it."""
    return {}


def _form(body: Any) -> bytes:  # a mapping of texts and lists of them
    return urlencode(body, doseq=True, encoding="utf-8").encode()


DIALECT: Final = Dialect(
    credentials=_no_header,
    refusal=code_of_errors,
    content_type=FORM,
    write=_form,
    media_types=("text/xml", "application/xml"),
    read=rows_as_json,
    says_no=KEY_REFUSED,
)


def send_request(name: str, office: Office, fields: Mapping[str, str | Sequence[str]], *, key: str) -> Taken:
    """Send a report. Raises Unavailable, NotFound, OfficeRefused."""
    rows = _post(name, office, "/requests.xml", fields, tuple[Taken, ...], key)
    return rows[0] if rows else Taken()


def ask_token(name: str, office: Office, token: str) -> Taken:
    """What has become of a token. Raises Unavailable, NotFound, OfficeRefused."""
    rows = _client(name, office).get(
        f"/tokens/{quote(token, safe='')}.xml", tuple[Taken, ...], params=_jurisdiction(office)
    )
    return rows[0] if rows else Taken(token=token)


def send_update(name: str, office: Office, fields: Mapping[str, str], *, key: str) -> None:
    """Send what somebody said on a report. Raises Unavailable, NotFound, OfficeRefused."""
    _post(name, office, "/servicerequestupdates.xml", fields, tuple[_Row, ...], key)


def ask_requests(name: str, office: Office, code: str, since: datetime, until: datetime) -> Sequence[Listed]:
    """What of one kind came in between two moments. Raises Unavailable, NotFound, OfficeRefused."""
    params = {"service_code": code, "start_date": moment(since), "end_date": moment(until)}
    params |= {**_jurisdiction(office), **_key(office)}
    return _client(name, office).get("/requests.xml", tuple[Listed, ...], params=params)


def ask_updates(name: str, office: Office, since: datetime, until: datetime) -> Sequence[Said]:
    """What was said and done between two moments. Raises Unavailable, NotFound, OfficeRefused."""
    params = {"start_date": moment(since), "end_date": moment(until), **_jurisdiction(office), **_key(office)}
    return _client(name, office).get("/servicerequestupdates.xml", tuple[Said, ...], params=params)


def ask_standings(name: str, office: Office, ids: Sequence[str]) -> Sequence[Standing]:
    """How these reports stand, by its own ids. Raises Unavailable, NotFound, OfficeRefused."""
    params = {"service_request_id": ",".join(ids), **_jurisdiction(office)}
    return _client(name, office).get("/requests.xml", tuple[Standing, ...], params=params)


def _post(name: str, office: Office, path: str, fields: Mapping[str, Any], kind: type[T], key: str) -> T:
    """One try where the key may not be kept: nobody can tell whether a first was done whose answer was lost."""
    body, client = _with_key(office, fields), _client(name, office)
    if office.keeps_keys:
        return client.post(path, body, kind, key=key)
    return client.post(path, body, kind, headers={"Idempotency-Key": key})


def _client(name: str, office: Office) -> OfficeClient:
    """Named for the service, as `moothall service offices` lists it, and for the office."""
    secret = office.key.get_secret_value()
    return get_office(f"reporting_{name}", base_url=office.url, token=secret, seconds=office.seconds, dialect=DIALECT)


def _with_key(office: Office, fields: Mapping[str, Any]) -> Mapping[str, Any]:  # texts and lists of them
    return {**fields, **_jurisdiction(office), **_key(office)}


def _key(office: Office) -> Mapping[str, str]:
    secret = office.key.get_secret_value()
    return {"api_key": secret} if secret else {}


def _jurisdiction(office: Office) -> Mapping[str, str]:
    return {"jurisdiction_id": office.jurisdiction} if office.jurisdiction else {}
