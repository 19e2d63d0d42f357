"""Our provider, used by Apache's mod_auth_openidc, and its receiver of back-channel logout (OP-03)."""

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.db.session import dispose, session
from portal.provider import operations
from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from tests.peers.installing import apache_folder
from tests.peers.resident import Resident
from tests.peers.running import Peer, free_port, served
from tests.support.settings import settings_for
from tests.support.worker import work

SECRET = "a-secret-of-the-client-for-tests-only-0123456789"
PASSWORD = "three random words"
MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "auth_openidc")

CONFIGURATION = """\
ServerRoot {home}
ServerName 127.0.0.1
PidFile {home}/pid
Listen 127.0.0.1:{port}
ErrorLog /dev/stderr
LogLevel warn
DocumentRoot {home}/pages
DirectoryIndex index.html
ThreadsPerChild 8
ServerLimit 1
MaxRequestWorkers 8
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret {secret}
OIDCRedirectURI http://127.0.0.1:{port}/callback
OIDCCryptoPassphrase a-key-of-a-test-only
OIDCPKCEMethod S256
OIDCScope "openid profile email"
OIDCDefaultLoggedOutURL http://127.0.0.1:{port}/callback?info=nothing
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
"""


class Apache:
    """The running server."""

    def __init__(self, address: str, issuer: str, provider: Flask, peer: Peer) -> None:
        self.address, self.issuer, self.provider, self.peer = address, issuer, provider, peer


@pytest.fixture
def apache(clean_database: str) -> Iterator[Apache]:
    """An Apache whose pages are for people of a provider of ours."""
    issuer, port = f"http://localhost:{free_port()}", free_port()
    address = f"http://127.0.0.1:{port}"
    settings = settings_for(
        clean_database, public_url=issuer, own_provider=OwnProvider(issuer=issuer), providers={}, demo=True
    )
    provider = create_provider(settings)
    with provider.app_context():
        operations.ensure_client(
            "apache",
            title="Apache",
            redirect_uris=[f"{address}/callback"],
            backchannel_logout_uri=f"{address}/callback?logout=backchannel",
            secret=SECRET,
            settings=settings,  # a demo's, for it alone may tell an address of this machine of a sign-out
        )
        operations.register_person(
            email="priya@example.org", password=PASSWORD, given_name="Priya", family_name="Shah", verified=True
        )
        session().commit()
    try:
        with served(provider, int(issuer.rpartition(":")[2])), tempfile.TemporaryDirectory() as home:
            peer = _started(Path(home), port, issuer)
            try:
                peer.wait_for_port(port)
                yield Apache(address, issuer, provider, peer)
            finally:
                peer.stop()
    finally:
        with provider.app_context():
            dispose()


def _started(home: Path, port: int, issuer: str) -> Peer:
    installed = apache_folder()
    home.chmod(0o755)  # its children are another user
    (home / "pages").mkdir()
    (home / "pages" / "index.html").write_text("<h1>For residents</h1>")
    modules = installed / "usr/lib/apache2/modules"
    lines = [f"LoadModule {name}_module {modules}/mod_{name}.so" for name in MODULES]
    if os.getuid() == 0:
        lines.append(f"User {pwd.getpwnam('www-data').pw_name}")
    written = "\n".join(lines) + "\n" + CONFIGURATION.format(home=home, port=port, issuer=issuer, secret=SECRET)
    (home / "apache.conf").write_text(written)
    libraries = installed / "usr/lib" / f"{os.uname().machine}-linux-gnu"
    command = [str(installed / "usr/sbin/apache2"), "-D", "FOREGROUND", "-f", str(home / "apache.conf")]
    return Peer(command, cwd=home, env={"LD_LIBRARY_PATH": str(libraries), "PATH": os.environ["PATH"]})


def sign_in(apache: Apache) -> Resident:
    """A resident who has signed in to Apache's pages."""
    resident = Resident(apache.address)
    page = resident.get("/")
    assert page.url.startswith(apache.issuer), page.text
    page = resident.press(page, "password", email="priya@example.org", password=PASSWORD)
    assert (page.status_code, page.url) == (200, f"{apache.address}/"), page.text
    assert "For residents" in page.text
    return resident


def is_signed_in(resident: Resident) -> bool:
    """Whether Apache shows its page without asking again."""
    return resident.browser.get(f"{resident.address}/", allow_redirects=False, timeout=20).status_code == 200


def test_op_03_mod_auth_openidc_signs_in(apache: Apache) -> None:
    assert is_signed_in(sign_in(apache))


def test_op_03_mod_auth_openidc_is_told_of_a_sign_out(apache: Apache) -> None:
    resident, other = sign_in(apache), sign_in(apache)
    page = resident.browser.get(f"{apache.issuer}/logout", timeout=20)
    resident.press(page, "/sign-out")
    with apache.provider.app_context():
        assert work() == ["provider.tell_client"]
    assert not is_signed_in(resident)
    assert is_signed_in(other), "a sign-in in another browser goes on"
