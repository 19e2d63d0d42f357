"""What one running provider knows of itself."""

from dataclasses import dataclass, field

from flask import Flask, current_app

from portal.provider.shapes import SHAPES, Shape
from portal.settings.portal import Settings
from portal.signing.ring import KeyRing

KEY = "moothall.provider"


@dataclass(frozen=True, slots=True)
class ProviderState:
    """Settings and keys."""

    settings: Settings
    ring: KeyRing
    issuer: str = field(init=False)
    """Exactly as in every token and document of ours."""
    shape: Shape = field(init=False)
    """In which shape we answer."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "issuer", self.settings.issuer)
        object.__setattr__(self, "shape", SHAPES[self.settings.own_provider.shape])

    def url(self, path: str) -> str:
        """The whole address of one of our endpoints, made from the issuer and never from a Host header."""
        return f"{self.issuer.rstrip('/')}{path}"


def provider() -> ProviderState:
    """The provider of this request."""
    state: ProviderState = current_app.extensions[KEY]
    return state


def install(app: Flask, state: ProviderState) -> None:
    """Give `app` its provider."""
    app.extensions[KEY] = state
