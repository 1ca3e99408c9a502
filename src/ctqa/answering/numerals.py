"""Numbers as English writes them: digits or words -> their value."""

import re

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * place for place, word in enumerate(_TENS, start=2)
}
_BELOW_HUNDRED = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[\s-]+(?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES[:0:-1])})"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"

NUMBER = (
    rf"(?:{_DIGITS}|(?:\b(?:{_BELOW_HUNDRED}|a)\s+hundred(?:\s+(?:and\s+)?{_BELOW_HUNDRED})?|"
    rf"\b{_BELOW_HUNDRED})\b)"
)
"""The pattern of a number, without groups; to be matched whatever its case."""


def valued(number: str) -> tuple[float, float]:
    """Give the value of a text that `NUMBER` matches, and the least step that it can tell."""
    if number[0].isdigit():
        plain = number.replace(",", "")
        return float(plain), 10.0 ** -len(plain.partition(".")[2])
    total = 0.0
    for word in re.split(r"[\s-]+", number.lower()):
        if word == "hundred":
            total = 100 * max(total, 1)
        else:
            total += _VALUES.get(word, 0)
    return total, 1.0
