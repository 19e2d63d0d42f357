"""Everything that a Flask application of ours needs to show pages: the portal and the provider both call `install`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.settings.portal import Settings
from portal.web import (
    cookies,
    csrf,
    error_pages,
    fault_log,
    headers,
    hosts,
    languages,
    money,
    page,
    public_pages,
    request_ids,
    static_files,
    uploads,
)
from portal.web.compiled import COMPILED
from portal.web.state import KEY, WebState

FORM_OVERHEAD = 1_000_000
"""What a form may weigh beside its file."""


def install(
    app: Flask,
    settings: Settings,
    *,
    name: str,
    address: str | None = None,
    session_cookie: str = csrf.SESSION_COOKIE,
) -> None:
    """Set `app` up for pages. `name` begins the names of its cookies.

    `address` is where browsers find it, `public_url` when not given; requests by another host's name are refused.
    Form tokens are tied to `session_cookie`.
    """
    address = address or settings.public_url
    app.extensions[KEY] = WebState(
        settings=settings,
        name=name,
        address=address,
        # Our own question whether a process is healthy calls every one by the portal's name.
        hosts=hosts.hosts_of(address, settings.public_url),
        origins=hosts.origins_of(address),
        session_cookie=session_cookie,
    )
    app.config["MAX_CONTENT_LENGTH"] = settings.upload_megabytes * 1024 * 1024 + FORM_OVERHEAD
    app.config["MAX_FORM_MEMORY_SIZE"] = 500_000
    app.config["MAX_FORM_PARTS"] = 500
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how Flask documents middleware
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    _install_templates(app)
    languages.add_catalogue(Path(__file__).with_name("translations") / "cy.po")
    headers.allow_form_targets(app, *(provider.issuer for provider in settings.providers.values()))

    # Flask runs what comes after a request in reverse order: cookies are written last, so that all have been put.
    app.after_request(cookies.write)
    headers.install(app)
    request_ids.install(app)
    # No view or hook of ours is a coroutine, and Flask would ask that of each of them in each request.
    app.ensure_sync = _as_it_is  # type: ignore[method-assign]  # Flask's documented place for this
    app.before_request(languages.choose_language)
    app.before_request(hosts.check)
    if settings.demo:
        app.before_request(hosts.to_one_name)
    app.before_request(uploads.bound)
    app.before_request(csrf.check)
    error_pages.install(app)
    fault_log.install(app)
    static_files.install(app)
    app.register_blueprint(public_pages.bp)
    app.context_processor(page.frame_values)


def _as_it_is(func: Callable[..., Any]) -> Callable[..., Any]:
    return func


def compile_templates(app: Flask) -> int:
    """Compile every template now, and say how many: Jinja has no lock, and the first visitors would all wait.

    Called when every room and service is in place. A template that does not compile stops the start.
    """
    names = [one for one in app.jinja_env.list_templates() if one.endswith((".html", ".txt"))]
    for one in names:
        app.jinja_env.get_template(one)
    return len(names)


def _install_templates(app: Flask) -> None:
    app.jinja_options = {
        **app.jinja_options,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "cache_size": -1,
        "auto_reload": app.debug,
        "bytecode_cache": COMPILED,
        "extensions": ["jinja2.ext.i18n"],
    }
    environment = app.jinja_env
    environment.globals |= {
        "_": languages.template_gettext,
        "gettext": languages.template_gettext,
        "ngettext": languages.template_ngettext,
        "csrf_field": csrf.csrf_field,
        "csp_nonce": headers.csp_nonce,
        "asset": page.asset,
        "link": page.link,
        "has_page": page.has_page,
    }
    environment.filters |= {
        "capital": languages.capital,
        "format_date": languages.format_date,
        "format_datetime": languages.format_datetime,
        "format_time": languages.format_time,
        "money": money.money,
    }
    # Ours fill in variables themselves; this makes {% trans %} hand them over by name.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # set by the extension
