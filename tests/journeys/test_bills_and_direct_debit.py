"""Ada reads a bill and sets up a Direct Debit on her telephone, which runs no script; Ben sees that she did."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.visitor import PHONE, Visitor

ACCOUNT = "/services/council_tax/accounts/71000101"


def test_ada_reads_a_bill_and_sets_up_a_direct_debit(arrive: Callable[..., Visitor]) -> None:
    ada = arrive(scripted=False, viewport=PHONE)
    ada.go("/")
    ada.sign_in("Ada Example")
    ada.go(f"{ACCOUNT}/bills")
    ada.sees("Your council tax bills")
    ada.page.get_by_role("link", name=re.compile(r"bill of \d|Bill for the year")).first.click()
    ada.sees(re.compile(r"Council tax bill for \d{4} to \d{4}"))
    ada.reads("How we worked out your bill")
    ada.go(f"{ACCOUNT}/e-billing")
    ada.sees("How do you want to get your bills?")
    ada.go(f"{ACCOUNT}/direct-debit")
    ada.sees("Direct Debit")
    ada.button(re.compile("Set up a Direct Debit|Change the bank account")).click()
    ada.sees(re.compile("by yourself"))
    ada.answer("Yes, nobody else has to agree")
    ada.fill("What is the name on the bank account?", "A Lark")
    ada.press("Continue")
    ada.sees("What is the sort code?")
    ada.fill("What is the sort code?", "08-99-9")
    ada.press("Continue")
    ada.sees("What is the sort code?")
    ada.follow("Sort code must have 6 numbers, like 30-94-30")
    ada.fill("What is the sort code?", "08-99-99")
    ada.press("Continue")
    ada.sees("What is the account number?")
    ada.fill("What is the account number?", "6637 4958")
    ada.press("Continue")
    ada.sees(re.compile("On which day"))
    ada.answer("Day 15 of the month")
    ada.sees("Check your Direct Debit")
    ada.reads("Ends in 58")
    expect(ada.page.locator("body")).not_to_contain_text("66374958")
    ada.press("Set up the Direct Debit")
    ada.sees("Check your Direct Debit")
    ada.page.get_by_label("Instruct my bank or building society").check()
    ada.press("Set up the Direct Debit")
    ada.sees("Direct Debit instruction sent")
    ada.reads("The Direct Debit Guarantee")
    ben = arrive()
    ben.go("/")
    ben.sign_in("Ben Sample")
    ben.go(f"{ACCOUNT}/direct-debit")
    ben.eventually("The one that ends in 58")
    expect(ben.page.locator("body")).not_to_contain_text("66374958")
