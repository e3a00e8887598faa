"""The whole authorisation matrix, asked again and compared with the committed one."""

from flask import Flask
from sqlalchemy import orm

from tests.conftest import As
from tests.factories.world import World
from tests.fences.test_permissions import compare_with_the_committed_matrix


def test_the_authorisation_matrix_is_the_committed_one(
    app: Flask, session: orm.Session, as_: As, world: World
) -> None:
    compare_with_the_committed_matrix(app, session, as_, world)
