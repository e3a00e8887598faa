"""Commands: measure a trace without anything else."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

import config
from assessments.traces import formats
from assessments.traces.content import KINDS, TargetFile
from assessments.traces.rules import signal, words
from assessments.traces.rules.judging import is_evidence, judge, percent
from assessments.traces.rules.targets import Targets
from lms.cli import command, group, json_option, say
from lms.content.formats import kinds, open_pack
from lms.errors import Invalid
from lms.web.intake import Taken

traces = group("traces", "Measure what an instrument wrote down while somebody practised.")
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)


@command(traces, "cpr", offline=True)
@click.argument("file", type=FILE)
@click.option("--targets", "code", default="cpr-adult", show_default=True, help="Code of the targets in the pack.")
@click.option("--pack", type=FOLDER, default=config.CHECKOUT / "content", help="The content pack with the targets.")
@json_option
def cpr(file: Path, code: str, pack: Path, as_json: bool) -> None:
    """Rate, depth, recoil, pauses and fraction of a CPR trace against a guideline: depth against time as CSV."""
    chosen, sources = _targets(pack, code)
    taken, read = _read(file)
    targets = Targets.of(chosen.body())
    try:
        figures = signal.measure(signal.find(read.trace, targets), targets)
    except signal.Unmeasurable as refused:
        raise Invalid(words.refused(refused.wrong)) from None
    findings = judge(figures, targets)
    outcome = asdict(figures) | {
        "targets": chosen.code,
        "percent": str(percent(findings)),
        "long_enough": is_evidence(figures, targets),
        "findings": [asdict(one) | {"share": str(one.share)} for one in findings],
        "sources": sources,
        "sha256": taken.sha256,
    }
    say(outcome, as_json=as_json, words=_words(outcome, targets))


def _read(file: Path) -> tuple[Taken, formats.Read]:
    """The file and the trace in it; the words of a refusal say row and column themselves."""
    try:
        with file.open("rb") as opened:
            taken = formats.let_in(opened, file.name)
        return taken, formats.read(taken.data)
    except Invalid as refused:
        raise Invalid(str(refused)) from None


def _targets(folder: Path, code: str) -> tuple[TargetFile, list[dict[str, str]]]:
    """The targets of this code with their sources; a pack with faults is not used."""
    pack = open_pack(folder, kinds(("lms.techniques", "assessments.traces")))
    name = KINDS[0].name
    mine = [fault for fault in pack.faults if fault.file.startswith("traces/")]
    if mine:
        raise Invalid(str(mine[0]))
    found = {one.value.code: one.value for one in pack.files(name)}
    if code not in found:
        raise Invalid(f"there are no targets {code!r} in this pack; there are: {', '.join(sorted(found))}")
    return found[code], [pack.source(source) for source in found[code].sources]


def _words(outcome: dict[str, Any], targets: Targets) -> str:
    lines = [
        f"{words.ASPECTS[one['aspect']]}: {words.measured(one['aspect'], outcome)}"
        f" ({words.asked(one['aspect'], targets)})"
        f" {'✓' if one['met'] else '✗'} {words.detail(one['aspect'], outcome)}"
        for one in outcome["findings"]
    ]
    return "\n".join([*lines, f"{outcome['compressions']} / {outcome['lasts']} s: {outcome['percent']} %"])
