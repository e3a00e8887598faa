"""The catalogue of techniques and the page of each."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

from lms.db import db
from lms.i18n import _l
from lms.people.formats import words as people
from lms.people.models import Category
from lms.techniques import queries
from lms.techniques.models import Technique, TechniqueKind
from lms.techniques.policy import Techniques
from lms.web.pages import Pages, actor

pages = Pages("techniques", __name__)

KINDS: dict[str, LazyString] = {
    TechniqueKind.EMERGENCY: _l("Emergency"),
    TechniqueKind.PROCEDURE: _l("Procedure"),
    TechniqueKind.KNOWLEDGE: _l("Knowledge and management"),
}
#: Whom a technique can be for: everybody who sees patients.
CATEGORIES = {key: words for key, words in people.CATEGORIES.items() if key != Category.ADMINISTRATOR}
#: The entrustment scale, in the words of a decision: what somebody may do by themselves.
LEVELS: dict[int, LazyString] = {
    1: _l("may observe"),
    2: _l("under direct supervision"),
    3: _l("with help on call"),
    4: _l("alone, reviewed later"),
    5: _l("may teach others"),
}


@pages.page("/techniques", needs=Techniques.READ)
def catalogue() -> ResponseReturnValue:
    """All techniques, narrowed and sorted, with where I stand in each."""
    asked = request.args
    query = queries.catalogue(
        words=asked.get("q", "").strip()[:60],
        category=asked.get("category", ""),
        kind=asked.get("kind", ""),
        core={"yes": True, "no": False}.get(asked.get("core", "")),
        sort=asked.get("sort", ""),
    )
    rows = db.session.scalars(query).all()
    mine = queries.standings(actor().person_id or 0, [row.id for row in rows])
    return render_template(
        "techniques/catalogue.html", rows=rows, mine=mine, kinds=KINDS, categories=CATEGORIES, levels=LEVELS
    )


@pages.page("/techniques/<code>", needs=Techniques.READ, on=queries.by_code)
def technique(technique: Technique) -> ResponseReturnValue:
    """One technique: its standard, on what it rests, what teaches it, where I stand."""
    related = [
        (relation.label, [(one, url_for(one.endpoint, **one.arguments)) for one in relation.find(technique.id)])
        for relation in queries.RELATED.values()
    ]
    mine = queries.standings(actor().person_id or 0, [technique.id]).get(technique.id)
    return render_template(
        "techniques/technique.html",
        technique=technique,
        related=related,
        mine=mine,
        kinds=KINDS,
        fitting=[CATEGORIES[one] for one in technique.categories if one in CATEGORIES],
        levels=LEVELS,
    )
