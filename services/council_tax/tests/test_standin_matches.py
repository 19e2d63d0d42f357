"""Whether answers fit a record: forgiving of how they are written, silent about everybody else's."""

from typing import Any

import pytest

from services.council_tax.standin.matching import fit, same_postcode, words
from services.council_tax.tests.playing import Playing

EDWIN = {"person_id": "person-edwin", "role": "liable", "protected": False}
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
def test_reference_name_and_postcode_are_enough(standin: Playing, reference: str, name: str, postcode: str) -> None:
    assert match(standin, reference, name, postcode) == MATCHED


@pytest.mark.parametrize(
    ("name", "postcode"), [("Robin Other", "SW6 1AA"), ("Jane Specimen", "W6 9JU"), ("Robin Other", "W6 9JU")]
)
def test_somebody_elses_reference_and_none_at_all_are_answered_alike(
    standin: Playing, name: str, postcode: str
) -> None:
    theirs = match(standin, "71000303", name, postcode)
    assert theirs == match(standin, "99999999", name, postcode) == match(standin, "x", name, postcode)
    assert theirs["outcome"] == "not_matched"
    assert theirs["person_id"] == ""


@pytest.mark.parametrize(("name", "postcode"), [("Edwin Specimen", "W6 9JU"), ("Specimen", "SW6 1AA")])
def test_what_fits_in_part_is_settled_by_facts(standin: Playing, name: str, postcode: str) -> None:
    asked = match(standin, "71000303", name, postcode)
    assert (asked["outcome"], asked["wrong"]) == ("ask_more", "name_or_postcode")
    assert asked["asks"] == ["last_payment_pence", "moved_in_on"]
    paid = next(
        each["pence"]
        for each in standin.get("/accounts/71000303/statement", "person-edwin")["items"]
        if each["kind"] == "payment"
    )
    (edwin,) = standin.get("/accounts/71000303", "person-edwin")["people"]
    facts = {"last_payment_pence": str(-paid), "moved_in_on": edwin["since_on"]}
    assert match(standin, "71000303", name, postcode, **facts) == MATCHED
    wrong = match(standin, "71000303", name, postcode, **facts | {"last_payment_pence": "1"})
    assert (wrong["outcome"], wrong["wrong"], wrong["person_id"]) == ("not_matched", "facts", "")
    half = match(standin, "71000303", name, postcode, last_payment_pence=str(-paid))
    assert half == asked


def test_facts_alone_settle_nothing(standin: Playing) -> None:
    facts = {"last_payment_pence": "15400", "instalment_pence": "15400"}
    assert match(standin, "71000303", "Robin Other", "W6 9JU", **facts)["outcome"] == "not_matched"


def test_an_address_that_is_kept_from_others_always_needs_facts(standin: Playing) -> None:
    said = match(standin, "71000202", "Carys Enghraifft", "W14 0AA")
    assert (said["outcome"], said["wrong"], said["protected"]) == ("ask_more", "", True)
    assert said["asks"] == ["direct_debit_ending", "moved_in_on"], "no figures that follow from the band"


@pytest.mark.parametrize(("name", "postcode"), [("Carys Enghraifft", "W6 9JU"), ("Enghraifft", "W14 0AA")])
def test_of_an_address_that_is_kept_from_others_nobody_learns_whose_number_it_is(
    standin: Playing, name: str, postcode: str
) -> None:
    facts = {"last_payment_pence": "100", "instalment_pence": "100", "moved_in_on": "2024-01-01"}
    for told in ({}, facts):
        assert match(standin, "71000202", name, postcode, **told) == match(standin, "99999999", name, postcode)


def test_each_of_two_is_found_by_their_own_name(standin: Playing) -> None:
    assert match(standin, "71000101", "Ada Example", "W6 9JU")["person_id"] == "person-ada"
    assert match(standin, "71000101", "B Sample", "W6 9JU")["person_id"] == "person-ben"


def test_a_landlord_is_found_by_the_postcode_to_which_bills_go(standin: Playing) -> None:
    said = match(standin, "71000405", "Gita Placeholder", "W6 9JX")
    assert (said["outcome"], said["role"]) == ("matched", "landlord")


def test_a_name_that_fits_two_alike_fits_nobody(standin: Playing) -> None:
    home = standin.opens("Jan Tester", "Jon Tester")
    postcode = standin.account(home)["property"]["postcode"]
    assert match(standin, home.reference, "J Tester", postcode)["outcome"] == "not_matched"
    assert match(standin, home.reference, "Jon Tester", postcode)["outcome"] == "matched"
