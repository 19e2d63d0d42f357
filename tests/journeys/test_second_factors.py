"""Devi adds a passkey and signs in with it; Gita passes a second step; Edwin sets one up without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import Visitor

SHOWN = re.compile(r"would show now is (\d{6})")


@pytest.fixture
def gita(arrive: Callable[..., Visitor]) -> Visitor:
    """Somebody who has switched the second step on."""
    visitor = arrive()
    visitor.page.goto("/sign-in?next=/home")
    visitor.press(re.compile("^Sign in with "))
    visitor.sign_in_at_provider("Gita Placeholder")
    return visitor


class Key:
    """A device that holds passkeys and knows its owner, plugged into a visitor's browser."""

    def __init__(self, visitor: Visitor) -> None:
        self._cdp = visitor.context.new_cdp_session(visitor.page)
        self._cdp.send("WebAuthn.enable")
        kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
        self._id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def forgets(self) -> None:
        """It holds nothing any more."""
        self._cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})


def type_code(visitor: Visitor) -> None:
    """Copy the code that the demo shows."""
    found = SHOWN.search(visitor.page.locator("main").inner_text())
    assert found
    visitor.fill("Six-digit code", found[1])
    visitor.press("Continue")


def test_devi_adds_a_passkey_and_signs_in_with_it(arrive: Callable[..., Visitor]) -> None:
    devi = arrive()
    key = Key(devi)
    devi.sign_in("Devi Pretend")
    devi.go("/id/your-sign-in")
    devi.follow("Add a passkey")
    devi.sees("Add a passkey")
    devi.press("Continue")
    devi.reads("Enter a name for the passkey")
    devi.sees("Add a passkey")
    devi.fill("Name of the passkey", "Devi’s telephone")
    devi.press("Continue")
    devi.sees("How you sign in")
    devi.reads("Devi’s telephone")
    devi.follow("Add a passkey")
    devi.fill("Name of the passkey", "once more")
    devi.press("Continue")
    expect(devi.page.locator(".govuk-error-summary")).to_be_focused()
    expect(devi.page.get_by_role("alert")).to_contain_text("There is a passkey for this account on this device already")
    devi.context.clear_cookies()
    # A device that answers at once would answer the offer beside the e-mail field, before the button is pressed.
    devi.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    devi.go("/id/sign-in")
    devi.press("Sign in with a passkey")
    devi.sees("You are signed in")
    devi.follow("Change how you sign in")
    devi.follow(re.compile("^Rename"))
    devi.sees("Rename your passkey")
    devi.fill("Name of the passkey", "kitchen tablet")
    devi.press("Save")
    devi.reads("kitchen tablet")
    devi.follow(re.compile("^Remove"))
    devi.sees("Remove this passkey")
    devi.press("Remove the passkey")
    devi.sees("How you sign in")
    key.forgets()
    devi.context.clear_cookies()
    devi.go("/id/sign-in")
    devi.press("Sign in with a passkey")
    expect(devi.page.locator(".govuk-error-summary")).to_be_focused()
    expect(devi.page.get_by_role("alert")).to_contain_text("The passkey was not used")
    expect(devi.page).to_have_title(re.compile("^Error: "))
    devi.sees("Sign in to your council account")


def test_gita_passes_her_second_step(gita: Visitor) -> None:
    gita.sees("One more step to sign in")
    gita.fill("Six-digit code", "000 000")
    gita.press("Continue")
    gita.reads("That is not the code of this moment")
    gita.sees("One more step to sign in")
    type_code(gita)
    gita.at("/home")


def test_edwin_sets_an_app_up_and_keeps_his_codes_without_script(arrive: Callable[..., Visitor]) -> None:
    edwin = arrive(scripted=False)
    edwin.go("/id/sign-in")
    expect(edwin.page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    edwin.sign_in_at_provider("Edwin Specimen")
    edwin.go("/id/your-sign-in")
    edwin.follow("Add a passkey")
    edwin.sees("Add a passkey")
    edwin.reads("This browser cannot make passkeys, or JavaScript is switched off")
    expect(edwin.page.get_by_label("Name of the passkey")).to_be_hidden()
    edwin.follow("Back")
    edwin.follow("Set up an authenticator app")
    edwin.sees("Set up an authenticator app")
    type_code(edwin)
    edwin.sees("Keep these recovery codes")
    code = edwin.page.locator("code").first.inner_text()
    edwin.press("I have kept them, continue")
    edwin.sees("How you sign in")
    edwin.reads("You have 10 codes left")
    edwin.context.clear_cookies()
    edwin.go("/id/sign-in")
    edwin.sign_in_at_provider("Edwin Specimen")
    edwin.sees("One more step to sign in")
    edwin.follow("use one of your recovery codes")
    edwin.sees("Use a recovery code")
    edwin.fill("Recovery code", code.upper())
    edwin.press("Continue")
    edwin.sees("You are signed in")
    edwin.follow("Change how you sign in")
    edwin.reads("You have 9 codes left")
    for each in ("Change your password", "Make new recovery codes", "Sign out everywhere"):
        if edwin.page.get_by_role("link", name=each).count():
            edwin.follow(each)
            edwin.sees(each)
            edwin.follow("Back")
    edwin.follow("Remove the authenticator app")
    edwin.sees("Remove the authenticator app")
    edwin.press("Remove the authenticator app")
    edwin.sees("How you sign in")
