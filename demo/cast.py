"""Who is in the simulated city: about sixty people with parts to play, a cohort of doctors and their mentors.

None of them exists; all are drawn from a fixed seed. Identity numbers belong to no county.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms.authz import Role
from lms.people.rules.identity import check_character

SEED = 530300
CITY, HOME, NEXT = "530300", "530302", "530303"
TOWNSHIP = "530302102"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN = (
    *("建国", "秀英", "丽华", "志强", "春梅", "永富", "桂兰", "晓燕", "国庆", "玉珍"),
    *("文斌", "海霞", "正明", "红梅", "光辉", "雪莲", "家旺", "艳萍", "世荣"),
    *("云仙", "开明", "琼芬", "德胜", "美仙", "学军", "小丽", "天佑", "金凤"),
)


@dataclass(frozen=True)
class Part:
    """One person: where, what, and which roles over which institution (by code)."""

    account: str
    name: str
    category: str
    place: str
    title: str
    identity_number: str
    practising_since: str
    roles: tuple[tuple[Role, str], ...] = ()
    #: shown at the start of the demo
    shown: str = ""

    @property
    def county(self) -> str:
        """The division code of the county."""
        return self.place[:6]


TITLES = {"general_practitioner": "全科医生", "village_doctor": "乡村医生", "nurse": "护士"}

_OFFICERS = (
    ("exam", Role.EXAM_OFFICER, HOME, "考试专员", "exam officer 考试专员（麒麟区）"),
    ("exam2", Role.EXAM_OFFICER, HOME, "考试专员", "second exam officer 考试复核（麒麟区）"),
    ("cert", Role.CERTIFICATE_OFFICER, HOME, "证书专员", "certificate officer 证书专员（麒麟区）"),
    ("cert2", Role.CERTIFICATE_OFFICER, HOME, "证书专员", "second certificate officer 证书复核（麒麟区）"),
    ("manager", Role.INSTITUTION_MANAGER, HOME, "人事专员", "institution manager 机构管理员（麒麟区）"),
    ("neighbour", Role.INSTITUTION_MANAGER, NEXT, "人事专员", "manager of the next county 邻县管理员（沾益区）"),
    ("editor", Role.COURSE_EDITOR, CITY, "课程编辑", "course editor 课程编辑"),
    ("admin", Role.SYSTEM_ADMINISTRATOR, CITY, "信息中心", "system administrator 系统管理员"),
    ("auditor", Role.AUDITOR, CITY, "监督", "auditor 审计员"),
    # the star policy is the whole tree's: two officers of its top decide about it
    ("policy", Role.CERTIFICATE_OFFICER, CITY, "证书专员", "certificate officer of the city 证书专员（市）"),
    ("policy2", Role.CERTIFICATE_OFFICER, CITY, "证书专员", "second officer of the city 证书复核（市）"),
)


class Casting:
    """Names and numbers from one seed: two castings are the same, unless one passes over those of the other."""

    def __init__(self, pass_over: int = 0) -> None:
        self._random = random.Random(SEED)
        self._names = self._draw_names()
        self._numbers = pass_over
        del self._names[len(self._names) - pass_over :]

    def parts(self, townships: list[str]) -> list[Part]:
        """Everybody, the shown ones first; `townships` are the division codes the others work in."""
        return [*self._shown(), *self._others(townships)]

    def mentors(self, hospitals: Sequence[str], number: int) -> list[Part]:
        """Mentors of these hospitals, in turn."""
        return [
            self._part(f"m{n:02}", "specialist", place, "副主任医师", (Role.MENTOR, place))
            for n, place in ((n, hospitals[n % len(hospitals)]) for n in range(1, number + 1))
        ]

    def examiners(self, place: str, number: int) -> list[Part]:
        """Examiners of a practical exam of the whole county."""
        return [
            self._part(f"k{n:02}", "specialist", place, "主治医师", (Role.MENTOR, place)) for n in range(1, number + 1)
        ]

    def cohort(self, categories: Sequence[str], townships: Sequence[str]) -> list[Part]:
        """One doctor or nurse for each of these categories, spread over all townships and their clinics."""
        made = []
        for n, category in enumerate(categories, 1):
            place = townships[n % len(townships)]
            if category == "village_doctor":
                place += f"-V{self._random.randrange(2) + 1}"
            made.append(self._part(f"s{n:03}", category, place, TITLES[category]))
        return made

    def _shown(self) -> Iterator[Part]:
        county = f"{HOME}-H"
        yield self._part("doctor", "general_practitioner", TOWNSHIP, "全科医生", shown="doctor 基层医师（全科）")
        yield self._part("village", "village_doctor", f"{TOWNSHIP}-V1", "乡村医生", shown="village doctor 乡村医生")
        for account, place, title, words in (
            ("examiner", county, "主任医师", "examiner 考官（区医院）"),
            ("mentor", county, "副主任医师", "mentor and assessor 带教老师（区医院）"),
        ):
            yield self._part(account, "specialist", place, title, (Role.MENTOR, place), shown=words)
        for account, role, place, title, words in _OFFICERS:
            yield self._part(account, "administrator", place, title, (role, place), shown=words)

    def _others(self, townships: list[str]) -> Iterator[Part]:
        for n in range(1, 31):
            place = TOWNSHIP if n <= 6 else self._random.choice(townships)
            yield self._part(f"gp{n:02}", "general_practitioner", place, "全科医生")
        for n in range(1, 13):
            clinic = f"{self._random.choice(townships)}-V{n % 2 + 1}"
            yield self._part(f"vd{n:02}", "village_doctor", clinic, "乡村医生")
        for n in range(1, 7):
            yield self._part(f"nu{n:02}", "nurse", self._random.choice(townships), "护士")

    def _part(
        self, account: str, category: str, place: str, title: str, *roles: tuple[Role, str], shown: str = ""
    ) -> Part:
        born = date(1966, 1, 1) + timedelta(days=self._random.randrange(11_000))
        since = date(born.year + 24, 8, 1).isoformat()
        name, number = self._names.pop(), self._number(born)
        return Part(account, name, category, place, title, number, since, tuple(roles), shown)

    def _number(self, born: date) -> str:
        """A well-formed identity number of nobody: no county has the code 530399."""
        self._numbers += 1
        first = f"530399{born:%Y%m%d}{self._numbers:03}"
        return first + check_character(first)

    def _draw_names(self) -> list[str]:
        names = sorted({s + g for s in _SURNAMES for g in _GIVEN})
        self._random.shuffle(names)
        return names
