import time

import pytest

from portal.errors import Refused
from portal.gazetteer.demo import DATA, FEWEST, MOST, DemoGazetteer


def postcodes() -> list[str]:
    lines = DATA.read_text().splitlines()
    return [line.split(",")[0] for line in lines if not line.startswith(("#", "postcode"))]


def test_every_postcode_has_four_to_thirty_addresses_that_are_found_again_by_uprn() -> None:
    gazetteer = DemoGazetteer()
    seen: set[str] = set()
    all_postcodes = postcodes()
    assert len(all_postcodes) == 3751
    for postcode in all_postcodes[::10]:
        addresses = gazetteer.by_postcode(postcode)
        assert FEWEST <= len(addresses) <= MOST
        assert len({address.lines for address in addresses}) == len(addresses)
        for address in addresses:
            assert address.uprn not in seen
            seen.add(address.uprn)
            assert address.postcode == postcode
            assert address.lines[-1].endswith(address.street)
            assert len(address.uprn) == 12
            assert address.uprn[0] == "9"
        assert gazetteer.by_uprn(addresses[-1].uprn) == addresses[-1]


def test_addresses_never_change_between_machines() -> None:
    first = DemoGazetteer().by_postcode("w6 9ju")[0]
    assert first == DemoGazetteer().by_postcode("W69JU")[0]
    assert first.uprn == "902306633800"
    assert first.label.endswith("London, W6 9JU")


def test_houses_stand_in_the_order_of_their_numbers() -> None:
    gazetteer = DemoGazetteer()
    for postcode in postcodes()[::200]:
        uprns = [address.uprn for address in gazetteer.by_postcode(postcode)]
        assert uprns == sorted(uprns)


def test_no_two_postcodes_share_a_house() -> None:
    gazetteer = DemoGazetteer()
    group = [postcode for postcode in postcodes() if postcode.startswith("W6 9J")]
    houses = [address.lines for postcode in group for address in gazetteer.by_postcode(postcode)]
    assert len(houses) == len(set(houses))


@pytest.mark.parametrize("uprn", ["", "1", "10012345678", "900000000000", "999999999999", "902306633899", "x" * 12])
def test_uprn_that_is_not_the_demos_finds_nothing(uprn: str) -> None:
    assert DemoGazetteer().by_uprn(uprn) is None


def test_postcode_outside_the_area_has_no_addresses() -> None:
    assert DemoGazetteer().by_postcode("SW1A 1AA") == ()
    with pytest.raises(Refused):
        DemoGazetteer().by_postcode("Marlowe")


def test_first_question_is_answered_in_less_than_thirty_milliseconds() -> None:
    def asked() -> float:
        start = time.process_time()
        DemoGazetteer().by_postcode("W6 9JU")
        return time.process_time() - start

    assert min(asked() for _ in range(3)) < 0.03


def test_the_data_say_whose_they_are_and_under_which_licence() -> None:
    head = DATA.read_text()[:1200]
    assert "Contains OS data" in head
    assert "Open Government Licence v3.0" in head
