"""A circuit with several stations, and hands for officers who rule, revise and answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from assessments.osce.models import (
    Circuit,
    CircuitAppeal,
    CircuitCandidate,
    CircuitStation,
    Revision,
    SheetAside,
    SheetRuling,
)
from assessments.osce.queries import results, revisions, sheets, standards
from assessments.osce.rules.judging import Cell, Missed
from assessments.osce.rules.outcome import Outcome
from assessments.osce.services import appeals, planning, releasing, rulings
from assessments.stations.models import StationVersion
from lms import clock, ids
from lms.authz import Actor
from lms.db import db
from lms.institutions.models import Institution
from tests.factories.osce import Office, sheet_for

T = TypeVar("T")
#: Stations of the content pack, in the order in which a circuit here has them.
CODES = ("bp-measurement-station", "adult-cpr-station", "wound-dressing-station")


@dataclass
class Desk:
    """One circuit of several stations with what everybody does in it; stations and candidates by their place."""

    office: Office
    circuit: int
    officer: int
    stations: list[int] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)

    def do(self, officer: int, act: Callable[[Actor], T]) -> T:
        """Do something as an officer, in a session of their own."""
        with self.office.as_(officer) as actor:
            return act(actor)

    def body(self, station: int) -> dict[str, Any]:
        """What a station says."""
        query = sa.select(StationVersion.body).join(
            CircuitStation, CircuitStation.station_version_id == StationVersion.id
        )
        return dict(self.office.session.scalars(query.where(CircuitStation.id == self.stations[station])).one())

    def mark(self, examiner: int, station: int, candidate: int, rating: str = "pass", **more: Any) -> UUID:
        """Hand in one sheet; its number. Keyword arguments name items with their points, or what `submit` takes."""
        number = more.pop("sheet", None) or ids.uuid7()
        supersedes, reason = more.pop("supersedes", None), more.pop("reason", "")
        sent = sheet_for(self.body(station), rating, more.pop("comment", ""), **more) | {"reason": reason}
        place, who = self.stations[station], self.candidates[candidate]
        self.office.submit(examiner, place, who, sent, sheet=number, supersedes=supersedes)
        return number

    def mark_all(self, examiner: int) -> None:
        """A full sheet of everybody at every station."""
        for station in range(len(self.stations)):
            for candidate in range(len(self.candidates)):
                self.mark(examiner, station, candidate)

    def _spot(self, station: int, candidate: int) -> sheets.Spot:
        found = sheets.spot(self.circuit, self.candidates[candidate], self.stations[station])
        assert found is not None
        return found

    def row(self) -> Circuit:
        """The circuit, in the session of whoever acts."""
        return db.session.get_one(Circuit, self.circuit)

    def board(self, revision: int | None = None) -> sheets.Board:
        """The board as an officer sees it; with a revision as it would be."""
        return self.do(
            self.officer,
            lambda _: sheets.board(self.row(), db.session.get_one(Revision, revision) if revision else None),
        )

    def cell(self, station: int, candidate: int) -> Cell:
        """How one square stands."""
        return self.board().squares[self.stations[station], self.candidates[candidate]].judged.cell

    def cells(self) -> list[Cell]:
        """How all squares stand, station by station."""
        return [square.judged.cell for square in self.board().squares.values()]

    def over(self, station: int, candidate: int) -> bytes:
        """What an officer decides over, as the page shows it."""
        return self.board().squares[self.stations[station], self.candidates[candidate]].judged.over

    def move(self, station: int, candidate: int, to: int, *sheets_of: UUID, by: int | None = None, **more: Any) -> int:
        """Let sheets count for another candidate."""
        over = more.pop("over", None) or self.over(station, candidate)

        def act(actor: Actor) -> int:
            spot, other = self._spot(station, candidate), db.session.get_one(CircuitCandidate, self.candidates[to])
            named = {"sheets_of": sheets_of, "to": other, "over": over, "reason": more.pop("reason", "照片与编号不符")}
            return rulings.move(actor, spot.candidate, station=spot.station, **named)

        return self.do(by or self.officer, act)

    def miss(self, station: int, candidate: int, missed: Missed, reason: str = "未到场", by: int | None = None) -> int:
        """Say that somebody was not there."""
        over = self.over(station, candidate)

        def act(actor: Actor) -> int:
            spot = self._spot(station, candidate)
            return rulings.miss(actor, spot.candidate, station=spot.station, missed=missed, over=over, reason=reason).id

        return self.do(by or self.officer, act)

    def void(self, station: int, candidate: int, reason: str = "模拟人损坏", by: int | None = None, **more: Any) -> int:
        """Say that a station does not count for somebody."""
        over = more.get("over") or self.over(station, candidate)

        def act(actor: Actor) -> int:
            spot = self._spot(station, candidate)
            return rulings.void(actor, spot.candidate, station=spot.station, over=over, reason=reason).id

        return self.do(by or self.officer, act)

    def void_station(self, station: int, reason: str = "火警疏散", by: int | None = None) -> int:
        """Say that a station counts for nobody."""
        place = self.stations[station]
        over = self.board().hash_of(place)

        def act(actor: Actor) -> int:
            return rulings.void_station(actor, db.session.get_one(CircuitStation, place), over=over, reason=reason).id

        return self.do(by or self.officer, act)

    def aside(self) -> int:
        """The newest sheet kept aside."""
        return self.do(self.officer, lambda _: db.session.scalars(sa.select(sa.func.max(SheetAside.id))).one())

    def accept(
        self,
        aside: int,
        station: int,
        candidate: int,
        *,
        alone: bool = False,
        reason: str = "补传",
        by: int | None = None,
    ) -> int:
        """Let a sheet kept aside count."""
        over = self.over(station, candidate)

        def act(actor: Actor) -> int:
            row = db.session.get_one(SheetAside, aside)
            return rulings.accept(actor, row, over=over, reason=reason, alone=alone).id

        return self.do(by or self.officer, act)

    def refuse(self, aside: int, reason: str = "重复提交", by: int | None = None) -> int:
        """Refuse one."""
        return self.do(
            by or self.officer,
            lambda actor: rulings.refuse(actor, db.session.get_one(SheetAside, aside), reason=reason).id,
        )

    def undo(self, ruling: int, reason: str = "核对后有误", by: int | None = None) -> int:
        """Take a ruling back."""
        return self.do(
            by or self.officer,
            lambda actor: rulings.undo(actor, db.session.get_one(SheetRuling, ruling), reason=reason).id,
        )

    def outcome(self, candidate: int) -> Outcome:
        """What a candidate would come to by the cuts in force."""

        def act(_: Actor) -> Outcome:
            counted = results.counted(sheets.board(self.row()), standards.cuts_of(self.row()))
            return counted[self.candidates[candidate]].outcome

        return self.do(self.officer, act)

    def close(self, reason: str = "") -> None:
        """Freeze the sheets."""
        self.office.close(self.officer, self.circuit, reason=reason)

    def release(self, by: int) -> int:
        """Let them stand."""
        return self.office.release(by, self.circuit)

    def revise(self, reason: str = "评分表核对后有误", appeal: int | None = None, by: int | None = None) -> int:
        """Open a revision; its id."""

        def act(actor: Actor) -> int:
            row = db.session.get_one(CircuitAppeal, appeal) if appeal else None
            return releasing.open_revision(actor, self.row(), reason=reason, appeal=row).id

        return self.do(by or self.officer, act)

    def dry(self, revision: int) -> revisions.Dry:
        """What a revision would do."""
        return self.do(self.officer, lambda _: revisions.dry_run(db.session.get_one(Revision, revision)))

    def release_revision(self, revision: int, by: int, dry: bytes | None = None) -> int:
        """Let a revision stand; the version of its run."""
        hashed = dry or self.dry(revision).hash
        return self.do(
            by,
            lambda actor: releasing.release_revision(actor, db.session.get_one(Revision, revision), dry=hashed).version,
        )

    def withdraw(self, revision: int, by: int | None = None, reason: str = "另行处理") -> None:
        """Take a revision back."""
        self.do(
            by or self.officer,
            lambda actor: releasing.withdraw(actor, db.session.get_one(Revision, revision), reason=reason),
        )

    def appeal(self, person: int, candidate: int, reason: str = "第二站漏记一项") -> int:
        """Appeal as the candidate; its id."""

        def act(actor: Actor) -> int:
            row = db.session.get_one(CircuitCandidate, self.candidates[candidate])
            return appeals.appeal(actor, row, reason=reason).id

        return self.do(person, act)

    def reject(self, appeal: int, by: int, reason: str = "录像显示未做") -> int:
        """Answer that the result stays."""
        return self.do(
            by, lambda actor: appeals.reject(actor, db.session.get_one(CircuitAppeal, appeal), reason=reason).id
        )


def desk(
    office: Office, officer: int, institution: int, candidates: list[int], examiners: list[int], stations: int = 2
) -> Desk:
    """A circuit of so many stations that runs today, everybody at every station."""
    with office.as_(officer) as actor:
        query = sa.select(StationVersion).join(StationVersion.station).order_by(StationVersion.version)
        by_code = {row.station.code: row.id for row in db.session.scalars(query)}
        place = db.session.get_one(Institution, institution)
        plan = planning.Plan("县级技能考核", "County practical exam", clock.today())
        circuit = planning.create(actor, place, plan=plan, stations=[by_code[code] for code in CODES[:stations]])
        planning.add_candidates(actor, circuit, persons=candidates)
        rows = db.session.scalars(sa.select(CircuitStation).where(CircuitStation.circuit_id == circuit.id))
        places = {row.position: row.id for row in rows}
        for row in db.session.scalars(sa.select(CircuitStation).where(CircuitStation.circuit_id == circuit.id)):
            planning.assign(actor, row, persons=examiners)
        planning.start(actor, circuit)
        made = Desk(office, circuit.id, officer, [places[at] for at in sorted(places)])
    found = sa.select(CircuitCandidate.person_id, CircuitCandidate.id).where(
        CircuitCandidate.circuit_id == made.circuit
    )
    by_person = dict(office.session.execute(found).all())
    made.candidates = [by_person[person] for person in candidates]
    return made
