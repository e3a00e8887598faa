"""The index on the real database, and the page."""

import random
from dataclasses import replace

import pytest
import sqlalchemy as sa

from lms.authz import POLICY, Actor, Open
from lms.search import queries, rules, services
from lms.search.models import SearchDocument
from lms.search.policy import Search
from lms.search.services import SOURCES, Document, Source, reindex, renew
from lms.techniques.policy import Techniques
from tests.factories import packs

INDEXER = Actor.job("test.index", Search.INDEX)


@pytest.fixture
def small(app, tmp_path):
    """The small pack, loaded and thereby indexed."""
    packs.bring(app, packs.write(tmp_path))


def found(browser, who, question, **more):
    soup = browser.get(f"/search?q={question}" + "".join(f"&{k}={v}" for k, v in more.items()), who)
    return [link.text for link in soup.select("main .row-link")]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("聊天", ["量准血压"]),
        ("非同日", ["怎样诊断"]),
        ("凑", ["量准血压", "怎样诊断"]),
        ("blood", ["血压测量"]),
        ("hypert", ["高血压入门"]),
        ("血壓", ["量准血压", "血压测量", "高血压入门"]),
        ("袖帶 心脏", ["血压测量"]),
        ("没有这个词", []),
        ("%25", []),
    ],
)
def test_what_stands_inside_a_sentence_is_found(page, world, small, question, expected):
    assert sorted(found(page, world.a.doctor, question)) == sorted(expected)


def test_the_title_comes_before_the_text(page, world, small):
    assert found(page, world.a.doctor, "血压")[0] in {"血压测量", "量准血压"}
    assert found(page, world.a.doctor, "诊断")[0] == "怎样诊断"


def test_hits_are_marked_and_lead_on(page, world, small):
    soup = page.get("/search?q=聊天", world.a.doctor)
    assert [mark.text for mark in soup.select("main mark")] == ["聊天"]
    assert soup.select_one("main .row-link")["href"] == "/courses/hypertension/lessons/measure"
    page.get("/search?q=聊天", world.a.doctor, language="en")


def test_the_question_is_text_and_nothing_else(page, world, small):
    soup = page.get("/search?q=<script>alert(1)</script>", world.a.doctor)
    assert not soup.select("main script")


def test_narrowed_by_kind(page, world, small):
    assert found(page, world.a.doctor, "血压", kind="technique") == ["血压测量"]
    assert found(page, world.a.doctor, "血压", kind="nonsense") == []


def test_strangers_are_asked_to_sign_in(page, small):
    page.get("/search?q=血压", None, expect=302)


def test_who_is_not_in_the_audience_does_not_find_it(page, world, small, session):
    session.execute(sa.update(SearchDocument).values(audience="nobody:at:all"))
    session.commit()
    assert found(page, world.a.doctor, "血压") == []


def _document(number, body):
    return Document(f"n{number}", f"文章{number}", f"Paper {number}", "", body, "techniques.catalogue", {})


@pytest.fixture
def source(app, monkeypatch):
    """A source of one's own: a list to be filled."""
    documents = []
    monkeypatch.setitem(SOURCES, "paper", Source("paper", "论文", Techniques.READ, lambda: documents))
    return documents


def test_the_index_follows_its_source(app, as_, source, session):
    source += [_document(1, "第一篇"), _document(2, "第二篇")]
    with as_(INDEXER):
        assert reindex(INDEXER, "paper") == {"paper": 2}
        assert reindex(INDEXER, "paper") == {"paper": 0}
        source[0] = _document(1, "改过的")
        del source[1]
        assert reindex(INDEXER, "paper") == {"paper": 2}
    rows = session.scalars(sa.select(SearchDocument).where(SearchDocument.kind == "paper")).all()
    assert [row.body for row in rows] == ["改过的"]


def _generated(count, seed=7):
    chance = random.Random(seed)
    syllables = "心肝脾肺肾血压糖尿病人医生药片检查记录测量呼吸脉搏体温疼痛手术护理"
    for number in range(count):
        yield _document(number, "。".join("".join(chance.choices(syllables, k=12)) for _ in range(30)))


