"""Circuits, who examines and who is examined, and every sheet that was handed in."""

from assessments.osce.models.appeals import Answered, CircuitAppeal, CircuitAppealAnswer
from assessments.osce.models.circuits import (
    Circuit,
    CircuitCandidate,
    CircuitDecision,
    CircuitStation,
    Decided,
    ExaminerAssignment,
    State,
    circuits_examined_by,
    released_places,
    stations_examined_by,
)
from assessments.osce.models.photos import CandidatePhoto
from assessments.osce.models.posts import CircuitPost
from assessments.osce.models.rulings import Revision, RevisionEnd, RevisionEnding, SheetRuling
from assessments.osce.models.scores import CircuitRun, CircuitScore
from assessments.osce.models.sheets import Sheet, SheetAside, SheetSettlement, Why
from assessments.osce.models.standards import CircuitStandard, Method, StationStandard
from assessments.osce.models.tablets import Tablet, TabletBriefing
from assessments.osce.models.timetable import Timetable, TimetableBooking, TimetableSlot
from assessments.osce.rules.timetable import Bound

__all__ = [
    "Answered",
    "Bound",
    "CandidatePhoto",
    "Circuit",
    "CircuitAppeal",
    "CircuitAppealAnswer",
    "CircuitCandidate",
    "CircuitDecision",
    "CircuitPost",
    "CircuitRun",
    "CircuitScore",
    "CircuitStandard",
    "CircuitStation",
    "Decided",
    "ExaminerAssignment",
    "Method",
    "Revision",
    "RevisionEnd",
    "RevisionEnding",
    "Sheet",
    "SheetAside",
    "SheetRuling",
    "SheetSettlement",
    "State",
    "StationStandard",
    "Tablet",
    "TabletBriefing",
    "Timetable",
    "TimetableBooking",
    "TimetableSlot",
    "Why",
    "circuits_examined_by",
    "released_places",
    "stations_examined_by",
]
