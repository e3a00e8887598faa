"""Which cuts are in force for a circuit, and how they were set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from assessments.osce.models import Circuit, CircuitStandard, CircuitStation, StationStandard
from assessments.stations.models import StationVersion
from lms.db import Everything, db
from lms.digests import digest
from lms.i18n import _, _n
from lms.people.models import Person


@dataclass(frozen=True)
class Cuts:
    """What is needed to pass: at each station, over all stations, and how many stations; in percent.

    Whatever the percent, a critical item that was not done and an unmet key rule fail a station.
    """

    #: by circuit station
    stations: Mapping[int, Decimal]
    #: the least weighed mean over all stations; None where none is asked for
    exam: Decimal | None
    #: how many stations must be passed; with no percent over all either, every station
    least_stations: int
    #: what is asked, in a sentence for people
    words: str
    #: where it comes from: the stations' own percent, or a standard setting with its reason
    why: str
    #: who set what is in force: they do not also release
    set_by: frozenset[int] = field(default=frozenset())

    @property
    def hash(self) -> bytes:
        """Names just these cuts, for a release over them."""
        return cuts_hash(self.stations, self.exam, self.least_stations)


def cuts_hash(stations: Mapping[int, Decimal], exam: Decimal | None = None, least_stations: int = 0) -> bytes:
    """Names some cuts; with the stations alone, what a standard over all stations rests on."""
    plain = {str(number): _plain(cut) for number, cut in stations.items()}
    whole = None if exam is None else _plain(exam)
    return digest({"stations": plain, "exam": whole, "least_stations": least_stations})


def _plain(cut: Decimal) -> str:
    return f"{cut.quantize(Decimal('0.01'))}"


@dataclass(frozen=True)
class InForce:
    """What was set over just the sheets that a circuit is closed with."""

    #: the stations' own percents
    own: Mapping[int, Decimal]
    #: by circuit station
    stations: Mapping[int, StationStandard]
    #: over all; None where none was set, or where a station's cut has changed since
    whole: CircuitStandard | None
    #: set over these sheets, but a station's cut has changed since
    outdated: CircuitStandard | None = None

    @property
    def cuts(self) -> dict[int, Decimal]:
        """The cut of every station."""
        return {**self.own, **{place: one.cut_percent for place, one in self.stations.items()}}


def in_force(circuit: Circuit) -> InForce:
    """The newest settings over the circuit's closed sheets: three statements, one while it is not closed."""
    query = (
        sa.select(CircuitStation.id, StationVersion.body["pass_percent"])
        .join(StationVersion, StationVersion.id == CircuitStation.station_version_id)
        .where(CircuitStation.circuit_id == circuit.id)
        .order_by(CircuitStation.position)
    )
    # What is asked is no secret from anybody who was let in to the circuit.
    rows = db.session.execute(query, execution_options=Everything)
    own = {number: Decimal(str(percent)) for number, percent in rows}
    if circuit.closed_hash is None:
        return InForce(own, {}, None)
    stations = _stations(circuit.closed_hash, own)
    made = InForce(own, stations, None)
    query_whole = (
        sa.select(CircuitStandard)
        .where(CircuitStandard.circuit_id == circuit.id, CircuitStandard.closed_hash == circuit.closed_hash)
        .order_by(CircuitStandard.version.desc())
        .limit(1)
    )
    whole = db.session.scalar(query_whole, execution_options=Everything)
    holds = whole is not None and whole.cuts_hash == cuts_hash(made.cuts)
    return InForce(own, stations, whole if holds else None, None if holds else whole)


def _stations(closed: bytes, places: Iterable[int]) -> dict[int, StationStandard]:
    row = StationStandard
    query = (
        sa.select(row)
        .ext(pg.distinct_on(row.circuit_station_id))
        .where(row.circuit_station_id.in_(list(places)), row.closed_hash == closed)
        .order_by(row.circuit_station_id, row.version.desc())
    )
    return {one.circuit_station_id: one for one in db.session.scalars(query, execution_options=Everything)}


