"""What happens in the simulated city before one arrives, told through the same verbs that people use."""

from datetime import date

from demo import accounts
from demo.installation import VAR, Installed, write_private
from demo.screen import bar, step
from demo.story import (
    answers,
    atwork,
    certificates,
    city,
    cohort,
    county,
    exams,
    learning,
    mentors,
    people,
    practice,
    questions,
    rotations,
    stations,
)
from demo.story.stage import Stage
from lms import clock

#: The day on which the story began to be told: the last day of the cohort's two years.
DAY = VAR / "demo-day"


def tell(installed: Installed) -> None:
    """Everything, once; what an interrupted start left half done is found again and finished."""
    stage = Stage.build(installed.settings)
    with step("content pack 内容包"):
        city.load_content(stage)
        stage.settle()  # a new policy has everybody decided again: cheap while there is nobody
    with step("institutions 机构"):
        city.load_institutions(stage)
    with step("people and roles 人员与角色"):
        kept = people.enter(stage)
    with step("courses 课程"):
        learning.begin(stage)
        questions.ask(stage)
    with step("theory exams 理论考试"):
        exams.hold(stage)
    with step("practical stations 实践技能考站"):
        stations.hold(stage)
    with step("practice evaluations 临床实践评价"):
        practice.hold(stage)
    with step("rotations 轮训"):
        rotations.send(stage)
        stage.settle()
    _tell_of_the_cohort(stage)
    with step("county practical exam 县级技能考核"):
        county.hold(stage)
        stage.settle()
    with step("workplace assessment and CPR traces 工作场所评估与心肺复苏曲线"):
        atwork.watch(stage)
        stage.settle()
    with step("stars and certificates 星级与证书"):
        certificates.issue(stage)
    accounts.keep(kept)


def _tell_of_the_cohort(stage: Stage) -> None:
    with step("600 simulated doctors 模拟医护人员"):
        everybody = cohort.enter(stage, _day())
    with bar("two years of marks 两年成绩") as tick:
        cohort.results(stage, everybody, tick)
    with bar("two years of hours 两年学时") as tick:
        cohort.hours(stage, everybody, tick)
    with bar("course progress 课程进度") as tick:
        cohort.lessons(stage, everybody, tick)
    with bar("mentors and sessions 师带徒") as tick:
        mentors.pair(stage, everybody, tick)
    with bar("levels and stars 水平与星级") as tick:
        stage.settle(tick)
    with bar("curricula by rule 按规则分配课程体系") as tick:
        _by_night(stage, "enrolment.give_curricula", tick)
    with bar("warnings and figures 停滞预警与统计") as tick:
        _by_night(stage, "stall.watch", tick)
        answers.give(stage, everybody)
        _by_night(stage, "insight.refresh", tick)


def _by_night(stage: Stage, name: str, tick: cohort.Tick) -> None:
    """What a worker does at night, and what follows from it."""
    stage.request(name)
    stage.settle(tick)


def _day() -> date:
    """Today; when an interrupted start is repeated later, still the day on which it began."""
    if not DAY.exists():
        write_private(DAY, clock.today().isoformat())
    return date.fromisoformat(DAY.read_text())
