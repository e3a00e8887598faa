"""create_app: settings → database → actor → features → errors."""

import importlib
import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

import click
from flask import Flask, g, request
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from lms import authz, cli, clock, commands, i18n, logs, media, queueing, vault
from lms.db import db, guard, pool
from lms.web import assets, charts, errors, health, markup, security, shell
from lms.web.bodies import Bodies


class Unpoliced(RuntimeError):
    """A page without a word on who may see it: the app does not start."""


class _App(Flask):
    """Flask without asking of each function at each request whether it is asynchronous: none of ours is."""

    json_provider_class = Bodies

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


def create_app(
    settings: config.Settings | None = None, features: Sequence[str] = config.FEATURES, *, guarded: bool = True
) -> Flask:
    """Build the application.

    Without settings, they are read from LMS_* variables. When a command line is asked for and the settings
    are missing, the app still knows the commands that only read files; everything else says what is missing.
    `guarded=False` leaves out the database check (for migrations, before the app's role has its rights).
    """
    if settings is None:
        try:
            settings = config.Settings.load()
        except config.SettingsRefused as refused:
            return _offline(features, str(refused))
    app = _configured(settings)
    _connect(app, settings)
    _wire(app, features)
    app.config["GUARDED"] = guarded
    if guarded and not _serves_a_command():
        with app.app_context():
            guard.check(db.engine, guard.PATIENCE)
    queueing.install(app, settings)
    errors.install(app)
    _check_every_page_is_policed(app)
    return app


def _configured(settings: config.Settings) -> Flask:
    app = _App("lms", static_folder="web/static", template_folder="web/templates", static_url_path="/static/lms")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        LMS=settings,
        MAX_CONTENT_LENGTH=settings.max_upload_mb << 20,
        MAX_FORM_MEMORY_SIZE=2 << 20,
        BOOTSTRAP_SERVE_LOCAL=True,
        SESSION_COOKIE_NAME="__Host-flash" if settings.https else "flash",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # Origin is checked for every unsafe method instead
    )
    clock.configure(settings.timezone)
    media.configure(settings.media_url, settings.max_film_mb << 20)
    vault.configure(vault.Vault(vault.keys_from(settings.data_keys), settings.index_key.encode()))
    logs.configure(settings.log_format)
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    Bootstrap5(app)
    i18n.install(app, settings.timezone)
    security.install(app, settings.public_url)
    assets.install(app)
    markup.install(app)
    shell.install(app, settings)
    charts.install(app)
    return app


def _connect(app: Flask, settings: config.Settings) -> None:
    app.config["SQLALCHEMY_ENGINES"] = {
        "default": {
            "url": settings.database_url,
            "pool_size": settings.pool_size,
            "max_overflow": settings.pool_size,
            "pool_timeout": 10,
            "hide_parameters": True,  # an error's words go into logs; what people wrote does not
            "json_serializer": lambda value: json.dumps(value, ensure_ascii=False),
        }
    }
    db.init_app(app)
    # The extension ends asynchronous sessions too, by starting a thread at the end of every request; there are none.
    ends = app.teardown_appcontext_funcs
    ends[:] = [end for end in ends if not inspect.iscoroutinefunction(end)]
    with app.app_context():
        pool.try_rested(db.engine)

    @app.before_request
    def identify() -> None:
        if not (request.endpoint or "").endswith("static"):
            db.serve(_who_asks(app))


def _who_asks(app: Flask) -> authz.Actor:
    """The actor of this request; a page that checks the sign-in again by itself may be told from memory."""
    rechecks = getattr(app.view_functions.get(request.endpoint or ""), "rechecks", False)
    ask = app.extensions.get("identify_from_memory" if rechecks else "identify")
    g.actor = ask() if ask is not None else authz.Actor.PUBLIC
    return g.actor  # type: ignore[no-any-return]


def _wire(app: Flask, features: Sequence[str]) -> None:
    for name in features:
        importlib.import_module(f"{name}.wiring").wire(app)
    health.install(app)
    commands.register()
    cli.install(app)
    assets.open_static(app)


def _check_every_page_is_policed(app: Flask) -> None:
    silent = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "needs", None) not in authz.POLICY
    ]
    if silent:
        raise Unpoliced("nobody has said who may see: " + ", ".join(sorted(silent)))


def _serves_a_command() -> bool:
    """Whether a command of ours is being looked up: each guards itself, for some need no database (lms.cli)."""
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, click.Group)


def _offline(features: Sequence[str], reason: str) -> Flask:
    if click.get_current_context(silent=True) is None:
        raise config.SettingsRefused(reason)
    commands.register()
    return cli.offline_app(features, reason)
