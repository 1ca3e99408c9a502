"""How numbers and quotes are put into sentences."""

from ctqa.text import squeeze

_SHOWN = 120  # characters of a quote within a sentence


def many(number: int, noun: str, plural: str = "") -> str:
    """Tell how many there are of something."""
    several = plural or f"{noun}s"
    return f"{number:,} {noun if number == 1 else several}"


def shown(text: str, most: int = _SHOWN) -> str:
    """Put a text between quotation marks, cut at a word where it is long."""
    plain = squeeze(text)
    if len(plain) <= most:
        return f"“{plain}”"
    return f"“{plain[:most].rpartition(' ')[0] or plain[:most]} …”"
