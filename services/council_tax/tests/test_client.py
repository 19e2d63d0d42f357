"""The client against the description of the API: each request fits it, and each answer that fits is understood."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic.json_schema import models_json_schema

from portal.kit import NotFound, OfficeRefused, Unavailable
from services.council_tax.backoffice import changes, client, values
from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.protocol import CouncilTaxSystem
from services.council_tax.queries.system_health import check
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.told import account, bill
from tests.support.office import FaultyOffice, office_running, says, says_text

DOCUMENT: dict[str, Any] = json.loads(Path(client.__file__).with_name("openapi.json").read_text())
ANSWERS = (
    values.Account, values.Accounts, values.Bill, values.BillLine, values.ChangeAnswer, values.ListedDwelling,
    values.MatchAnswer, values.PaymentAnswer, values.PostAddress, values.Published, values.Statement,
)  # fmt: skip
ASKED = [each for each in vars(changes).values() if isinstance(each, type) and issubclass(each, changes.Asked)][1:]
ADDRESS = {"name": "Ada Lark", "lines": ["1 Larkspur Lane"], "postcode": "W6 9JU"}
DWELLING = {"uprn": "1", "lines": ["1 Larkspur Lane"], "postcode": "W6 9JU", "band": "D"}
CHANGED = {"id": "c1", "kind": "e_billing", "state": "accepted"}
LINE = {"id": "b1", "year": 2026, "issued_on": "2026-03-12", "kind": "annual", "pence": 100}
TRANSACTION = {"id": "t1", "on": "2026-04-01", "year": 2026, "kind": "charge", "pence": 100, "balance": 100}
PUBLISHED = {
    "year": 2026,
    "parts": [{"code": "borough", "title": "Marlowe", "title_cy": "Marlowe", "pence": 100}],
    "charges": dict.fromkeys("ABCDEFGH", 100),
    "by_part": {band: [100] for band in "ABCDEFGH"},
}

# What is called, what the system says, and the operation that it is.
CALLS: Mapping[str, tuple[Callable[[CouncilTaxSystem], Any], Any]] = {
    "account": (lambda system: system.account("p1", "40001234"), account().model_dump(mode="json")),
    "accounts": (lambda system: system.accounts("p1", after="x", limit=5), {"items": []}),
    "statement": (lambda system: system.statement("p1", "40001234"), {"items": [TRANSACTION], "after": "t1"}),
    "bills": (lambda system: system.bills("p1", "40001234"), [LINE]),
    "bill": (lambda system: system.bill("p1", "b-1"), bill().model_dump(mode="json")),
    "post_to": (lambda system: system.post_to("p1", "40001234"), ADDRESS),
    "change": (lambda system: system.change("p1", "40001234", changes.SetEBilling(on=True), "k1"), CHANGED),
    "find_change": (lambda system: system.find_change("k1"), CHANGED),
    "pay": (
        lambda system: system.pay("40001234", 100, date(2026, 4, 1), "k1"),
        {"id": "p1", "reference": "40001234", "pence": 100, "balance": 0},
    ),
    "give_back": (
        lambda system: system.give_back("40001234", 100, date(2026, 4, 1), "k1"),
        {"id": "p1", "reference": "40001234", "pence": 100, "balance": 0},
    ),
    "match": (
        lambda system: system.match("40001234", "Ada Lark", "W6 9JU", {"moved_in_on": "2020-01-01"}),
        {"outcome": "matched", "person_id": "p1", "role": "joint"},
    ),
    "published": (lambda system: system.published(2026), PUBLISHED),
    "dwellings": (lambda system: system.dwellings("W6 9JU"), [DWELLING]),
    "healthy": (lambda system: system.healthy(), {"status": "ok"}),
}
CHANGES: tuple[Change, ...] = (
    changes.SetDirectDebit(payer_name="A Lark", sort_code="309430", account_number="31926819", day=15),
    changes.EndDirectDebit(),
    changes.SetEBilling(on=False),
    changes.ClaimDiscount(code="single_person", since_on=date(2026, 4, 1), answers={"adults": "1"}),
    changes.EndDiscount(code="single_person", ended_on=date(2026, 6, 1)),
    changes.ClaimExemption(code="N", since_on=date(2026, 4, 1)),
    changes.ClaimBandReduction(code="wheelchair", since_on=date(2026, 4, 1)),
    changes.ClaimReduction(since_on=date(2026, 4, 1), answers={"income": "900"}),
    changes.MoveIn(uprn="1", moved_on=date(2026, 4, 1), names=("Ada Lark",), adults=1, tenure="tenant"),
    changes.MoveOut(moved_on=date(2026, 4, 1), forwarding=("2 Larkspur Lane", "W6 9JU")),
    changes.MoveWithin(
        uprn="1", left_on=date(2026, 4, 1), moved_on=date(2026, 4, 2), names=("Ada",), adults=1, tenure="owner"
    ),
    changes.ClaimRefund(pence=100, sort_code="309430", account_number="31926819", payee_name="A Lark"),
    changes.AskArrangement(months=6, day=1),
    changes.SetInstalments(many=12),
)


@pytest.fixture
def faulty(context: Flask) -> Iterator[FaultyOffice]:
    """The council's system, to which the settings lead."""
    with office_running() as running, connected_to(context, running.url, page_waits_seconds=0.5):
        yield running


