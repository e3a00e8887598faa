"""The report in words: what each aspect is called, what was measured, what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from assessments.traces.rules.judging import Aspect, Finding, How
from assessments.traces.rules.signal import Wrong
from assessments.traces.rules.targets import Targets
from lms.i18n import _, _l, figure, percent

ASPECTS: Mapping[str, LazyString] = {
    Aspect.DEPTH: _l("Depth"),
    Aspect.RATE: _l("Rate"),
    Aspect.RECOIL: _l("Recoil"),
    Aspect.PAUSES: _l("Longest pause"),
    Aspect.FRACTION: _l("Compression fraction"),
}
REFUSED: Mapping[str, LazyString] = {
    Wrong.NO_COMPRESSION: _l("There is no compression in this file: the depth hardly changes. Was the sensor on?"),
    Wrong.IN_CENTIMETRES: _l(
        "There is no compression in this file: the depth stays below 1 cm. If it is in cm, name the column depth_cm."
    ),
    Wrong.ONE_COMPRESSION: _l("There are no two compressions after each other in this file, so there is no rate."),
    Wrong.TOO_FAST: _l(
        "This is faster than anybody compresses. If the times are milliseconds, name the column time_ms; if they are "
        "seconds, time_s."
    ),
    Wrong.TOO_SHORT: _l(
        "The whole file is shorter than 5 seconds. If the times are seconds, name the column time_s, not time_ms."
    ),
    Wrong.TOO_FEW_READINGS: _l(
        "There are fewer than 10 readings a second: a compression between two of them would be missed."
    ),
}


@dataclass(frozen=True)
class Advice:
    """What to change: in three words, why, and how to practise it."""

    title: LazyString
    why: LazyString
    steps: tuple[LazyString, ...]


ADVICE: Mapping[str, Advice] = {
    How.SHALLOW: Advice(
        _l("Press deeper"),
        _l("A shallow compression moves hardly any blood to the brain and the heart."),
        (
            _l("Kneel close, shoulders straight above your hands, elbows locked: your weight presses, not your arms."),
            _l("Put the manikin on a hard floor or a board: a mattress swallows the depth."),
            _l("Thirty compressions at a time, then look at the depth, then the next thirty."),
        ),
    ),
    How.DEEP: Advice(
        _l("Press less deep"),
        _l("Pressing too deep injures and moves no more blood."),
        (
            _l("Thirty compressions at a time with the display in sight, until you know the depth by feel."),
            _l("Do not fall onto the chest: press down evenly and let go evenly."),
        ),
    ),
    How.FADING: Advice(
        _l("Change over before you tire"),
        _l("The depth falls towards the end. One does not notice this oneself; it is tiredness."),
        (
            _l("Change over every two minutes, and earlier when somebody sees you tire."),
            _l("Practise the change itself: the other one kneels ready, and takes over within a few seconds."),
            _l("Use your weight instead of your arms; then the depth lasts longer."),
        ),
    ),
    How.SLOW: Advice(
        _l("Press faster"),
        _l("At a slow rate the pressure falls again between the compressions."),
        (
            _l("Practise with a metronome at %(beat)s a minute, for two minutes."),
            _l("Then once without it, and compare."),
        ),
    ),
    How.FAST: Advice(
        _l("Press more slowly"),
        _l("Too fast, the heart has no time to fill, and the depth suffers."),
        (
            _l("Practise with a metronome at %(beat)s a minute, for two minutes."),
            _l("Count aloud: it slows down whoever hurries."),
        ),
    ),
    How.LEANING: Advice(
        _l("Let go completely"),
        _l("While weight rests on the chest, the heart does not fill."),
        (
            _l("After each compression take all weight off; the hands stay in touch with the chest."),
            _l("Only the heel of the hand presses; the fingers do not rest on the ribs."),
            _l("Ten slow compressions in which the display goes back to zero each time; then at full rate."),
        ),
    ),
    How.LONG_PAUSE: Advice(
        _l("Shorten the pauses"),
        _l("In a pause no blood moves, and it takes several compressions until the pressure is back."),
        (
            _l("Two breaths, then press at once: mask and head position are ready before the thirtieth compression."),
            _l("Attach the pads and charge while compressions go on; stop only for the analysis and the shock."),
            _l("Somebody counts the seconds of every pause aloud."),
        ),
    ),
    How.LOW_FRACTION: Advice(
        _l("Press for more of the time"),
        _l("Every second without compressions is a second without blood flow."),
        (
            _l("Decide before stopping what the stop is for, and say how long it will last."),
            _l("Check the pulse only together with the change-over, never by itself."),
        ),
    ),
}


def refused(wrong: Wrong) -> str:
    """Why nothing can be measured, as a sentence."""
    return str(REFUSED[wrong])


def measured(aspect: str, figures: Mapping[str, Any]) -> str:
    """What was measured in one aspect."""
    released = 100 * figures["released"] / figures["compressions"]
    said = {
        Aspect.DEPTH: _("%(mm)s mm on average", mm=figure(figures["depth_mean"])),
        Aspect.RATE: _("%(rate)s a minute", rate=round(figures["rate_median"])),
        Aspect.RECOIL: _("released %(share)s%% of the time", share=figure(released)),
        Aspect.PAUSES: _("%(seconds)s s", seconds=figure(longest(figures))),
        Aspect.FRACTION: percent(100 * figures["fraction"]),
    }
    return str(said[Aspect(aspect)])


def longest(figures: Mapping[str, Any]) -> float:
    """Seconds of the longest pause."""
    return round(max((one["lasts"] for one in figures["pauses"]), default=0.0), 1)


def asked(aspect: str, targets: Targets) -> str:
    """What the guideline asks in one aspect."""
    if aspect == Aspect.DEPTH and targets.depth_high is None:
        return str(_("at least %(low)s mm", low=targets.depth_low))
    said = {
        Aspect.DEPTH: _("%(low)s–%(high)s mm", low=targets.depth_low, high=targets.depth_high),
        Aspect.RATE: _("%(low)s–%(high)s a minute", low=targets.rate_low, high=targets.rate_high),
        Aspect.RECOIL: _("at least %(share)s%%", share=100 - targets.leaning_most),
        Aspect.PAUSES: _("at most %(seconds)s s", seconds=targets.pause_longest),
        Aspect.FRACTION: _(
            "at least %(least)s%%, better %(better)s%%", least=targets.fraction_least, better=targets.fraction_better
        ),
    }
    return str(said[Aspect(aspect)])


def detail(aspect: str, figures: Mapping[str, Any]) -> str:
    """The counts behind one aspect."""
    all_ = figures["compressions"]
    if aspect == Aspect.DEPTH:
        words = _("%(right)s of %(all)s in range", right=figures["depth_in_range"], all=all_)
        extra = [
            _("%(number)s too shallow", number=figures["shallow"]) if figures["shallow"] else "",
            _("%(number)s too deep", number=figures["deep"]) if figures["deep"] else "",
        ]
        return " · ".join([words, *filter(None, extra)])
    if aspect == Aspect.RATE:
        return str(
            _("%(right)s of %(all)s intervals in range", right=figures["intervals_in_range"], all=figures["intervals"])
        )
    if aspect == Aspect.RECOIL:
        return str(_("leaned on %(number)s of %(all)s", number=all_ - figures["released"], all=all_))
    if aspect == Aspect.PAUSES:
        return str(_("pauses: %(number)s", number=len(figures["pauses"])))
    return str(_("%(rate)s compressions really given in a minute", rate=round(60 * all_ / figures["lasts"])))


def advice(finding: Finding, targets: Targets) -> tuple[str, str, list[str]]:
    """Title, reason and steps for one finding, the beat put in."""
    known = ADVICE[finding.how]
    beat = {"beat": (targets.rate_low + targets.rate_high) // 2}
    return str(known.title), str(known.why), [str(step) % beat for step in known.steps]
