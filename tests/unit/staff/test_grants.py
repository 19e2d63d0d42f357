"""What a line of the table of rights allows, and what it does not. Pure."""

from dataclasses import dataclass

import pytest
from sqlalchemy.dialects import postgresql

from portal.cases.models import CaseRow
from portal.errors import Forbidden, NotFound
from portal.staff.claims import groups_in, person_in
from portal.staff.values import RIGHT_TITLES, ROLE_TITLES, ROLES, Grant, Grants


@dataclass(frozen=True)
class Somewhere:
    service: str = "reporting"
    type: str = "pothole"
    area: str = "riverside"
    team: str = "streets"


CASE = Somewhere()


def test_nothing_is_allowed_that_no_line_allows() -> None:
    nothing = Grants()
    assert not nothing
    for right in RIGHT_TITLES:
        assert not nothing.allow(right)
        assert not nothing.on(right, CASE)
    assert sql(nothing, "look") == "false"


def test_an_empty_place_means_any() -> None:
    grants = Grants((Grant("caseworker"),))
    assert grants.on("work", CASE)
    assert grants.on("work", Somewhere(team="", area=""))
    assert not grants.on("decide", CASE)
    assert sql(grants, "work") == "true"


@pytest.mark.parametrize("place", ["service", "type", "area", "team"])
def test_a_named_place_must_be_the_very_one(place: str) -> None:
    grants = Grants((Grant("lead", **{place: getattr(CASE, place)}),))
    assert grants.on("lead", CASE)
    for other in ("", "other", getattr(CASE, place).upper()):
        assert not grants.on("lead", Somewhere(**{place: other}))
    assert grants.allow("lead")
    assert f"{place} = '{getattr(CASE, place)}'" in sql(grants, "lead")


def test_two_lines_never_add_up_to_a_third() -> None:
    grants = Grants((Grant("caseworker", team="north"), Grant("viewer", team="streets")))
    assert grants.on("look", CASE)
    assert not grants.on("work", CASE)
    assert grants.allow("work", team="north")


def test_looking_at_another_teams_case_finds_none_and_acting_on_ones_own_says_why_not() -> None:
    grants = Grants((Grant("viewer", team="streets"),))
    grants.require("look", CASE)
    with pytest.raises(Forbidden):
        grants.require("work", CASE)
    for right in ("look", "work"):
        with pytest.raises(NotFound):
            grants.require(right, Somewhere(team="north"))


def test_a_role_that_the_code_no_longer_knows_may_do_nothing() -> None:
    grants = Grants((Grant("king"),))  # type: ignore[arg-type]  # as an old row of the table may say
    assert not any(grants.allow(right) for right in RIGHT_TITLES)


def test_an_administrator_sees_no_residents_record() -> None:
    assert ROLES["administrator"] == {"administer", "operate"}  # rights, and other systems
    assert not ROLES["auditor"] & {"look", "work", "decide", "lead", "assist", "see_as"}


def test_every_role_and_right_has_words() -> None:
    assert ROLE_TITLES.keys() == ROLES.keys()
    assert RIGHT_TITLES.keys() == frozenset().union(*ROLES.values())


def test_the_closest_line_says_in_which_role_somebody_looked() -> None:
    wide, close = Grant("lead"), Grant("caseworker", service="reporting", team="streets")
    assert Grants((wide, close)).role_for("look", CASE) == close
    assert Grants((wide, close)).role_for("see_as", CASE) == wide
    assert Grants((close,)).role_for("look", Somewhere(team="north")) is None


def test_the_teams_of_a_right() -> None:
    assert Grants((Grant("lead", team="a"), Grant("viewer", team="b"))).teams("lead") == {"a"}
    assert Grants((Grant("lead", team="a"), Grant("lead"))).teams("lead") is None
    assert Grants().teams("lead") == frozenset()


@pytest.mark.parametrize(
    ("told", "groups"),
    [
        (["b", "a", "b"], ("a", "b")),
        ("one", ("one",)),
        (None, ()),
        ({"a": 1}, ()),
        ([1, None, "", "x" * 201, "a\x00b", ["a"], "good"], ("good",)),
        (7, ()),
    ],
    ids=["list", "text", "none", "object", "odd-members", "number"],
)
def test_groups_are_believed_in_no_other_form(told: object, groups: tuple[str, ...]) -> None:
    assert groups_in({"groups": told}, "groups") == groups


def test_nobody_has_endless_groups() -> None:
    assert len(groups_in({"groups": [f"g{n}" for n in range(5000)]}, "groups")) == 500


def test_somebody_without_a_name_is_called_by_their_address() -> None:
    assert person_in({"email": "s@staff.example"}, "groups").name == "s@staff.example"
    assert person_in({"given_name": "Sunita", "family_name": "Deskworker"}, "groups").name == "Sunita Deskworker"
    assert person_in({"name": ["Sunita"], "email": 7}, "groups").name == ""


def sql(grants: Grants, right: str) -> str:
    condition = grants.where(right, CaseRow)  # type: ignore[arg-type]  # a right as a text
    return str(condition.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
