"""Migrations: one head, no difference from the models, and up, down, up with rows present."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from lms import jobs
from lms.db import Model, grants, schema
from tests import databases
from tests.factories.world import World


@pytest.fixture
def owner(template: databases.Database) -> sa.Engine:
    """A database of one's own with the world in it, as its owner."""
    made = databases.clone(template)
    return sa.create_engine(made.url(grants.OWNER), poolclass=sa.NullPool)


def tables(owner: sa.Engine) -> set[str]:
    return set(sa.inspect(owner).get_table_names())


def test_there_is_one_head(owner: sa.Engine) -> None:
    with owner.connect() as connection:
        assert len(ScriptDirectory.from_config(schema.alembic_config(connection)).get_heads()) == 1


@pytest.mark.filterwarnings("ignore:Did not recognize type 'ltree'")
def test_the_models_and_the_migrations_say_the_same(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        command.check(schema.alembic_config(connection))


@pytest.mark.filterwarnings("ignore:Did not recognize type 'ltree'")
def test_a_difference_is_seen(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE person ADD COLUMN planted text")
    with owner.begin() as connection, pytest.raises(Exception, match="planted"):
        command.check(schema.alembic_config(connection))


def test_up_down_up_with_rows_present(owner: sa.Engine) -> None:
    before = tables(owner)
    with owner.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM person"))
    with owner.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
    assert tables(owner) <= {"alembic_version"}
    schema.migrate(owner, jobs.QUEUE_SCHEMA, jobs.queue_ddl())
    assert tables(owner) == before
    schema.migrate(owner, jobs.QUEUE_SCHEMA, jobs.queue_ddl())


CHECKS = """
SELECT c.relname, o.conname, pg_get_constraintdef(o.oid) FROM pg_constraint o
  JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE o.contype = 'c' AND n.nspname = 'public'
"""


def checks(owner: sa.Engine) -> set[tuple[str, ...]]:
    with owner.connect() as connection:
        return {tuple(row) for row in connection.execute(sa.text(CHECKS))}


def test_the_checks_of_models_and_migrations_are_the_same(owner: sa.Engine) -> None:
    """Alembic does not look at them."""
    migrated = checks(owner)
    with owner.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
        Model.metadata.create_all(connection)
    assert checks(owner) == migrated


QUESTION = """
INSERT INTO technique (code, title, title_en, kind, core, categories, summary, standard, sources)
VALUES ('t', '测量', 'Measuring', 'procedure', true, '{nurse}', 's', 's', '[]');
INSERT INTO question (code, bank) VALUES ('q', 'b');
INSERT INTO question_version (question_id, version, kind, level, topic, technique_id, stem, options, option_keys,
 right_keys, explanation, source, passage, content_hash)
SELECT q.id, 1, 'multiple', 'apply', 't', t.id, 's', '[{"key": "A"}, {"key": "B"}, {"key": "C"}]', '{A,B,C}', '{A,C}',
 'e', '{}', 'p', sha256('x') FROM question q, technique t
"""


def test_the_key_of_a_question_goes_along(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "0002")
        connection.exec_driver_sql(QUESTION)
        command.upgrade(schema.alembic_config(connection), "head")
        assert connection.scalar(sa.text("SELECT key FROM question_version")) == ["A", "C"]
        command.downgrade(schema.alembic_config(connection), "0002")
        assert connection.scalar(sa.text("SELECT right_keys FROM question_version")) == ["A", "C"]


RECORDED = """
INSERT INTO rotation_department (institution_id, name)
SELECT institution_id, '重症医学科' FROM person WHERE id = {host};
INSERT INTO rotation_seat (department_id, number, opens_on, closes_on) SELECT id, 1, '2024-01-01', '2027-01-01'
  FROM rotation_department;
INSERT INTO rotation (person_id, institution_id, department_id, host_id, seat_id, seat_opens_on, seat_closes_on,
 doctor_name, begins_on, last_on, planned_last_on, started_on, state, recorded_at)
SELECT p.id, p.institution_id, d.id, d.institution_id, s.id, s.opens_on, s.closes_on,
 'x', '2026-01-01', '2026-03-01', '2026-03-01', '2026-01-01', 'recorded', now()
  FROM person p, rotation_department d, rotation_seat s WHERE p.id = {doctor}
"""


def test_a_rotation_on_paper_that_waits_is_cancelled_for_an_older_release(owner: sa.Engine, world: World) -> None:
    """Its release would not know the state; nothing counted it yet, and the paper is still there."""
    with owner.begin() as connection:
        connection.exec_driver_sql(RECORDED.format(host=world.a.examiner, doctor=world.a.doctor))
        command.downgrade(schema.alembic_config(connection), "0007")
        command.upgrade(schema.alembic_config(connection), "head")
        state, reason = connection.execute(sa.text("SELECT state, reason FROM rotation")).one()
    assert (state, reason) == ("cancelled", "补录未经第二人确认，随系统退回旧版取消。")