@pytest.fixture
def many(as_, source, session):
    """Five thousand documents, one of them with something rare."""
    source += [*_generated(5000), _document(9999, "很久以前，蜂胶软膏用过一次。")]
    with as_(INDEXER):
        reindex(INDEXER, "paper")


def test_five_thousand_documents_are_asked_through_the_index(many, session):
    queries.through_the_index(session)
    assert _plan(session, "血压").count("Seq Scan on search_document") == 0
    for question in ("蜂", "蜂胶", "蜂胶软", "蜂胶软膏用", "蜂胶 很久"):
        words = rules.sought(question)
        query = queries.ranked(queries.found(words, [str(Techniques.READ)]), words)
        plan = _plan(session, question)
        assert "ix_search_document_tokens" in plan, plan
        assert "Seq Scan on search_document" not in plan, plan
        assert [row.key for row in session.scalars(query)] == ["n9999"]


def _plan(session, question):
    words = rules.sought(question)
    query = queries.ranked(queries.found(words, [str(Techniques.READ)]), words)
    text = str(query.compile(session.bind, compile_kwargs={"literal_binds": True}))
    return "\n".join(session.connection().exec_driver_sql("EXPLAIN " + text).scalars())


def test_pages_and_statements_stay_the_same_however_many_are_found(page, world, as_, source, queries):
    source += [*_generated(1000), _document(9999, "很久以前，蜂胶软膏用过一次。")]
    with as_(INDEXER):
        reindex(INDEXER, "paper")
    queries.clear()
    few = found(page, world.a.doctor, "蜂胶")
    statements = len(queries)
    queries.clear()
    first = found(page, world.a.doctor, "血压")
    assert len(queries) == statements
    second = found(page, world.a.doctor, "血压", page=2)
    assert len(few) == 1
    assert len(first) == len(second) == 20
    assert not set(first) & set(second)
    assert len(found(page, world.a.doctor, "血压", page=9999)) > 0


def test_density_orders_what_is_otherwise_equal(app, as_, source, page, world):
    source += [_document(1, "糖尿病。" + "其他的话。" * 50), _document(2, "糖尿病和糖尿病。" * 5)]
    with as_(INDEXER):
        reindex(INDEXER, "paper")
    assert found(page, world.a.doctor, "糖尿病") == ["文章2", "文章1"]


def test_one_document_is_renewed_without_looking_at_the_others(app, as_, source, session, monkeypatch):
    asked = []
    papers = SOURCES["paper"]
    some = Source("paper", "论文", papers.audience, papers.documents, lambda keys: asked.extend(keys) or source[:1])
    monkeypatch.setitem(SOURCES, "paper", some)
    source += [_document(1, "第一篇"), _document(2, "第二篇")]
    with as_(INDEXER):
        reindex(INDEXER, "paper")
        source[:] = [_document(1, "改过的")]
        assert renew(INDEXER, "paper", keys=["n1"]) == 1
        assert renew(INDEXER, "paper", keys=["n1"]) == 0
        source[:] = []
        assert renew(INDEXER, "paper", keys=["n1"]) == 1
    assert asked == ["n1"] * 3
    rows = session.scalars(sa.select(SearchDocument.key).where(SearchDocument.kind == "paper")).all()
    assert rows == ["n2"]


def test_what_shares_the_most_telling_words_is_nearest(app, as_, source, session):
    source += [
        replace(_document(1, "别的"), title="袖带绑得太松，血压会偏高吗"),
        replace(_document(2, "袖带太松了，血压读数会怎样"), title="读数不一样"),
        replace(_document(3, "血压"), title="血压多久复查"),
    ]
    with as_(INDEXER):
        reindex(INDEXER, "paper")
        weights = queries.rarity(rules.likeness("袖带松了血压怎么样"), "paper")
    assert weights["袖带"] > weights["血压"]
    near = queries.nearest(weights, "paper", [str(Techniques.READ)], least=2)
    assert [row.key for row in session.scalars(near)] == ["n1", "n2"]


def test_every_source_says_who_finds_it():
    assert SOURCES
    assert all(source.audience in POLICY for source in SOURCES.values())
    assert Open.EVERYONE not in {source.audience for source in SOURCES.values()}
    assert services.add_source
