"""From a city's administrative divisions to its institutions.

City and each county: the health commission with the hospital under it. Each street, town or township: a health
centre under the county's hospital, with two village clinics. Codes come from the division codes and stay the same;
every name says that the institution is simulated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lms.institutions.rules.pinyin import sort_key, spelt

SIMULATED, SIMULATED_EN = "（演示）", " (demo)"
_CLINICS = (("第一", "No. 1"), ("第二", "No. 2"))
_PEOPLES = {"彝": "Yi", "壮": "Zhuang", "苗": "Miao", "瑶": "Yao", "布依": "Bouyei", "水": "Shui", "回": "Hui"}
_ETHNIC = re.compile(rf"(?P<stem>.+?)(?P<peoples>(?:(?:{'|'.join(_PEOPLES)})族)+)乡")
_ENDINGS = (
    ("街道", "Subdistrict"),
    ("管理区", "Administrative Zone"),
    ("镇", "Town"),
    ("乡", "Township"),
    ("市", "City"),
    ("区", "District"),
    ("县", "County"),
)


@dataclass(frozen=True)
class Division:
    """One row of the national list: a city, a county or district, a street, town or township."""

    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True)
class Planned:
    """An institution that should be there."""

    code: str
    name: str
    name_en: str
    kind: str
    division_code: str
    parent_code: str | None

    @property
    def sort_key(self) -> str:
        """By its reading."""
        return sort_key(self.name.removesuffix(SIMULATED))


def english(name: str) -> str:
    """越州镇 is Yuezhou Town, 高良壮族苗族瑶族乡 is Gaoliang Zhuang, Miao and Yao Township."""
    ethnic = _ETHNIC.fullmatch(name)
    if ethnic:
        peoples = [_PEOPLES[one] for one in ethnic["peoples"].split("族") if one]
        return f"{spelt(ethnic['stem'])} {' and '.join(filter(None, [', '.join(peoples[:-1]), peoples[-1]]))} Township"
    for ending, words in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return f"{spelt(name.removesuffix(ending))} {words}"
    return spelt(name)


def plan(divisions: Iterable[Division]) -> list[Planned]:
    """Every institution these divisions should have, parents before children."""
    given = list(divisions)
    by_code = {one.code: one for one in given}
    ranks = {"city": 0, "county": 1, "township": 2}
    ordered = sorted(given, key=lambda one: (ranks[one.level], one.code))
    return [made for one in ordered for made in _institutions(one, by_code.get(one.parent_code))]


def _institutions(division: Division, parent: Division | None) -> Iterator[Planned]:
    if division.level == "township":
        assert parent is not None
        yield from _primary(division, parent)
        return
    city = division.level == "city"
    zh, en = division.name, english(division.name)
    office = ("卫生健康委员会", "Health Commission") if city else ("卫生健康局", "Health Bureau")
    kind = "city_commission" if city else "county_commission"
    above = parent.code if parent else None
    yield _made(division, division.code, (zh + office[0], f"{en} {office[1]}"), kind, above)
    kind = "city_hospital" if city else "county_hospital"
    yield _made(division, f"{division.code}-H", (f"{zh}人民医院", f"{en} People's Hospital"), kind, division.code)


def _primary(division: Division, county: Division) -> Iterator[Planned]:
    street = division.name.endswith("街道")
    short = county.name[:-1]
    zh = division.name if division.name.startswith(short) else county.name + division.name
    en = f"{english(division.name)}, {spelt(short)},"
    centre = ("社区卫生服务中心", "Community Health Centre") if street else ("卫生院", "Health Centre")
    kind = "community_centre" if street else "township_hospital"
    yield _made(division, division.code, (zh + centre[0], f"{en} {centre[1]}"), kind, f"{county.code}-H")
    for number, (words, words_en) in enumerate(_CLINICS, 1):
        names = (f"{zh}{words}村卫生室", f"{en} Village Clinic {words_en}")
        yield _made(division, f"{division.code}-V{number}", names, "village_clinic", division.code)


def _made(division: Division, code: str, names: tuple[str, str], kind: str, parent: str | None) -> Planned:
    return Planned(code, names[0] + SIMULATED, names[1] + SIMULATED_EN, kind, division.code, parent)
