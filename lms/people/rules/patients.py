"""What in a free text would tell who a patient is: notes about care are kept, the people cared for are not named."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms.people.rules.identity import check_character


class Kind(StrEnum):
    """By what a patient would be known."""

    IDENTITY_NUMBER = "identity_number"
    TELEPHONE = "telephone"
    NAME = "name"
    #: of a patient's stay: admission, record or bed; tells those who work there who it is
    HOSPITAL_NUMBER = "hospital_number"


@dataclass(frozen=True)
class Trace:
    """The first words of a text by which a patient would be known."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class Mark:
    """A stretch of a text, as it was typed, by which a patient would be known."""

    kind: Kind
    start: int
    stop: int


_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文"
    "柯樊殷倪裴芦阮祝冉祁饶耿翟詹芮卞蒲鞠瞿"
)
_DOUBLE = "欧阳|司马|上官|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|端木|宇文|长孙|南宫|独孤"
_NAME = rf"(?:(?:{_DOUBLE})(?!某)[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}](?!某)[\u4e00-\u9fff]{{1,2}})"
#: Where a name is over: the end, what is neither letter nor Chinese, what one says of a person.
_OVER = r"(?=$|[\W\d_]|男|女)"
#: After these words a name is over too, unless it is none: enough for a warning, not for a refusal.
_GOES_ON = r"(?=[今昨前因说诉来做在的于是有能会要把被和与及已曾吃服用测住入出去到年同先老大阿奶])"
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx])(?![\dXx])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86|0086)?1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:\(0\d{2,3}\)\s*|0\d{2,3}-?)[2-9]\d{6,7}(?!\d)")
#: Without the town's number only where it is called a telephone.
_CALLED = re.compile(r"(?:电话|座机|[Tt]el\.?)号?码?\s*[:为是]?\s*[2-9]\d{6,7}(?!\d)")
#: Between digits people put blanks, dots and dashes, and programs what cannot be seen.
_JOINTS = re.compile(r"(?<=\d)[\s\-.·‐–—\u200b-\u200d\ufeff]+(?=[\dXx])")
#: After a colon or “is” anything is a name; after a blank only what begins like one, so that checking names is no name.
_SAID_NAME = re.compile(
    r"(?:姓名|名字|[Nn]ame)(?:"
    r"\s*[:为是叫=]\s*(?!某|[Xx*])[A-Za-z\u4e00-\u9fff]{2,}"
    rf"|\s*[(\"“「『]\s*{_NAME}(?=\W)"
    rf"|{_NAME}{_OVER}"
    rf"|\s+(?:[{_SURNAMES}](?!某)[\u4e00-\u9fff]{{1,2}}|[A-Z][a-z]+))"
)
_SICK = r"(?:患者|病人|病员|家属)(?:姓名|名字)?\s*(?:名叫|名为|叫做|[:为是叫=、(\"“「『]){0,2}\s*"
_PATIENT = re.compile(rf"{_SICK}(?P<name>{_NAME})(?:{_OVER})")
_PERHAPS = re.compile(rf"{_SICK}(?P<name>{_NAME})(?:{_GOES_ON})")
#: What one says of patients that begins like a surname.
_NOT_NAMES = re.compile(
    "高[血龄热脂尿钾危烧压度兴位低]|白[内细天带色痰斑跑]|马上|石[膏淋]|金[属黄]|方[案便面法式]|任[何意务]|向[医我前来]"
    "|文[化盲]|余[无正下]|康复|苏醒|陆续|范围|胡[言须]|莫[名非]|周[一二三四五六日末围身岁]|祝[愿福]"
    "|夏[季天]|万[一分]|江边|严[重格]|黄[疸染色痰]|谢绝|孙[子女]|雷诺|毛[发囊细]|何[时处]|顾虑|许[可多]|叶酸|付[费清]|戴[口镜眼手上着]"
    "|易[怒于醒疲感]|常[规有伴在见于因诉年感用要会说以]|曾[于经在有因用做被患行]|程度|史[清不]"
    "|于[是昨今本当上下前后同门我家夜凌早晚每外院入出术急一二三四五六七八九十]"
)


