"""The shape of the house, held by a machine: arrows, sizes, names, and one place for each thing."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import CHECKOUT
from lms import catalogues

SOURCES = [p for root in ("lms", "courses", "assessments", "demo") for p in sorted((CHECKOUT / root).rglob("*.py"))]
FORBIDDEN_NAMES = {"util", "utils", "helpers", "common", "misc", "manager"}
#: Files over 400 lines and functions over 50 that are allowed to be; this list may only shrink.
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()

#: (what is forbidden, why, where it is allowed)
ONE_PLACE = [
    (
        r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(\)",
        "time comes from lms.clock",
        {"lms/clock.py"},
    ),
    (r"(?<!ids\.)\buuid[1-8]\((?!\) ->)|\buuid\.uuid", "ids come from lms.ids", set()),
    (r"\bpickle\b|\bmarshal\b|\bshelve\b", "nothing is pickled", {"lms/jobs.py"}),
    (r"render_template_string|\.from_string\(", "templates are files", set()),
    (r"(?<![\w.])eval\(|(?<![\w.])exec\(", "nothing is evaluated", set()),
    (r"urlopen|requests\.(get|post)|httpx", "nothing is fetched for a user", set()),
    (r"\|\s*safe\b|Markup\(", "HTML from users goes through one sanitiser", {"lms/web/markup.py"}),
    (r"\bxlsxwriter\b|\bcsv\.writer\b", "exports go through one writer", {"lms/web/exports.py"}),
    (r"populate_obj", "forms hold no rules", set()),
]


def names(paths: Iterator[Path] | list[Path]) -> list[tuple[str, str]]:
    return [(str(p.relative_to(CHECKOUT)), p.read_text()) for p in paths]


def test_no_arrow_points_back() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=CHECKOUT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:]


def test_an_arrow_back_is_seen(tmp_path: Path) -> None:
    for package, line in (("lms", "import courses"), ("courses", ""), ("assessments", "")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(line)
    contract = '[tool.importlinter]\nroot_packages = ["lms", "courses", "assessments"]\n'
    contract += (
        '[[tool.importlinter.contracts]]\nname = "x"\ntype = "layers"\nlayers = ["assessments", "courses", "lms"]\n'
    )
    (tmp_path / "pyproject.toml").write_text(contract)
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1, ran.stdout


def violations(sources: list[tuple[str, str]]) -> list[str]:
    found = []
    for pattern, why, allowed in ONE_PLACE:
        for name, text in sources:
            if name in allowed or name.startswith("demo/"):
                continue
            found += [
                f"{name}:{number}: {why}"
                for number, line in enumerate(text.splitlines(), 1)
                if re.search(pattern, line.split("#")[0]) and "noqa: one-place" not in line
            ]
    return found


def test_each_thing_has_one_place() -> None:
    templates = [p for root in ("lms", "courses", "assessments") for p in sorted((CHECKOUT / root).rglob("*.html"))]
    assert violations(names(SOURCES + templates)) == []


@pytest.mark.parametrize("line", ["datetime.now()", "import pickle", "{{ text | safe }}", "eval('1')", "uuid4()"])
def test_a_second_place_is_seen(line: str) -> None:
    assert violations([("lms/planted.py", line)])


def test_no_file_is_too_long() -> None:
    assert {name for name, text in names(SOURCES) if text.count("\n") > 400} == LONG_FILES


def long_functions(sources: list[tuple[str, str]]) -> set[str]:
    return {
        f"{name}:{node.name}"
        for name, text in sources
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    }


def test_no_function_is_too_long() -> None:
    assert long_functions(names(SOURCES)) == LONG_FUNCTIONS


def test_a_long_function_is_seen() -> None:
    assert long_functions([("x.py", "def f():\n" + "    pass\n" * 51)]) == {"x.py:f"}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [p for p in SOURCES if p.stem in FORBIDDEN_NAMES or p.parent.name in FORBIDDEN_NAMES] == []


def test_every_message_is_translated() -> None:
    assert catalogues.missing(CHECKOUT) == {}


def test_english_is_the_language_of_the_code() -> None:
    chinese = {m for m in catalogues.extracted(CHECKOUT) if re.search(r"[一-鿿]", str(m))}
    assert chinese == set()


def test_no_template_shows_text_that_is_not_translated() -> None:
    spoken = []
    for path in [p for root in ("lms", "courses", "assessments") for p in sorted((CHECKOUT / root).rglob("*.html"))]:
        text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)
        spoken += [
            f"{path.relative_to(CHECKOUT)}: {line.strip()}" for line in text.splitlines() if re.search(r"[一-鿿]", line)
        ]
    assert spoken == []


def defined(source: str) -> Iterator[str]:
    """The names a module gives at its top, but for what a decorator has taken to somewhere else."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for one in targets if isinstance(one, ast.Name))


def unused(modules: list[tuple[str, str]], others: list[tuple[str, str]]) -> list[str]:
    """What is defined and then named nowhere: not in its own file, not in another, not in a template."""
    count = Counter(word for _, source in (*modules, *others) for word in re.findall(r"\w+", source))
    return [f"{name}: {one}" for name, source in modules for one in defined(source) if count[one] == 1]


def test_nothing_lies_about_unused() -> None:
    around = [p for root in ("lms", "courses", "assessments") for p in (CHECKOUT / root).rglob("*.html")]
    around += [p for root in ("tests", "bench", "migrations") for p in (CHECKOUT / root).rglob("*.py")]
    assert unused(names(SOURCES), names(around)) == []


def test_what_lies_about_unused_is_seen() -> None:
    module = ("a.py", "def used(): ...\ndef left(): ...\nLAST: int = used()\n")
    assert unused([module], [("a.html", "{{ LAST }}")]) == ["a.py: left"]
