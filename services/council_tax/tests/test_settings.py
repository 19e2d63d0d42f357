"""What a council may set, and what stops the start."""

import pytest
from pydantic import SecretStr

from services.council_tax.rules.liability import ORDER
from services.council_tax.settings import REDUCING, CouncilTaxSettings


def test_address_and_token_belong_together() -> None:
    with pytest.raises(ValueError, match="belong together"):
        CouncilTaxSettings(url="http://127.0.0.1:9")


@pytest.mark.parametrize("url", ["http://system.council.example", "http://localhost.council.example", "ftp://x", "x"])
def test_what_residents_owe_does_not_travel_open(url: str) -> None:
    with pytest.raises(ValueError, match=r"https|pattern"):
        CouncilTaxSettings(url=url, token=SecretStr("t"))
    for ours in ("http://localhost:8000/standin/council_tax", "https://system.council.example/api"):
        CouncilTaxSettings(url=ours, token=SecretStr("t"))


def test_the_order_of_reductions_is_that_of_the_rules_unless_set() -> None:
    assert CouncilTaxSettings().order_of_reductions == REDUCING == ORDER


@pytest.mark.parametrize(
    "order",
    [REDUCING[:-1], (*REDUCING, "local"), ("discount", *(each for each in REDUCING if each != "discount")), ()],
    ids=["one left out", "one twice", "a discount first", "none"],
)
def test_an_order_names_each_kind_once(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="each kind once"):
        CouncilTaxSettings.model_validate({"order_of_reductions": order})
