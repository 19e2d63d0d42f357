"""Which level a sign-in reaches."""

import pytest

from portal.provider.levels import MFA, SFA, acr_of, reaches


@pytest.mark.parametrize(
    ("amr", "acr"),
    [
        (["pwd"], SFA),
        (["demo"], SFA),
        ([], SFA),
        (["hwk"], SFA),
        (["hwk", "user"], SFA),
        (["otp", "hwk"], SFA),
        (["pwd", "pin"], SFA),
        (["pwd", "otp"], MFA),
        (["pwd", "hwk"], MFA),
        (["hwk", "pin"], MFA),
        (["hwk", "fpt"], MFA),
        (["mfa"], MFA),
    ],
)
def test_two_factors_count_when_they_are_of_two_kinds(amr: list[str], acr: str) -> None:
    assert acr_of(amr) == acr


def test_a_higher_level_reaches_the_lower_and_not_the_other_way_round() -> None:
    assert reaches(["pwd", "otp"], [SFA])
    assert reaches(["pwd"], [MFA, SFA])
    assert not reaches(["pwd"], [MFA])
    assert not reaches(["pwd", "otp"], ["gold"])
    assert not reaches(["pwd"], [])
