"""How a demand is put into a provider's words, and what its answer must say."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from portal.identity import asking
from portal.identity.asking import Asked, NotMet
from portal.identity.assurance import Assurance, Demand
from portal.settings.providers import Provider

LOW, MEDIUM, HIGH = Assurance
VECTORS = {"low": "Cl.Cm", "medium": "Cl.Cm.P1", "high": "Cl.Cm.P2"}


def provider(**values: Any) -> Provider:
    known: dict[str, Any] = {"issuer": "https://id.example", "client_id": "x", "client_secret": SecretStr("y")}
    return Provider(**(known | values))


@pytest.mark.parametrize(
    ("vector", "credentials"), [("Cl.Cm.P2", "Cl.Cm"), ("P2.Cl.Cm", "Cl.Cm"), ("Cl", "Cl"), ("Cl.Cm", "Cl.Cm")]
)
def test_credentials_are_a_vector_without_its_identity(vector: str, credentials: str) -> None:
    assert asking.credentials(vector) == credentials


@pytest.mark.parametrize(("level", "values"), [(LOW, ()), (MEDIUM, ("b", "a", "c")), (HIGH, ("c",))])
def test_acr_values_are_those_that_are_enough_lowest_first(level: Assurance, values: tuple[str, ...]) -> None:
    levels = {"c": "high", "b": "medium", "low": "low", "a": "medium"}
    assert asking.what_to_ask(provider(acr_levels=levels), Demand(level)).acr_values == values


@pytest.mark.parametrize(("level", "vector"), [(LOW, "Cl.Cm"), (MEDIUM, "Cl.Cm.P1"), (HIGH, "Cl.Cm.P2")])
def test_the_lowest_vector_that_is_enough_is_asked_for(level: Assurance, vector: str) -> None:
    asked = asking.what_to_ask(provider(level_by="vtr", vtr=VECTORS, identity_claims=("name",)), Demand(level))
    assert (asked.vector, asked.claims, asked.identity) == (vector, ("name",) if "P" in vector else (), "P" in vector)


def test_a_plain_sign_in_asks_for_credentials_though_only_an_identity_is_listed() -> None:
    listed = provider(level_by="vtr", vtr={"medium": "Cl.Cm.P2"})
    assert asking.what_to_ask(listed, Demand()).vector == "Cl.Cm"


def test_what_was_asked_survives_being_kept_beside_others_words() -> None:
    asked = asking.what_to_ask(
        provider(level_by="vtr", vtr=VECTORS, identity_claims=("name",)), Demand(HIGH, timedelta(minutes=5)), restarts=1
    )
    assert asking.read_asked({"somebody": "else", **asked.as_json()}) == asked
    assert asking.read_asked({}) == Asked()


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        ({}, LOW),
        ({"acr_levels": {"a": "medium", "b": "low"}}, MEDIUM),
        ({"acr_levels": {"a": "high"}, "level_by": "nothing"}, HIGH),
        ({"level_by": "vtr", "vtr": VECTORS}, HIGH),
        ({"level_by": "vtr", "vtr": {"low": "Cl"}, "acr_levels": {"a": "high"}}, LOW),
    ],
)
def test_what_a_provider_can_reach_follows_from_its_settings(settings: dict[str, Any], most: Assurance) -> None:
    assert [level for level in Assurance if asking.can_reach(provider(**settings), level)] == list(Assurance)[:most]


def test_a_vector_with_an_identity_proves_no_level_by_its_credentials() -> None:
    listed = provider(level_by="vtr", vtr={"low": "Cl.Cm", "medium": "Cl.Cm.P2"})
    assert asking.level_in(listed, {"vot": "Cl.Cm"}) is LOW
    assert asking.level_in(listed, {"vot": "Cl.Cm.P2"}) is LOW
    assert asking.level_in(provider(level_by="vtr", vtr={"low": "Cl", "medium": "Cl.Cm"}), {"vot": "Cl.Cm"}) is MEDIUM


@pytest.mark.parametrize(
    ("auth_time", "code"),
    [
        (1000.0, None),
        (399.0, None),
        (369.9, "auth_time_old"),
        (1031.0, "auth_time_future"),
        (None, "auth_time_missing"),
    ],
)
def test_the_proof_must_be_young_within_the_leeway(auth_time: float | None, code: str | None) -> None:
    asked = Asked(fresh=600)
    if code is None:
        asking.check_fresh(asked, auth_time, now=1000.0, leeway=30.0)
    else:
        with pytest.raises(NotMet, match=code):
            asking.check_fresh(asked, auth_time, now=1000.0, leeway=30.0)
    asking.check_fresh(Asked(), auth_time, now=1000.0, leeway=30.0)  # nobody has asked
