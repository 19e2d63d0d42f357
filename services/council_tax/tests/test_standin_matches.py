"""Whether answers fit a record: forgiving of how they are written, silent about everybody else's."""

from typing import Any

import pytest

from services.council_tax.standin.matching import fit, same_postcode, words
from services.council_tax.tests.playing import Playing

EDWIN = {"person_id": "person-edwin", "role": "liable", "protected": False}
ASKED = ["instalment_pence", "moved_in_on"]
MATCHED = {"outcome": "matched", "wrong": "", "asks": [], **EDWIN}


def match(standin: Playing, reference: str, name: str, postcode: str, **facts: str) -> Any:  # JSON
    """What the stand-in says of such answers."""
    body = {"reference": reference, "name": name, "postcode": postcode, "facts": facts}
    return standin.post("/matches", body)


@pytest.mark.parametrize(
    ("said", "known", "how"),
    [
        ("John Smith", "John Smith", "all"),
        ("  JOHN   smith ", "John Smith", "all"),
        ("Smith, John", "Mr John Smith", "all"),
        ("Mr J Smith", "John Smith", "all"),
        ("J.Smith", "John Smith", "all"),
        ("J. P. Smith", "John Paul Smith", "all"),
        ("John Paul Smith", "John Smith", "all"),
        ("Dr Siân Lloyd-Jones", "SIAN LLOYD JONES", "all"),
        ("Sian Lloyd Jones", "Siân Lloyd-Jones", "all"),
        ("Gwenllïan Ŵyn", "gwenllian wyn", "all"),
        ("Pat O'Neil", "PAT ONEIL", "all"),
        ("Pat O’Neil", "Pat O'Neil", "all"),
        ("Ann MacDonald", "Ann Mac Donald", "all"),
        ("AnnMacDonald", "Ann Mac Donald", "all"),
        ("Lord", "Lord", "all"),
        ("John", "John Smith", "part"),
        ("Smith", "John Smith", "part"),
        ("Jane Smith", "John Smith", "part"),
        ("J S", "John Smith", "none"),
        ("Mr", "John Smith", "none"),
        ("", "John Smith", "none"),
        ("Mr and Mrs", "Mr Smith", "none"),
        ("Robin Other", "John Smith", "none"),
    ],
    ids=lambda one: str(one) or "nothing",
)
def test_names_are_compared_forgivingly(said: str, known: str, how: str) -> None:
    assert fit(said, known) == how
    assert fit(known, said) == how


def test_titles_are_no_part_of_a_name() -> None:
    assert words("Parch. Ddr Mr Huw") == ("ddr", "huw")


@pytest.mark.parametrize("said", ["W6 9JU", "w69ju", " w6  9 ju", "W6-9JU", "w6 9Ju."])
def test_postcodes_are_compared_forgivingly(said: str) -> None:
    assert same_postcode(said, "W6 9JU")


@pytest.mark.parametrize("said", ["", "W6", "W6 9JV", "SW6 9JU"])
def test_another_postcode_is_another(said: str) -> None:
    assert not same_postcode(said, "W6 9JU")


def test_nothing_is_no_postcode_even_where_none_is_known() -> None:
    assert not same_postcode("", "")


@pytest.mark.parametrize(
    ("reference", "name", "postcode"),
    [
        ("71000303", "Edwin Specimen", "SW6 1AA"),
        (" 7100 0303", "mr e specimen", "sw61aa"),
        ("71-000-303", "SPECIMEN, Edwin", "SW6 1AA"),
    ],
)
def test_what_stands_on_the_envelope_takes_facts_from_the_bill(
    standin: Playing, reference: str, name: str, postcode: str
) -> None:
    asked = match(standin, reference, name, postcode)
    assert asked == {"outcome": "ask_more", "wrong": "", "asks": ASKED, **EDWIN}
    assert match(standin, reference, name, postcode, **edwins(standin)) == MATCHED


@pytest.mark.parametrize(
    ("name", "postcode"), [("Robin Other", "SW6 1AA"), ("Jane Specimen", "W6 9JU"), ("Robin Other", "W6 9JU")]
)
def test_somebody_elses_reference_and_none_at_all_are_answered_alike(
    standin: Playing, name: str, postcode: str
) -> None:
    for facts in ({}, {"instalment_pence": "15400", "moved_in_on": "2024-01-01"}):
        theirs = match(standin, "71000303", name, postcode, **facts)
        assert shown(theirs) == shown(match(standin, "99999999", name, postcode, **facts))
        assert shown(theirs) == shown(match(standin, "x", name, postcode, **facts))
        assert theirs["outcome"] == ("not_matched" if facts else "ask_more")


@pytest.mark.parametrize(
    ("name", "postcode"),
    [("Edwin Specimen", "SW6 1AA"), ("Edwin Specimen", "W6 9JU"), ("Edwin", "SW6 1AA"), ("Robin Other", "W6 9JU")],
    ids=["all right", "postcode wrong", "part of a name", "all wrong"],
)
def test_the_question_tells_nobody_whose_number_it_is(standin: Playing, name: str, postcode: str) -> None:
    assert shown(match(standin, "71000303", name, postcode)) == shown(match(standin, "99999999", name, postcode))


