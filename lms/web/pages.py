"""Pages that cannot exist without saying who may see them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from flask import Blueprint, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.authz import Actor, Open, Permission, only
from lms.db import Model, db
from lms.errors import NotAllowed

View = Callable[..., ResponseReturnValue]


class Pages(Blueprint):
    """A feature's pages; templates and static files lie in the feature's own folders."""

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        options.setdefault("template_folder", "templates")
        options.setdefault("static_folder", "static")
        super().__init__(name, import_name, static_url_path=f"/static/{name}", **options)

    def page(
        self,
        rule: str,
        *,
        needs: Permission,
        on: Callable[..., object] | None = None,
        methods: tuple[str, ...] = ("GET",),
        relation: str | None = None,
        rechecks: bool = False,
    ) -> Callable[[View], View]:
        """Serve a view to whoever has `needs` on the thing that `on` loads from the address.

        The view receives the loaded thing (or nothing), never an id. `on` raises NotFound, or returns None,
        for what the actor cannot reach. `relation` is a note for the list of permissions. `rechecks=True` promises
        that the view's own statement refuses what `sign_in_to_check()` names once that sign-in has ended; then who
        asks may come from memory (hot paths only).
        """

        def add(view: View) -> View:
            @wraps(view)
            def guarded(**ids: Any) -> ResponseReturnValue:
                actor: Actor = db.actor
                if not actor.signed_in and needs not in (actor.only or ()) and not actor.may(needs):
                    return _to_sign_in()
                things = (only(on(**ids)),) if on is not None else ()
                if not actor.may(needs, *things):
                    raise NotAllowed(needs)
                return view(*things)

            guarded.needs = needs  # type: ignore[attr-defined]
            guarded.loads = on  # type: ignore[attr-defined]
            guarded.relation = relation  # type: ignore[attr-defined]
            guarded.rechecks = rechecks  # type: ignore[attr-defined]
            self.add_url_rule(rule, view.__name__, guarded, methods=list(methods))
            return view

        return add

    def route(self, *_: object, **__: object) -> NoReturn:
        """There is no other door."""
        raise TypeError("say who may see it: .page(rule, needs=...)")

    get = post = put = patch = delete = route


def _to_sign_in() -> ResponseReturnValue:
    """A visitor is asked to sign in and then brought back; scripts get a plain 401."""
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        abort(401)
    return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))


def one(model: type[Model]) -> Callable[[int], object]:
    """A loader for `on=`: the row with the id in the address, if it is within reach."""

    def load(id: int) -> object:
        return db.session.get(model, id) if id < 1 << 63 else None

    return load


def actor() -> Actor:
    """Who asks for this page."""
    who: Actor = db.actor
    return who


def sign_in_to_check() -> int | None:
    """The sign-in that a page with `rechecks` must find still in force; None when it was asked in this request."""
    known: int | None = g.get("sign_in_to_check")
    return known


def public(view: View) -> View:
    """Mark a view of the plumbing itself (health, static files) as open to everyone."""
    view.needs = Open.EVERYONE  # type: ignore[attr-defined]
    return view


def nonce() -> str:
    """The request's id, for logs and for people who report a fault."""
    return str(g.get("request_id", ""))
