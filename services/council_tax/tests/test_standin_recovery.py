"""Recovery at the stand-in: steps come on their days, add their costs, and stop when somebody pays or agrees."""

from services.council_tax.tests.playing import Home, Playing


def behind(standin: Playing, today: str) -> Home:
    """Somebody who was billed on 1 April and has paid nothing; the first payment was due on 1 May."""
    home = standin.opens()
    standin.behave(today=today)
    return home


def steps(standin: Playing, home: Home) -> list[tuple[str, str, int]]:
    """Each step with its day and costs."""
    recovery = standin.account(home)["recovery"]
    return [(each["step"], each["on"], each["costs"]) for each in recovery["steps"]]


def test_nothing_comes_before_something_is_missed(standin: Playing) -> None:
    assert standin.account(behind(standin, "2026-05-01"))["recovery"] is None


def test_what_was_missed_says_what_to_pay_by_when_before_any_reminder(standin: Playing) -> None:
    account = standin.account(behind(standin, "2026-05-04"))
    first, recovery = account["instalments"][0], account["recovery"]
    assert (first["due_on"], first["state"]) == ("2026-05-01", "late")
    assert (recovery["steps"], recovery["next_step"], recovery["next_on"]) == ([], "reminder", "2026-05-11")
    assert recovery["pay_pence"] == first["pence"]


def test_a_reminder_comes_and_whoever_pays_has_no_more_to_fear(standin: Playing) -> None:
    home = behind(standin, "2026-05-11")
    assert steps(standin, home) == [("reminder", "2026-05-11", 0)]
    standin.behave(today="2026-05-12")
    standin.pay(home, standin.account(home)["recovery"]["pay_pence"], on="2026-05-12")
    recovery = standin.account(home)["recovery"]
    assert (recovery["next_step"], recovery["pay_pence"]) == (None, 0)


def test_the_whole_year_is_due_when_a_reminder_is_not_followed(standin: Playing) -> None:
    account = standin.account(behind(standin, "2026-05-19"))
    assert {each["state"] for each in account["instalments"]} == {"cancelled"}
    assert account["recovery"]["next_step"] == "summons"
    assert account["recovery"]["pay_pence"] == account["balance"]


def test_each_step_adds_its_costs_to_the_balance_once(standin: Playing) -> None:
    home = behind(standin, "2026-06-25")
    assert steps(standin, home) == [
        ("reminder", "2026-05-11", 0),
        ("summons", "2026-05-30", 6000),
        ("liability_order", "2026-06-20", 4000),
    ]
    account = standin.account(home)
    assert account["costs"] == 10_000
    assert account["balance"] == account["charge"] + 10_000


def test_days_in_between_make_the_same_steps_as_one_look_at_the_end(standin: Playing) -> None:
    home = standin.opens()
    for day in ("2026-05-11", "2026-05-12", "2026-05-31", "2026-06-19", "2026-06-20", "2026-06-25"):
        standin.behave(today=day)
        standin.account(home)
    assert [each[0] for each in steps(standin, home)] == ["reminder", "summons", "liability_order"]
    assert standin.account(home)["costs"] == 10_000


def test_an_arrangement_spreads_all_that_is_owed_and_stops_the_next_step(standin: Playing) -> None:
    home = behind(standin, "2026-06-01")
    owed = standin.account(home)["balance"]
    said = standin.change(home, "arrangement", months=5, day=15)
    account = standin.account(home)
    assert said["state"] == "accepted"
    assert account["balance"] == owed
    assert account["recovery"]["steps"][-1]["step"] == "arrangement"
    assert account["recovery"]["next_step"] is None
    assert sum(each["pence"] - each["paid"] for each in account["instalments"]) == owed
    assert [each["due_on"] for each in account["instalments"]] == [
        "2026-06-15",
        "2026-07-15",
        "2026-08-15",
        "2026-09-15",
        "2026-10-15",
    ]


def test_a_long_arrangement_is_for_an_officer_and_a_longer_one_is_refused(standin: Playing) -> None:
    home = behind(standin, "2026-06-01")
    assert standin.change(home, "arrangement", months=12, day=15)["state"] == "with_officer"
    said = standin.change(home, "arrangement", months=60, day=15)
    assert (said["state"], said["reason"]) == ("refused", "too_many_months")


def test_who_owes_nothing_needs_no_arrangement(standin: Playing) -> None:
    home = standin.opens()
    standin.pay(home, standin.account(home)["balance"])
    said = standin.change(home, "arrangement", months=5, day=15)
    assert (said["state"], said["reason"]) == ("refused", "nothing_owed")


def test_a_payment_on_time_leaves_nothing_to_recover(standin: Playing) -> None:
    home = behind(standin, "2026-05-01")
    standin.pay(home, standin.account(home)["instalments"][0]["pence"], on="2026-05-01")
    standin.behave(today="2026-05-30")
    assert standin.account(home)["recovery"] is None


def test_an_officer_may_give_back_the_right_to_pay_by_instalments(standin: Playing) -> None:
    home = behind(standin, "2026-05-20")
    bank = {"payer_name": "R", "sort_code": "089999", "account_number": "66374958"}
    standin.behave(today="2026-05-20", officer_minutes=0)
    assert standin.change(home, "direct_debit", day=15, **bank)["state"] == "with_officer"
    account = standin.account(home)
    assert account["instalments"][0]["due_on"] == account["direct_debit"]["first_on"] == "2026-06-15"
    assert sum(each["pence"] for each in account["instalments"]) == account["charge"]
    assert account["recovery"]["next_step"] is None


def test_agents_for_one_year_do_not_hide_what_comes_in_the_next(standin: Playing) -> None:
    recovery = standin.account(behind(standin, "2027-04-05"))["recovery"]
    assert recovery["steps"][-1]["step"] == "enforcement"
    assert (recovery["next_step"], recovery["next_on"]) == ("reminder", "2027-04-11")
