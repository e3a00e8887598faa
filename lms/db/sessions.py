"""The session of a request: made when it is first asked for, and made for whoever the request serves."""

from typing import Any

from flask import g
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import orm

from lms.db.fence import Reader, act_as, acting


class Sessions(SQLAlchemy):
    """The extension, whose sessions know for whom they read; a request that needs none pays for none."""

    def serve(self, actor: Reader) -> None:
        """Say on whose behalf this request reads and writes."""
        g.served = actor
        if self.begun:
            act_as(self.session, actor)

    @property
    def actor(self) -> Any:
        """On whose behalf this request or job reads and writes; asking makes no session. Raises NoActor."""
        served = g.get("served")
        return served if served is not None else acting(self.session)

    @property
    def begun(self) -> bool:
        """Whether this request has a session."""
        return bool(g.get("_sqlalchemy_sessions"))

    def get_session(self, name: str = "default") -> orm.Session:
        """The session of this request; see `serve`."""
        fresh = not self.begun
        session = super().get_session(name)
        if fresh and "served" in g:
            act_as(session, g.served)
        return session


db = Sessions()
