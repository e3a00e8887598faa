"""What happens in the simulated city before one arrives, told through the same verbs that people use."""

from demo import accounts
from demo.installation import Installed
from demo.screen import step
from demo.story import certificates, city, exams, learning, people, practice, stations
from demo.story.stage import Stage


def tell(installed: Installed) -> None:
    """Everything, once; what an interrupted start left half done is found again and finished."""
    stage = Stage.build(installed.settings)
    with step("content pack 内容包"):
        city.load_content(stage)
    with step("institutions 机构"):
        city.load_institutions(stage)
    with step("people and roles 人员与角色"):
        kept = people.enter(stage)
    with step("courses 课程"):
        learning.begin(stage)
    with step("theory exams 理论考试"):
        exams.hold(stage)
    with step("practical stations 实践技能考站"):
        stations.hold(stage)
    with step("practice evaluations 临床实践评价"):
        practice.hold(stage)
    with step("stars and certificates 星级与证书"):
        certificates.issue(stage)
    accounts.keep(kept)