_NUMBERED = re.compile(
    r"(?:住院|入院|门诊|急诊|病案|病历|病例|就诊|诊疗|医保|登记|检查|影像|标本|处方)(?:卡|证|编|登记)?号码?"
    r"\s*(?:[:为是#(]|[Nn][Oo]\.?){0,2}\s*[A-Za-z]{0,4}-?\d[\d\-]+"
    r"|(?:患者|病人|住院|\b)\s*ID号?\s*[:为是#]?\s*[A-Za-z]{0,4}-?\d[\d\-]{3,}"
    r"|(?:MRN|[Aa]dmission (?:no\.?|number)|[Rr]ecord (?:no\.?|number))\s*:?\s*[A-Za-z]{0,4}-?\d[\d\-]{2,}"
    r"|床号\s*[:为是]?\s*\+?\d{1,3}(?!\d)|(?<!\d)\+?\d{1,3}\s*号?床(?![位旁边头垫])|\b[Bb]ed (?:no\.? ?)?\d{1,3}(?!\d)"
)


def trace(text: str) -> Trace | None:
    """The first thing by which a patient would be known: an identity number, a telephone number, a name; or nothing."""
    found = (Trace(kind, words) for kind, words, _places in _found(text) if kind is not Kind.HOSPITAL_NUMBER)
    return next(found, None)


def marks(text: str) -> list[Mark]:
    """Every place of a text by which a patient would be known, numbers of the hospital too: in order, apart.

    For a warning: here a name may also run on into the sentence, which is not certain enough for a refusal.
    """
    all_ = (*_found(text), *_perhaps(text))
    found = sorted((places[0], -places[-1] - 1, kind) for kind, _words, places in all_)
    kept: list[Mark] = []
    for start, stop, kind in found:
        if not kept or start >= kept[-1].stop:
            kept.append(Mark(kind, start, -stop))
    return kept


#: A kind, the words made comparable, and where each of their characters stood.
_Found = tuple[Kind, str, Sequence[int]]


def _plain(text: str) -> tuple[str, list[int]]:
    """The text made comparable, and for each of its characters the place it came from."""
    places = [at for at, typed in enumerate(text) for _ in unicodedata.normalize("NFKC", typed)]
    return "".join(unicodedata.normalize("NFKC", typed) for typed in text), places


def _at(kind: Kind, found: re.Match[str], where: Sequence[int], group: int | str = 0) -> _Found:
    return kind, found[group], where[slice(*found.span(group))]


def _named(pattern: re.Pattern[str], plain: str, places: Sequence[int]) -> Iterator[_Found]:
    for found in pattern.finditer(plain):
        if "某" not in found["name"] and not _NOT_NAMES.match(found["name"]):
            yield _at(Kind.NAME, found, places, "name")


def _perhaps(text: str) -> Iterator[_Found]:
    yield from _named(_PERHAPS, *_plain(text))


def _found(text: str) -> Iterator[_Found]:
    """Everything that tells who a patient is, what tells it most surely first."""
    plain, places = _plain(text)
    gone = {at for joint in _JOINTS.finditer(plain) for at in range(*joint.span())}
    stays = [at for at in range(len(plain)) if at not in gone]
    joined, places_joined = "".join(plain[at] for at in stays), [places[at] for at in stays]

    for found in _IDENTITY.finditer(joined):
        if check_character(found[1][:17]) == found[1][17].upper():
            yield _at(Kind.IDENTITY_NUMBER, found, places_joined, 1)
    for called in (_MOBILE, _LANDLINE, _CALLED):
        yield from (_at(Kind.TELEPHONE, found, places_joined) for found in called.finditer(joined))
    yield from (_at(Kind.TELEPHONE, found, places) for found in _LANDLINE.finditer(plain))
    yield from (_at(Kind.NAME, found, places) for found in _SAID_NAME.finditer(plain))
    yield from _named(_PATIENT, plain, places)
    yield from (_at(Kind.HOSPITAL_NUMBER, found, places) for found in _NUMBERED.finditer(plain))