@pytest.fixture
def system(faulty: FaultyOffice) -> CouncilTaxSystem:
    return client.system()


def fits(value: Any, schema: Mapping[str, Any]) -> None:
    """Raises when the value does not fit the schema, whose references are to the document."""
    OAS31Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


def operation(name: str) -> tuple[str, str, dict[str, Any]]:
    """Path, method and description of an operation."""
    return next(
        (path, method, described)
        for path, methods in DOCUMENT["paths"].items()
        for method, described in methods.items()
        if described["operationId"] == name
    )


def parameters(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = DOCUMENT["components"]["parameters"]
    return [found[each["$ref"].rpartition("/")[2]] for each in described.get("parameters", [])]


def test_the_description_is_a_valid_openapi_document() -> None:
    validate(DOCUMENT)


def test_it_describes_our_values_as_they_are() -> None:
    made: dict[str, Any] = {}
    for models, mode in ((ANSWERS, "serialization"), (ASKED, "validation")):
        pairs = [(each, mode) for each in models]
        made |= models_json_schema(pairs, ref_template="#/components/schemas/{model}")[1]["$defs"]  # type: ignore[arg-type]  # the modes are literals
    described = DOCUMENT["components"]["schemas"]
    assert {name: described.get(name) for name in made} == made
    assert {each["$ref"].rpartition("/")[2] for each in described["Change"]["oneOf"]} == {
        each.__name__ for each in ASKED
    }


def test_every_operation_is_called_here_and_is_one_of_the_protocol() -> None:
    described = {each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()}
    assert described == set(CALLS) == {name for name in vars(CouncilTaxSystem) if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_each_request_and_answer_fits_the_description(system: Any, faulty: FaultyOffice, name: str) -> None:
    call, answer = CALLS[name]
    path, method, described = operation(name)
    fits(answer, described["responses"]["200"]["content"]["application/json"]["schema"])
    faulty.does(says(answer))
    call(system)
    sent_method, sent_path, headers, body = faulty.asked[0]
    assert sent_method.lower() == method
    names = re.findall(r"{(\w+)}", path)
    matched = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", path), sent_path)
    assert matched, (path, sent_path)
    given = dict(zip(names, matched.groups(), strict=True)) | headers
    for each in parameters(described):
        if each["in"] == "query":
            continue
        value: Any = given.get(each["name"])
        assert value is not None or not each["required"], each["name"]
        fits(int(value) if each["schema"].get("type") == "integer" else value, each["schema"])
    if method == "post":
        fits(json.loads(body), described["requestBody"]["content"]["application/json"]["schema"])
        assert headers["Content-Type"] == "application/json"


def test_pages_of_a_list_are_asked_for_as_described(system: CouncilTaxSystem, faulty: FaultyOffice) -> None:
    queries: list[str] = []
    answer = says({"items": []})

    def note(request: Any) -> Any:
        queries.append(urlsplit(request.url).query)
        return answer(request)

    faulty.behaviour = note
    system.accounts("p1", after="x&y=1", limit=5)
    assert dict(parse_qsl(queries[0])) == {"after": "x&y=1", "limit": "5"}
    assert {each["name"] for each in parameters(operation("accounts")[2]) if each["in"] == "query"} == {
        "after",
        "limit",
    }


@pytest.mark.parametrize("change", CHANGES, ids=[each.kind for each in CHANGES])
def test_each_change_fits_the_description(system: CouncilTaxSystem, faulty: FaultyOffice, change: Change) -> None:
    faulty.does(says({"id": "c1", "kind": change.kind, "state": "with_officer"}))
    assert system.change("p1", "40001234", change, "k1").state == "with_officer"
    _method, _path, headers, body = faulty.asked[0]
    fits(json.loads(body), {"$ref": "#/components/schemas/ChangeRequest"})
    assert headers["Idempotency-Key"] == "k1"


def test_every_kind_of_change_is_tried() -> None:
    assert {type(each) for each in CHANGES} == set(ASKED)


def test_a_move_in_without_an_account_names_nobody(system: CouncilTaxSystem, faulty: FaultyOffice) -> None:
    faulty.does(says({"id": "c1", "kind": "move_in", "state": "accepted", "reference": "40005555", "person_id": "p9"}))
    said = system.change("", "", CHANGES[8], "k1")
    assert (said.reference, said.person_id) == ("40005555", "p9")
    assert "X-Person" not in faulty.asked[0][2]


@pytest.mark.parametrize("typed", ["../health", "4000/1234", "..", ".", "4000?x=1", "4000#1", "%2e%2e", ""])
def test_what_is_typed_cannot_become_another_path(system: CouncilTaxSystem, faulty: FaultyOffice, typed: str) -> None:
    seen: list[str] = []

    def note(request: Any) -> Any:
        seen.append(request.environ["REQUEST_URI"])
        return says({"code": "not_found"}, 404)(request)

    faulty.behaviour = note
    with pytest.raises(NotFound):
        system.account("p1", typed)
    assert re.fullmatch(r"/v1/accounts/[^/?#]+", seen[0]), seen


def test_a_change_that_the_system_does_not_have_is_none(system: CouncilTaxSystem, faulty: FaultyOffice) -> None:
    faulty.does(says({"code": "not_found"}, 404))
    assert system.find_change("k1") is None


def test_a_refusal_says_its_code(system: CouncilTaxSystem, faulty: FaultyOffice) -> None:
    faulty.does(says({"code": "key_used", "sentence": "Used."}, 409))
    with pytest.raises(OfficeRefused) as refused:
        system.change("p1", "40001234", changes.EndDirectDebit(), "k1")
    assert refused.value.code == "key_used"


@pytest.mark.parametrize("pence", ["12.5", "lots", None, 12.5], ids=["text", "words", "nothing", "a fraction"])
def test_money_that_is_not_whole_pence_is_a_wrong_answer(
    system: CouncilTaxSystem, faulty: FaultyOffice, pence: Any
) -> None:
    faulty.does(says(account().model_dump(mode="json") | {"balance": pence}))
    with pytest.raises(Unavailable):
        system.account("p1", "40001234")


def test_the_manifest_says_whether_the_system_answers(faulty: FaultyOffice) -> None:
    assert check().ok
    faulty.does(says_text("<title>Welcome</title>", mimetype="text/html"))
    assert not check().ok
    assert "council tax system" in check().sentence


def test_without_a_system_in_the_settings_it_cannot_be_reached(context: Flask) -> None:
    with pytest.raises(Unavailable):
        client.system()
    assert not check().ok
