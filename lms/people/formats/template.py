"""The roster to fill in: one sheet for people, one that explains every column with an example."""

from collections.abc import Sequence
from typing import IO

from lms.people.formats.roster import GUIDE
from lms.people.rules.roster import CATEGORIES, COLUMNS, REQUIRED
from lms.web.exports import Column, Sheet, workbook

PEOPLE = "人员名册"
_ROWS = 2_000
#: The file is for clerks and is Chinese in every language of the pages, as its heads are.
_EXPLAINED = {
    "name": ("必填", "与身份证一致，不含数字。", "王小明"),
    "identity_number": ("必填", "18 位。本列已设为文本；全角数字会自动转换。", "530302198503154212"),
    "category": ("必填", "从下拉列表选择。", "全科医生"),
    "institution": ("必填", "机构全称或机构编码，须在您的管辖范围内。", "某镇卫生院"),
    "title": ("可空", "如：主治医师、院长、护士长。", "主治医师"),
    "licence_number": ("可空", "医师或护士执业证书编号，字母和数字。", "110530302000123"),
    "phone": ("可空", "11 位手机号或带区号的固定电话。", "13800000000"),
    "email": ("可空", "用于接收通知和重置密码。", "wangxm@example.org"),
    "begins_on": ("可空", "到本机构工作的日期；新人员留空时为导入当天。", "2019-07-01"),
    "practising_since": ("可空", "首次执业的日期，用于计算基层工作年限。", "2010-08-01"),
    "account": ("可空", "登录账号；留空时按姓名拼音自动生成。", "wangxiaoming"),
}
_NOTES = (
    "1. 表头名称和顺序可以不同，只要能认出来；不要合并单元格，不要使用公式。",
    "2. 先核对、后导入：上传后先看到每一行会新增、变更还是被退回及原因，确认后一次性导入，有一行被退回则全部不导入。",
    "3. 同一份名册重复导入不会改变任何内容；留空的单元格不会清除已有内容。",
    "4. 身份证号与已有人员相同即视为同一人；调动到其他机构请在人员页面办理。",
)


def template(institutions: Sequence[str] = ()) -> IO[bytes]:
    """The empty roster as .xlsx, with the institutions to choose from."""
    return workbook([_people(institutions), _guide()])


def _people(institutions: Sequence[str]) -> Sheet:
    choices = {"category": [words[0] for words in CATEGORIES.values()], "institution": list(institutions)}
    columns = [
        Column(
            heads[0] + ("" if name in REQUIRED else "（可空）"),
            width=22 if name in ("identity_number", "institution", "licence_number", "email") else 14,
            choices=choices.get(name, ()),
            text=True,
        )
        for name, heads in COLUMNS.items()
    ]
    return Sheet(PEOPLE, columns, to_fill=_ROWS)


def _guide() -> Sheet:
    columns = [Column("列名", 20), Column("是否必填", 10), Column("说明", 56), Column("示例", 24)]
    rows = [(COLUMNS[name][0], *explained) for name, explained in _EXPLAINED.items()]
    return Sheet(GUIDE, columns, rows, notes=_NOTES)
