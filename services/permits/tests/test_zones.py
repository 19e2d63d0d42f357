"""Which zone an address is in, and how an operator says so."""

from pathlib import Path

import pytest
from flask import Flask

from portal.kit import Refused, session
from services.permits.operations.zones import COMMANDS, put_places, put_zone, read_places, take_out_place
from services.permits.queries.zones import find_place, get_zone
from services.permits.rules.permits import OUTSIDE, Place
from services.permits.tests.asking import HOME, HOMES

LINES = f"""by,key,rule,zone
sector,W6 9,zone,L
street,{HOME.street}|W6,zone,K
postcode,w69ju,car_free,L
uprn,000{HOME.uprn},no_permits,
"""


def at_home() -> Place | None:
    """What holds at home."""
    return find_place(uprn=HOME.uprn, postcode=HOME.postcode, street=HOME.street)


def test_the_narrowest_word_counts(parking: Flask) -> None:
    assert put_places(read_places(LINES)) == 4
    found = []
    for by, key in (
        ("uprn", HOME.uprn),
        ("postcode", "W6 9JU"),
        ("street", f"{HOME.street}|w6".lower()),
        ("sector", "W6 9"),
    ):
        place = at_home()
        assert place is not None
        found.append((place.rule, place.zone))
        take_out_place(by, key)
    assert found == [("no_permits", ""), ("car_free", "L"), ("zone", "K"), ("zone", "L")]
    assert at_home() == OUTSIDE


def test_of_an_address_that_was_typed_nobody_knows(parking: Flask) -> None:
    assert find_place(uprn=None, postcode=HOME.postcode, street=HOME.street) is None


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("postcode,nonsense,zone,K", "Line 2"),
        ("uprn,12x,zone,K", "Line 2: by is"),
        ("street,Larkspur Lane,zone,K", "Line 2: by is"),
        ("planet,Mars,zone,K", "Line 2: by is"),
        ("sector,W6 9,zone,Q", "Line 2: We do not know"),
        ("sector,W6 9,zone,", "Line 2: the rule"),
        ("sector,W6 9,no_permits,K", "Line 2: the rule"),
        ("sector,W6 9,free,K", "Line 2: the rule"),
    ],
    ids=["postcode", "uprn", "street", "by", "zone", "no zone", "needless zone", "rule"],
)
def test_a_line_that_says_nothing_is_refused_by_its_number(parking: Flask, line: str, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        read_places(f"by,key,rule,zone\n{line}\n")


def test_a_file_of_something_else_is_refused(parking: Flask) -> None:
    with pytest.raises(Refused, match="first line"):
        read_places("name,telephone\n")


def test_an_operator_lays_out_a_zone(parking: Flask, tmp_path: Path) -> None:
    COMMANDS["zone-put"].run(["Q", "Zone Q", "Always"])
    COMMANDS["zone-cap"].run(["Q", "resident", "500"])
    COMMANDS["zone-put"].run(["Q", "Zone Q, Quay", "Always"])
    (tmp_path / "places.csv").write_text(f"by,key,rule,zone\nuprn,{HOMES[1].uprn},zone,Q\n", encoding="utf-8")
    said = COMMANDS["zone-places"].run([str(tmp_path / "places.csv")])
    session().commit()
    assert said == "1 places are in their zones."
    assert (get_zone("Q").title, get_zone("Q").caps) == ("Zone Q, Quay", {"resident": 500})
    place = find_place(uprn=HOMES[1].uprn, postcode=HOME.postcode, street=HOME.street)
    assert place == Place("zone", "Q", "Zone Q, Quay", "Always")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("zone-put", ["Q"]),
        ("zone-cap", ["K", "resident", "many"]),
        ("zone-cap", ["K", "balloon", "3"]),
        ("zone-cap", ["K", "resident", "-1"]),
        ("zone-places", ["no-such-file.csv"]),
        ("zone-places", []),
    ],
    ids=["few words", "no number", "no kind", "below nothing", "no file", "no words"],
)
def test_a_command_says_what_it_needs(parking: Flask, name: str, words: list[str]) -> None:
    with pytest.raises(Refused):
        COMMANDS[name].run(words)


def test_a_zone_has_a_short_code(parking: Flask) -> None:
    with pytest.raises(Refused):
        put_zone("K" * 13, title="Long", hours="Always")
