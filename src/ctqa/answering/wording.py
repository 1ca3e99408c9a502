"""Sentences that the command line and the page share: ranks, chances and what they rest on."""

import math

from ctqa.records import Calibrated, Expansion, HeldBack

_WORTH_TELLING = 0.25  # a confidence below it tells nothing but noise
_SHORT_LABEL = 8  # characters: "xiv", "A-12"; the name of a sheet is longer

NOT_CALIBRATED = (
    "Not calibrated: how often answers like these are right was not measured. Check each one."
)

NOT_RERANKED = "Asked without reranking, which is quicker and less often right."


def ordinal(number: int) -> str:
    """Write a rank: 1st, 22nd, 1,003rd."""
    teen = number % 100 in (11, 12, 13)
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def percent(confidence: float) -> str:
    """Write a chance in whole percents, never rounded up: 100 % would be certainty."""
    return f"{int(confidence * 100)} %"


def in_words(confidence: float) -> str:
    """Say what a chance means, in tenths."""
    if confidence >= 0.95:
        share = "more than 9"
    elif confidence < 0.05:
        share = "fewer than 1"
    else:
        share = f"about {int(confidence * 10 + 0.5)}"
    return f"{share} in 10 answers like this one were right"


def rests_on(calibration: Calibrated | None) -> str:
    """Say what the confidences of a reply were calibrated on, if on anything."""
    if calibration is None:
        return NOT_CALIBRATED
    if calibration.own:
        return (
            f"Confidence is calibrated on {calibration.questions:,} of your gold questions "
            f"({calibration.created_at[:10]})."
        )
    return (
        f"Confidence is calibrated on {calibration.questions:,} questions of {calibration.gold}, "
        "not on your documents."
    )


def stands_for(expansion: Expansion) -> str:
    """Say what an acronym means, and which document says so."""
    return f"{expansion.short} stands for “{expansion.long}” in {expansion.document_id}."


def nearly(found: HeldBack | None) -> str:
    """Say that there was something like an answer, where it was not far from being given."""
    if found is None or found.confidence < _WORTH_TELLING:
        return ""
    sure, least = percent(found.confidence), "" if math.isinf(found.least) else percent(found.least)
    if sure == least:
        return (
            "The nearest to an answer was held back: its confidence is just below the "
            f"{least} from which answers are given."
        )
    told = f"The nearest to an answer was held back: its confidence is {sure}"
    if not least:
        return f"{told}, and as accepted_error is set, nothing is answered."
    return f"{told}, and answers are given from {least} on."


def label_after(number: int, label: str) -> str:
    """Say what is printed on a page beside its number in the file; "" where that is the same."""
    if label in ("", str(number)):
        return ""
    return f" (marked {label})" if len(label) <= _SHORT_LABEL else f", {label}"
