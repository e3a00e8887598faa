"""The one way to write a course's files, so that the same course is the same bytes everywhere. Pure.

YAML whose values are JSON: a key to a line, a list of maps an item to a line. Every YAML reader reads it, a person can
mend it, and no version of any library decides how it is folded.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

#: What YAML does not take as it is inside quotes: controls, line separators, half pairs, the byte order mark.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def course(entry: Mapping[str, Any]) -> str:
    """course.yaml."""
    return _yaml(entry)


def lesson(entry: Mapping[str, Any]) -> str:
    """A lesson: front matter between dashes, then its text."""
    head = {key: value for key, value in entry.items() if key != "body"}
    return f"---\n{_yaml(head)}---\n{entry.get('body', '')}\n"


def _yaml(entry: Mapping[str, Any]) -> str:
    return "".join(_line(key, value) for key, value in entry.items())


def _line(key: str, value: Any) -> str:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return f"{key}:\n" + "".join(f"  - {_value(one)}\n" for one in value)
    return f"{key}: {_value(value)}\n"


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
