"""What the simulation assumes. Each number with where it comes from; "assumed" where no source was read.

- Beginning: 35 % of community doctors can read a 12-lead ECG, so about 35 % of first attempts would pass at 60.
- Learning: a nerve block is competent after a median of 18.5 tries (LC-CUSUM); a recorded attempt is assumed to go
  with about two that nobody records, so six recorded ones bring most of what can be gained. Diminishing returns:
  each attempt brings a share of what is still missing.
- Forgetting: half of a gain is lost after 6.5 months (accuracy) or 11 (mixed tasks) (Tatel & Ackerman 2025, 1,344
  effects); resuscitation: 66 % fail after three months, about 90 % after twelve. A part of what was once known
  stays, and each repetition makes the rest stay longer (assumed: a quarter, and 12 %).
- Error of a mark: mini-CEX reaches G = .8 with nine encounters, so one alone has .31 and an error of about one and
  a half times what differs between doctors (about 10 points); the other kinds are assumed better, as they are longer.
- Stalls (assumed): what is known is "high attendance, low conversion"; about one path in five comes to a halt within
  two years, more often where somebody practises seldom or comes back after a long gap, less often with a mentor.
- Attendance (assumed): less in the season of respiratory infections (December to February), nearly none in the
  fortnight around Spring Festival, pauses of weeks, and rates that differ fivefold between people.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

CATEGORIES = MappingProxyType({"general_practitioner": 0.40, "village_doctor": 0.40, "nurse": 0.20})
DAYS = 730
MONTH = 30.4


class SkillKind(StrEnum):
    """How fast a skill fades depends on what it is."""

    EMERGENCY = "emergency"
    PROCEDURE = "procedure"
    KNOWLEDGE = "knowledge"


#: Months after which half of a gain is lost.
HALF_LIFE = MappingProxyType({SkillKind.EMERGENCY: 3.0, SkillKind.PROCEDURE: 6.5, SkillKind.KNOWLEDGE: 11.0})
KEPT = 0.25
LONGER_PER_ATTEMPT = 1.12

#: In logits: a skill of 0 earns 50 of 100 marks.
START_MEAN, ABILITY_SD, DIFFICULTY_SD, OWN_SD = 0.2, 0.40, 0.30, 0.25
GAIN = 2.3
SHARE_PER_ATTEMPT = 0.24
SHARE_SPREAD = 0.35

#: Attempts a month at one skill; most practise seldom, a few often.
RATE_SHAPE, RATE_MEAN = 2.2, 0.36
#: After a mark below this somebody tries again soon, by this chance, within these days.
AGAIN_BELOW, AGAIN_CHANCE, AGAIN_DAYS = 60.0, 0.35, (5, 30)
WINTER, FESTIVAL, FESTIVAL_DAYS = 0.6, 0.05, (-7, 8)
PAUSES_A_YEAR, PAUSE_DAYS = 0.7, (15, 100)

#: Hazard of a stall in a month, and how it grows: for slow practice, after a gap, without a mentor.
STALL_A_MONTH, STALL_SELDOM, STALL_GAP, STALL_ALONE = 0.007, 0.5, 0.12, 0.4
GAP_COUNTS = 8.0
BAD_HABIT, HABIT_LOSS = 0.4, 0.22
MENTORED, HELP_A_MONTH, HELP_A_MONTH_ALONE, HELP_WORKS = 0.5, 0.10, 0.02, 0.7


@dataclass(frozen=True)
class Assessment:
    """One kind of assessment: how often it is what gives the mark, and its standard error in points."""

    name: str
    share: float
    error: float


ROUTINE = (
    Assessment("simulated_case", 0.52, 9.0),
    Assessment("workplace_encounter", 0.30, 14.0),
    Assessment("practical_exam", 0.12, 8.0),
    Assessment("practice_evaluation", 0.06, 8.0),
)
THEORY = Assessment("theory_exam", 0.0, 6.0)
#: Written exams are held in these months, on knowledge alone.
THEORY_MONTHS, THEORY_CHANCE = (5, 11), 0.5

#: The first day of the lunar year.
NEW_YEAR = tuple(
    date.fromisoformat(day)
    for day in (
        *("2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"),
        *("2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11", "2033-01-31"),
    )
)