@pytest.mark.parametrize(("name", "postcode"), [("Edwin Specimen", "W6 9JU"), ("Specimen", "SW6 1AA")])
def test_what_fits_in_part_is_settled_by_facts(standin: Playing, name: str, postcode: str) -> None:
    asked = match(standin, "71000303", name, postcode)
    assert (asked["outcome"], asked["wrong"], asked["asks"]) == ("ask_more", "name_or_postcode", ASKED)
    facts = edwins(standin)
    assert match(standin, "71000303", name, postcode, **facts) == MATCHED
    wrong = match(standin, "71000303", name, postcode, **facts | {"instalment_pence": "1"})
    assert wrong == match(standin, "99999999", name, postcode, **facts)
    half = match(standin, "71000303", name, postcode, instalment_pence=facts["instalment_pence"])
    assert half == asked


@pytest.mark.parametrize("wrong", [{"instalment_pence": "1"}, {"moved_in_on": "2024-01-02"}])
def test_facts_that_do_not_fit_are_named_as_such(standin: Playing, wrong: dict[str, str]) -> None:
    said = match(standin, "71000303", "Edwin Specimen", "SW6 1AA", **edwins(standin) | wrong)
    assert (said["outcome"], said["wrong"], said["person_id"]) == ("not_matched", "facts", "")


def test_of_an_amount_no_end_counts(standin: Playing) -> None:
    home = standin.opens()
    postcode = standin.account(home)["property"]["postcode"]
    standin.pay(home, 85)
    facts = facts_of(standin, home.reference, home.person)
    for amount, outcome in (("85", "matched"), ("123485", "not_matched")):
        said = match(standin, home.reference, "Robin Tester", postcode, **facts | {"instalment_pence": amount})
        assert said["outcome"] == outcome


def test_facts_alone_settle_nothing(standin: Playing) -> None:
    assert match(standin, "71000303", "Robin Other", "W6 9JU", **edwins(standin))["outcome"] == "not_matched"


def test_an_address_that_is_kept_from_others_needs_one_fact_more(standin: Playing) -> None:
    said = match(standin, "71000202", "Carys Enghraifft", "W14 0AA")
    assert (said["outcome"], said["wrong"], said["protected"], said["asks"]) == ("ask_more", "", True, ASKED)
    facts = facts_of(standin, "71000202", "person-carys")
    more = match(standin, "71000202", "Carys Enghraifft", "W14 0AA", **facts)
    assert more["asks"] == [*ASKED, "direct_debit_ending"], "no figure that follows from the band"
    ending = {"direct_debit_ending": "02"}
    assert match(standin, "71000202", "Carys Enghraifft", "W14 0AA", **facts | ending)["outcome"] == "matched"
    nobody = match(standin, "99999999", "Carys Enghraifft", "W14 0AA", **facts)
    for wrong in ({"direct_debit_ending": "99"}, {"moved_in_on": "2020-01-01"}):
        assert match(standin, "71000202", "Carys Enghraifft", "W14 0AA", **facts | ending | wrong) == nobody


@pytest.mark.parametrize(("name", "postcode"), [("Carys Enghraifft", "W6 9JU"), ("Enghraifft", "W14 0AA")])
def test_of_an_address_that_is_kept_from_others_nobody_learns_whose_number_it_is(
    standin: Playing, name: str, postcode: str
) -> None:
    for told in ({}, facts_of(standin, "71000202", "person-carys")):
        assert match(standin, "71000202", name, postcode, **told) == match(standin, "99999999", name, postcode, **told)


def test_each_of_two_is_found_by_their_own_name(standin: Playing) -> None:
    assert match(standin, "71000101", "Ada Example", "W6 9JU")["person_id"] == "person-ada"
    assert match(standin, "71000101", "B Sample", "W6 9JU")["person_id"] == "person-ben"


def test_a_landlord_is_found_by_the_postcode_to_which_bills_go(standin: Playing) -> None:
    said = match(standin, "71000405", "Gita Placeholder", "W6 9JX")
    assert (said["wrong"], said["role"]) == ("", "landlord")


def test_a_name_that_fits_two_alike_fits_nobody(standin: Playing) -> None:
    home = standin.opens("Jan Tester", "Jon Tester")
    postcode = standin.account(home)["property"]["postcode"]
    facts = facts_of(standin, home.reference, home.person)
    assert match(standin, home.reference, "J Tester", postcode, **facts)["outcome"] == "not_matched"
    assert match(standin, home.reference, "Jon Tester", postcode, **facts)["outcome"] == "matched"


def shown(said: dict[str, Any]) -> dict[str, Any]:
    """What of an answer the portal lets the person notice: not whom a letter would go to."""
    noticed = {key: said[key] for key in ("outcome", "asks")}
    return noticed if said["outcome"] == "ask_more" else noticed | {"wrong": said["wrong"]}


def edwins(standin: Playing) -> dict[str, str]:
    """What stands on his bill."""
    return facts_of(standin, "71000303", "person-edwin")


def facts_of(standin: Playing, reference: str, person: str) -> dict[str, str]:
    """One payment and the first day, as the bill has them."""
    account = standin.get(f"/accounts/{reference}", person)
    since = next(each["since_on"] for each in account["people"] if each["id"] == person)
    return {"instalment_pence": str(account["instalments"][0]["pence"]), "moved_in_on": since}
