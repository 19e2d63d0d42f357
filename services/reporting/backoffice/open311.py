"""The client of somebody else's Open311 server: send a report or an update, ask what became of them.

XML, since the standard demands that of every server and JSON of none. Reports travel under their own id as an
idempotency key, which our own server and others that know `Idempotency-Key` keep. One of which the settings do not say
that is sent nothing a second time in the same breath; after a while it is asked for the report, and sent it again where
it does not list it, because a hole reported twice is better than a hole that nobody hears of.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict

from portal.kit import Dialect, OfficeRefused, Unavailable, get_office
from portal.kit import Office as OfficeClient
from services.reporting.rules.open311.reading import answer_as_json, code_of_errors
from services.reporting.rules.open311.writing import moment
from services.reporting.settings.offices import Office

R = TypeVar("R")
KEY_REFUSED: Final = frozenset({401, 403})
"""GeoReport's own 403 is of a key that is wrong or missing; it says so again until somebody has put that right."""
FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
REQUESTS: Final = "service_requests"
UPDATES: Final = "service_request_updates"
NO_ID_GIVEN: Final = "no_id_given"
"""It took a report in, and said neither what it calls it nor how to ask for that."""
NOT_OPEN311: Final = "not_open311"
"""A page that is no answer of such a server, with a status that is a yes."""


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


class Heard(_Row):
    """What a server says to words that it has taken in."""

    update_id: str = ""


class Said(_Row):
    """One entry of mySociety's extension: what somebody at the office has said or done about a report."""

    update_id: str
    service_request_id: str
    status: str = ""
    description: str = ""
    updated_datetime: str = ""


class _Answer(_Row, Generic[R]):
    """A list, and what it is called."""

    root: str
    rows: tuple[R, ...]


def _no_header(_token: str) -> Mapping[str, str]:
    """The key travels among the fields, as the standard has it."""
    return {}


def _form(body: Any) -> bytes:  # a mapping of texts and lists of them
    return urlencode(body, doseq=True, encoding="utf-8").encode()


def _read(content: bytes) -> bytes:
    """Some servers refuse with a status that is a yes. Raises OfficeRefused, ValueError."""
    code = code_of_errors(content)
    if code is not None:
        raise OfficeRefused(code)
    return answer_as_json(content)


DIALECT: Final = Dialect(
    credentials=_no_header,
    refusal=code_of_errors,
    content_type=FORM,
    write=_form,
    media_types=("text/xml", "application/xml"),
    read=_read,
    says_no=KEY_REFUSED,
)


def send_request(name: str, office: Office, fields: Mapping[str, str | Sequence[str]], *, key: str) -> Taken:
    """Send a report; an id or a token for it. Raises Unavailable, NotFound, OfficeRefused."""
    answer = _post(name, office, "/requests.xml", fields, _Answer[Taken], key)
    named = next((each for each in answer.rows if each.service_request_id or each.token), None)
    if named is None:
        raise OfficeRefused(NO_ID_GIVEN if answer.root == REQUESTS else NOT_OPEN311)
    return named


def ask_token(name: str, office: Office, token: str) -> Taken:
    """What has become of a token. Raises Unavailable, NotFound, OfficeRefused."""
    path = f"/tokens/{quote(token, safe='')}.xml"
    rows = _client(name, office).get(path, _Answer[Taken], params=_jurisdiction(office)).rows
    return rows[0] if rows else Taken(token=token)


def send_update(name: str, office: Office, fields: Mapping[str, str], *, key: str) -> None:
    """Send what somebody said on a report. Raises Unavailable, NotFound, OfficeRefused."""
    answer = _post(name, office, "/servicerequestupdates.xml", fields, _Answer[Heard], key)
    if answer.root != UPDATES and not any(each.update_id for each in answer.rows):
        raise OfficeRefused(NOT_OPEN311)


def ask_requests(name: str, office: Office, code: str, since: datetime, until: datetime) -> Sequence[Listed]:
    """What of one kind came in between two moments. Raises Unavailable, NotFound, OfficeRefused."""
    params = {"service_code": code, "start_date": moment(since), "end_date": moment(until)}
    params |= {**_jurisdiction(office), **_key(office)}
    answer = _client(name, office).get("/requests.xml", _Answer[Listed], params=params)
    if answer.root != REQUESTS and not any(each.service_request_id for each in answer.rows):
        raise Unavailable("")  # a page of somebody else's: whether the office has the report is not known
    return answer.rows


def ask_updates(name: str, office: Office, since: datetime, until: datetime) -> Sequence[Said]:
    """What was said and done between two moments. Raises Unavailable, NotFound, OfficeRefused."""
    params = {"start_date": moment(since), "end_date": moment(until), **_jurisdiction(office), **_key(office)}
    return _client(name, office).get("/servicerequestupdates.xml", _Answer[Said], params=params).rows


def ask_standings(name: str, office: Office, ids: Sequence[str]) -> Sequence[Standing]:
    """How these reports stand, by its own ids. Raises Unavailable, NotFound, OfficeRefused."""
    params = {"service_request_id": ",".join(ids), **_jurisdiction(office)}
    return _client(name, office).get("/requests.xml", _Answer[Standing], params=params).rows


def try_out(name: str, office: Office, seconds: float) -> None:
    """Ask for what every such server tells everybody. Raises Unavailable, NotFound, OfficeRefused."""
    _client(name, office).patient(seconds).get("/services.xml", _Answer[_Row], params=_jurisdiction(office))


def _post(
    name: str, office: Office, path: str, fields: Mapping[str, Any], kind: type[_Answer[R]], key: str
) -> _Answer[R]:
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
