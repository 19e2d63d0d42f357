"""Ordnance Survey's OS Places API, its dataset of addresses that post is delivered to (DPA).

https://apidocs.os.uk/docs/os-places-overview. Councils hold a key by the Public Sector Geospatial Agreement. The key
travels in the address, as the API wants it, so an address or an error that quotes one is never logged.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.errors import DomainError, Unavailable
from portal.gazetteer.postcode import normalise_postcode, normalise_uprn
from portal.gazetteer.values import Address, in_order
from portal.web.languages import gettext as _

logger = logging.getLogger(__name__)

PAGE = 100  # the most that one answer holds
MOST_PAGES = 10
_SMALL = frozenset(("and", "at", "by", "de", "in", "la", "le", "next", "of", "on", "the", "under", "upon"))


class Client(Protocol):
    """The part of `portal.outbound`'s client that is used here."""

    def get(self, url: str, /, *, params: Mapping[str, str]) -> requests.Response:
        """Fetch an address."""


class Dpa(BaseModel):
    """One delivery point as the API writes it. Fields that are not used are not named."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    uprn: str = Field(alias="UPRN", pattern=r"^[0-9]{1,12}$")
    organisation: str = Field("", alias="ORGANISATION_NAME")
    department: str = Field("", alias="DEPARTMENT_NAME")
    po_box: str = Field("", alias="PO_BOX_NUMBER")
    sub_building: str = Field("", alias="SUB_BUILDING_NAME")
    building_name: str = Field("", alias="BUILDING_NAME")
    building_number: int | str = Field("", alias="BUILDING_NUMBER")
    dependent_thoroughfare: str = Field("", alias="DEPENDENT_THOROUGHFARE_NAME")
    thoroughfare: str = Field("", alias="THOROUGHFARE_NAME")
    double_dependent_locality: str = Field("", alias="DOUBLE_DEPENDENT_LOCALITY")
    dependent_locality: str = Field("", alias="DEPENDENT_LOCALITY")
    town: str = Field(alias="POST_TOWN")
    postcode: str = Field(alias="POSTCODE")
    lat: float = Field(alias="LAT", ge=-90, le=90)
    lon: float = Field(alias="LNG", ge=-180, le=180)


class Result(BaseModel):
    """One result; the other datasets are not asked for."""

    dpa: Dpa = Field(alias="DPA")


class Header(BaseModel):
    """What the answer says about itself."""

    total: int = Field(alias="totalresults", ge=0)


class Answer(BaseModel):
    """The API's answer. `results` is absent when there are none."""

    header: Header
    results: list[Result] = Field(default_factory=list)


class OsPlaces:
    """Addresses from OS Places. `url` is its base; `client` keeps the time-outs and limits of `portal.outbound`."""

    def __init__(self, url: str, key: str, client: Client) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._client = client

    def by_postcode(self, postcode: str) -> Sequence[Address]:
        """The addresses of a postcode. Raises Refused, Unavailable."""
        wanted = normalise_postcode(postcode)
        return in_order([_address(each) for each in self._pages("postcode", postcode=wanted)])

    def by_uprn(self, uprn: str) -> Address | None:
        """The address with that UPRN. Raises Unavailable."""
        wanted = normalise_uprn(uprn)
        if wanted is None:
            return None
        return next((_address(each) for each in self._pages("uprn", uprn=wanted)), None)

    def _pages(self, act: str, **query: str) -> Iterator[Dpa]:
        had = 0
        for _page in range(MOST_PAGES):
            answer = self._ask(act, **query, maxresults=str(PAGE), offset=str(had))
            yield from (result.dpa for result in answer.results)
            had += len(answer.results)
            if had >= answer.header.total or not answer.results:
                return

    def _ask(self, act: str, **query: str) -> Answer:
        parameters = {**query, "dataset": "DPA", "output_srs": "WGS84", "key": self._key}
        try:
            response = self._client.get(f"{self._url}/{act}", params=parameters)
        except (requests.RequestException, DomainError) as error:
            raise _unavailable(type(error).__name__) from None  # its text would quote the address with the key
        if response.status_code != 200:
            raise _unavailable(f"status {response.status_code}")
        try:
            return Answer.model_validate(_json(response))
        except (ValueError, ValidationError) as error:
            raise _unavailable(f"unreadable answer, {type(error).__name__}") from None


def _json(response: requests.Response) -> Any:
    return response.json()  # whatever it is, the model judges it


def _unavailable(reason: str) -> Unavailable:
    logger.error("OS Places did not answer: %s", reason)
    return Unavailable(_("We cannot look up addresses at the moment. You can type the address instead."))


def _address(dpa: Dpa) -> Address:
    street = _cased(dpa.dependent_thoroughfare or dpa.thoroughfare)
    return Address(
        uprn=dpa.uprn.lstrip("0"),
        lines=_lines(dpa, street),
        street=street,
        town=_cased(dpa.town),
        postcode=dpa.postcode,
        lat=dpa.lat,
        lon=dpa.lon,
    )


def _lines(dpa: Dpa, street: str) -> tuple[str, ...]:
    """The lines in the order of Royal Mail's rules: who, which part, which building, number and street, where."""
    number = str(dpa.building_number) if dpa.building_number else ""
    building = _cased(dpa.building_name)
    if building[:1].isdigit() and not number:
        number, building = building, ""  # 12A stands as a name, but is written before the street
    streets = [street] if street else []
    if dpa.dependent_thoroughfare and dpa.thoroughfare:
        streets.append(_cased(dpa.thoroughfare))
    if number:
        streets[:1] = [f"{number} {streets[0]}" if streets else number]
    lines = (
        _cased(dpa.organisation),
        _cased(dpa.department),
        f"PO Box {dpa.po_box}" if dpa.po_box else "",
        _cased(dpa.sub_building),
        building,
        *streets,
        _cased(dpa.double_dependent_locality),
        _cased(dpa.dependent_locality),
    )
    return tuple(line for line in lines if line)


def _cased(text: str) -> str:
    """The API writes in capitals; people read `St Mary's Road`, `Flat 2B`, `Stow-on-the-Wold`."""
    words: list[str] = []
    for word in text.split():
        parts = word.split("-")
        words.append("-".join(_word(part, first=not words and i == 0) for i, part in enumerate(parts)))
    return " ".join(words)


def _word(word: str, *, first: bool) -> str:
    if any(c.isdigit() for c in word):
        return word
    return word.lower() if word.lower() in _SMALL and not first else word.capitalize()
