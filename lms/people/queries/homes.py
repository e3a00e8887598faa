"""Where people work: for those who bring in much about many at once."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from lms.db import Everything, db
from lms.db.many import among
from lms.errors import Invalid, row_numbers
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.models import Person


def homes_below(place: Institution, person_ids: Collection[int]) -> dict[int, int]:
    """The institution of each of these persons who work at or below a place; whoever works elsewhere is not named."""
    query = (
        sa.select(Person.id, Person.institution_id)
        .join(Institution, Institution.id == Person.institution_id)
        .where(among(Person.id, person_ids))
        .where(Institution.path.within([place.path]))
    )
    return dict(db.session.execute(query, execution_options=Everything).all())


def homes_of_rows(place: Institution, person_ids: Sequence[int]) -> dict[int, int]:
    """The institution of everybody in these rows; raises Invalid with row numbers, from 1, of who works elsewhere."""
    homes = homes_below(place, set(person_ids))
    outside = [number for number, person in enumerate(person_ids, 1) if person not in homes]
    if outside:
        raise Invalid(
            _("People of these rows work elsewhere: %(rows)s. Nothing was written.", rows=row_numbers(outside))
        )
    return homes
