"""Sentences that the command line and the page share: ranks, chances and what they rest on."""

from ctqa.records import Calibrated, Expansion

NOT_CALIBRATED = (
    "Not calibrated: how often answers like these are right was not measured. Check each one."
)


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