def cuts_of(circuit: Circuit) -> Cuts:
    """The cuts in force: what was set over just these closed sheets, else each station version's own percent."""
    return cuts(in_force(circuit))


def cuts(found: InForce) -> Cuts:
    """What is needed to pass by what is in force."""
    whole = found.whole
    made: list[StationStandard | CircuitStandard] = [*found.stations.values()]
    made += [whole] if whole is not None else []
    return Cuts(
        stations=found.cuts,
        exam=whole.exam_cut if whole is not None else None,
        least_stations=whole.least_stations if whole is not None else 0,
        words=asked(whole, len(found.own)),
        why=_why(found),
        set_by=frozenset(one.made_by_id for one in made),
    )


def asked(whole: CircuitStandard | None, stations: int) -> str:
    """What is needed to pass, in a sentence."""
    if whole is None or (whole.exam_cut is None and not whole.least_stations):
        return str(_("Every station must be passed, each at its own cut."))
    percent = None if whole.exam_cut is None else f"{whole.exam_cut.normalize():f}"
    if percent is None:
        words = _("At least %(least)s of %(all)s stations must be passed.", least=whole.least_stations, all=stations)
    elif not whole.least_stations:
        words = _("The mean over all stations must be at least %(percent)s %%.", percent=percent)
    else:
        words = _(
            "The mean over all stations must be at least %(percent)s %%, and at least %(least)s of %(all)s stations"
            " passed.",
            percent=percent,
            least=whole.least_stations,
            all=stations,
        )
    return str(words)


def _why(found: InForce) -> str:
    if not found.stations and found.whole is None:
        return str(_("No standard was set: each station's own percent counts."))
    said = []
    if found.stations:
        said.append(
            _n("The cut of %(num)d station was set.", "The cuts of %(num)d stations were set.", len(found.stations))
        )
        said += dict.fromkeys(one.reason for one in found.stations.values())
    if found.whole is not None:
        said.append(found.whole.reason)
    return " ".join(dict.fromkeys(map(str, said)))


@dataclass(frozen=True)
class Set:
    """One setting of a cut and who made it."""

    standard: StationStandard | CircuitStandard
    made_by: str

    @property
    def place(self) -> int | None:
        """The circuit station it is about; None: the whole circuit."""
        return self.standard.circuit_station_id if isinstance(self.standard, StationStandard) else None


def settings_of(circuit: Circuit) -> list[Set]:
    """Every setting there was for a circuit, newest first, those for earlier sheets too: two statements."""
    places = sa.select(CircuitStation.id).where(CircuitStation.circuit_id == circuit.id)
    stations = (
        sa.select(StationStandard, Person.name)
        .join(Person, Person.id == StationStandard.made_by_id)
        .where(StationStandard.circuit_station_id.in_(places))
    )
    whole = (
        sa.select(CircuitStandard, Person.name)
        .join(Person, Person.id == CircuitStandard.made_by_id)
        .where(CircuitStandard.circuit_id == circuit.id)
    )
    made = [Set(one, name) for one, name in db.session.execute(stations, execution_options=Everything)]
    made += [Set(one, name) for one, name in db.session.execute(whole, execution_options=Everything)]
    return sorted(made, key=lambda one: one.standard.made_at, reverse=True)


def next_version(station: CircuitStation) -> int:
    """The number of the next setting of a station's cut."""
    query = sa.select(sa.func.coalesce(sa.func.max(StationStandard.version), 0))
    return db.session.scalars(query.where(StationStandard.circuit_station_id == station.id)).one() + 1


def next_whole(circuit: Circuit) -> int:
    """The number of the next setting over all stations."""
    query = sa.select(sa.func.coalesce(sa.func.max(CircuitStandard.version), 0))
    return db.session.scalars(query.where(CircuitStandard.circuit_id == circuit.id)).one() + 1
