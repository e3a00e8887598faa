"""Search over five thousand lessons: the statement of a question, and whether the index of tokens answers it."""

import random
import re
import statistics
import time
from typing import Any

import sqlalchemy as sa

import config
from bench import arena
from bench.report import Row
from courses.curricula.policy import Courses
from lms.authz import Actor
from lms.db import act_as, db, grants
from lms.search import queries, rules
from lms.search.policy import Search
from lms.search.services import Document, Source, add_source, reindex

TITLE = "Search"
WORDS = (
    "The statement of `GET /search` over 5,000 lessons of 1,500 characters, put together from sentences of this "
    "project's own lessons: how many were found of each kind, and the first page, ranked. Words of one, two, "
    "three and five Chinese characters, one of Latin letters, and two words together, each asked once before."
)
LESSONS, LENGTH, MOST = 5000, 1500, 100.0
ASKED = ("压", "血压", "高血压", "收缩压血压", "mmHg", "血压 转诊")
_INDEXER = Actor.job("bench", Search.INDEX)


def measure(field: arena.Arena, runs: int) -> list[Row]:
    """Each question as often as asked, on a copy that has the lessons."""
    with field.copy() as copy, copy.stage() as stage, stage.app.app_context():
        act_as(db.session, _INDEXER)
        add_source(Source("bench", "Lesson", Courses.READ, lessons))
        reindex(_INDEXER, "bench")
        _look_it_over(copy)
        return [_ask(words, max(runs, 3)) for words in ASKED]


def _look_it_over(copy: arena.Copy) -> None:
    engine = sa.create_engine(copy.server.url(copy.name, grants.OWNER), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("ANALYZE search_document"))


def lessons() -> list[Document]:
    """Lessons of the length that is asked, the same in every run."""
    chance, sentences = random.Random(7), _sentences()
    made = []
    for number in range(LESSONS):
        text = ""
        while len(text) < LENGTH:
            text += chance.choice(sentences) + "\n"
        made.append(Document(f"b{number}", f"课文{number}", f"Lesson {number}", "", text[:LENGTH], "search.ask", {}))
    return made


def _sentences() -> list[str]:
    texts = (one.read_text("utf-8") for one in sorted((config.CHECKOUT / "content" / "courses").rglob("*.md")))
    return [line for text in texts for line in re.split(r"[\n。]", text) if len(line) > 8]


def _ask(question: str, runs: int) -> Row:
    words = rules.sought(question)
    ranked = queries.ranked(queries.found(words, [str(Courses.READ)]), words)
    spent = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        queries.through_the_index(db.session)
        rows = db.session.execute(ranked).all()
        spent.append((time.perf_counter() - began) * 1000)
        used = _uses_the_index(ranked)
        db.session.rollback()
    del spent[0]  # the first question of its kind, while nothing is at hand
    number = sum(rows[0][1].values()) if rows else 0
    met = used and statistics.median(spent) <= MOST
    what = f"“{question}”, {number:,} found{'' if used else ', without the index'}"
    return Row(what, spent, "ms", target=f"≤ {MOST:.0f} ms, by the index", met=met)


def _uses_the_index(query: sa.Select[*tuple[Any, ...]]) -> bool:
    text = str(query.compile(dialect=db.session.get_bind().dialect, compile_kwargs={"literal_binds": True}))
    plan = db.session.connection().exec_driver_sql("EXPLAIN " + text)
    return "ix_search_document_tokens" in "\n".join(row[0] for row in plan)
