"""Where people work: for those who bring in much about many at once."""

from collections.abc import Collection

import sqlalchemy as sa

from lms.db import Everything, db
from lms.institutions.models import Institution
from lms.people.models import Person


def homes_below(place: Institution, person_ids: Collection[int]) -> dict[int, int]:
    """The institution of each of these persons who work at or below a place; whoever works elsewhere is not named."""
    query = (
        sa.select(Person.id, Person.institution_id)
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.id == sa.any_(sa.literal(sorted(person_ids), sa.ARRAY(sa.BigInteger))))
        .where(Institution.path.within([place.path]))
    )
    return dict(db.session.execute(query, execution_options=Everything).all())
