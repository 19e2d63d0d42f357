"""The council's system over HTTP, as `openapi.json` describes it."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal
from urllib.parse import quote

from portal.kit import NotFound, Office, Unavailable, get_office, settings_of
from portal.kit import gettext as _
from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.protocol import CouncilTaxSystem
from services.council_tax.backoffice.values import (
    Account,
    Accounts,
    Bill,
    BillLine,
    ChangeAnswer,
    ListedDwelling,
    MatchAnswer,
    PaymentAnswer,
    Pence,
    PostAddress,
    Published,
    Statement,
    Value,
)
from services.council_tax.settings import CouncilTaxSettings

SERVICE: Final = "council_tax"


class Done(Value):
    """It is well."""

    status: Literal["ok"]


class HttpSystem:
    """Speaks to the council's system. Everything may raise Unavailable, within the time that the settings give."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def account(self, person_id: str, reference: str) -> Account:
        """One account. Raises NotFound."""
        return self._office.get(f"/v1/accounts/{_part(reference)}", Account, headers=_asker(person_id))

    def accounts(self, person_id: str, after: str = "", limit: int = 20) -> Accounts:
        """All accounts of a person, open ones first, some at a time."""
        path = f"/v1/people/{_part(person_id)}/accounts"
        return self._office.get(path, Accounts, params=_page(after, limit), headers=_asker(person_id))

    def statement(self, person_id: str, reference: str, after: str = "", limit: int = 25) -> Statement:
        """Payments, charges and adjustments, newest first, some at a time. Raises NotFound."""
        path = f"/v1/accounts/{_part(reference)}/statement"
        return self._office.get(path, Statement, params=_page(after, limit), headers=_asker(person_id))

    def bills(self, person_id: str, reference: str) -> tuple[BillLine, ...]:
        """The bills of an account, newest first, at most 50. Raises NotFound."""
        path = f"/v1/accounts/{_part(reference)}/bills"
        return self._office.get(path, tuple[BillLine, ...], headers=_asker(person_id))

    def bill(self, person_id: str, bill_id: str) -> Bill:
        """One bill, as it was issued. Raises NotFound."""
        return self._office.get(f"/v1/bills/{_part(bill_id)}", Bill, headers=_asker(person_id))

    def change(self, person_id: str, reference: str, change: Change, key: str) -> ChangeAnswer:
        """Ask for a change, once for each key. Raises NotFound, OfficeRefused.

        `reference` is empty for somebody who moves in, `person_id` too unless the system knows them already.
        """
        body = {"reference": reference, "change": change.model_dump(mode="json")}
        return self._office.post("/v1/changes", body, ChangeAnswer, key=key, headers=_asker(person_id))

    def find_change(self, key: str) -> ChangeAnswer | None:
        """What became of a change, if the system has it."""
        try:
            return self._office.get(f"/v1/changes/{_part(key)}", ChangeAnswer)
        except NotFound:
            return None

    def pay(self, reference: str, pence: Pence, paid_on: date, key: str) -> PaymentAnswer:
        """Book a payment that was taken elsewhere, once for each key. Raises NotFound, OfficeRefused."""
        body = {"pence": pence, "paid_on": paid_on.isoformat()}
        return self._office.post(f"/v1/accounts/{_part(reference)}/payments", body, PaymentAnswer, key=key)

    def give_back(self, reference: str, pence: Pence, given_on: date, key: str) -> PaymentAnswer:
        """Book that money of a payment was given back elsewhere, once for each key. Raises NotFound, OfficeRefused."""
        body = {"pence": pence, "paid_on": given_on.isoformat()}
        return self._office.post(f"/v1/accounts/{_part(reference)}/returned-payments", body, PaymentAnswer, key=key)

    def match(self, reference: str, name: str, postcode: str, facts: dict[str, str]) -> MatchAnswer:
        """Whether these answers fit a record."""
        body = {"reference": reference, "name": name, "postcode": postcode, "facts": facts}
        return self._office.post("/v1/matches", body, MatchAnswer, only_asks=True)

    def post_to(self, person_id: str, reference: str) -> PostAddress:
        """Where the council writes to a person about an account. Shown on no page. Raises NotFound."""
        return self._office.get(f"/v1/accounts/{_part(reference)}/address", PostAddress, headers=_asker(person_id))

    def published(self, year: int) -> Published:
        """What was set for a year. Raises NotFound for a year that has not been set."""
        return self._office.get(f"/v1/published/{year}", Published)

    def dwellings(self, postcode: str) -> tuple[ListedDwelling, ...]:
        """The valuation list at a postcode, at most 200 entries."""
        return self._office.get("/v1/dwellings", tuple[ListedDwelling, ...], params={"postcode": postcode})

    def healthy(self) -> None:
        """Nothing, if the system answers well."""
        self._office.get("/v1/health", Done)


def system(*, patient: bool = False) -> CouncilTaxSystem:
    """The council's system, as the settings name it. `patient` is for jobs, which may wait longer than a page.

    Raises Unavailable where no system is named.
    """
    settings = settings_of(CouncilTaxSettings)
    if not settings.url or settings.token is None:
        raise Unavailable(_("Council tax is not connected here yet."))
    office = get_office(
        SERVICE,
        base_url=settings.url,
        token=settings.token.get_secret_value(),
        seconds=settings.page_waits_seconds,
    )
    return HttpSystem(office.patient(settings.job_waits_seconds) if patient else office)


def _part(text: str) -> str:
    """A part of a path: what was typed cannot become another path. A dot alone would be taken for a folder."""
    return quote(text, safe="").replace(".", "%2E") or "-"


def _asker(person_id: str) -> Mapping[str, str]:
    return {"X-Person": person_id} if person_id else {}


def _page(after: str, limit: int) -> Mapping[str, str]:
    return {"limit": str(limit)} | ({"after": after} if after else {})
