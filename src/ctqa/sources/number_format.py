"""A cell's value and number format -> the value as a person sees it in the sheet."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

_PIECE = re.compile(r"""(?s)"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|.""")
_TOKEN = re.compile(
    r"""(?P<said>"[^"]*"|\\.)|(?P<blank>_.|\*.)|\[(?P<bracket>[^\]]*)\]"""
    r"""|(?P<digits>[#0?.,]*[#0?],*)|(?P<exponent>[eE][+-]0+)|(?P<other>.)""",
    re.DOTALL,
)
_DATE_TOKEN = re.compile(
    r"""(?P<said>"[^"]*"|\\.)|(?P<blank>_.|\*.)|\[(?P<bracket>[^\]]*)\]"""
    r"""|(?P<code>AM/PM|A/P|y+|m+|d+|h+|s+(?:\.0+)?)|(?P<other>.)""",
    re.DOTALL | re.IGNORECASE,
)
_LOCALE_DATES = frozenset({"mm-dd-yy", "m/d/yy"})  # shown as the reader's own settings have it
_MOST_DIGITS = 11  # of a number without a format
_LARGEST = 1e15  # a sheet keeps no more digits
_MOST_PERCENTS = 2
_SHORT = Context(prec=_MOST_DIGITS)
_EXACT = Context(prec=400)  # a format has at most 255 places


def shown(value: object, number_format: str) -> str:
    """Give a value as the sheet shows it; "" for an empty cell.

    Dates whose format follows the reader's settings are written year first.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value, number_format)
    if isinstance(value, (date, time)):
        return _date(value, number_format)
    return _duration(value) if isinstance(value, timedelta) else str(value)


def _number(value: float, number_format: str) -> str:
    if not abs(value) < _LARGEST:
        return str(_SHORT.create_decimal(Decimal(value)).normalize(_SHORT))
    section, magnitude = _section_for(value, number_format)
    if section.strip().lower() in {"", "general", "@"} or ("/" in section and "?" in section):
        return _general(value)
    return _formatted(magnitude, section)


def _section_for(value: float, number_format: str) -> tuple[str, float]:
    """Choose the part of a format that is for such a number; the second shows no sign itself."""
    sections = _sections(number_format)
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


@lru_cache(maxsize=1_000)
def _sections(number_format: str) -> tuple[str, ...]:
    sections = [""]
    for piece in _PIECE.findall(number_format):
        if piece == ";":
            sections.append("")
        else:
            sections[-1] += piece
    return tuple(sections)


def _general(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.{_MOST_DIGITS - 1}g}"


def _formatted(value: float, section: str) -> str:
    parts: list[str] = []
    tokens = list(_TOKEN.finditer(section))
    percents = min(sum(token["other"] == "%" for token in tokens), _MOST_PERCENTS)
    exponent = next((token["exponent"] for token in tokens if token["exponent"]), "")
    digits = [token["digits"] for token in tokens if token["digits"]]
    written = False
    for token in tokens:
        if token["said"]:
            parts.append(token["said"].strip('"') if token["said"][0] == '"' else token["said"][1])
        elif token["blank"]:
            parts.append(" " if token["blank"][0] == "_" else "")
        elif token["bracket"] is not None:
            parts.append(_currency(token["bracket"]))
        elif token["digits"] and not written:
            parts.append(_digits(value * 100**percents, token["digits"], exponent))
            written = True
        elif token["other"]:
            parts.append(token["other"])
    text = " ".join("".join(parts).split())
    if not digits:  # words alone: "n/a", or a text format
        return text or _general(value)
    return f"-{text}" if value < 0 and text.strip("0., %") else text


def _digits(value: float, pattern: str, exponent: str) -> str:
    """Write the digits of a number by a pattern such as #,##0.00; its sign is not written."""
    whole, _, fraction = pattern.rstrip(",").partition(".")
    size = Decimal(repr(abs(value))).scaleb(-3 * (len(pattern) - len(pattern.rstrip(","))))
    places = len(fraction)
    if exponent:
        return f"{size:.{places}E}"
    rounded = size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    head, _, tail = text.partition(".")
    kept = tail[: len(fraction.rstrip("#?"))] + tail[len(fraction.rstrip("#?")) :].rstrip("0")
    head = "" if head == "0" and "0" not in whole else head.zfill(whole.count("0"))
    return f"{head}.{kept}" if kept else head


def _currency(bracket: str) -> str:
    """Give the sign in [$£-809]; a colour, a condition or a language says nothing."""
    return bracket[1:].partition("-")[0] if bracket.startswith("$") else ""


def _date(value: date | time, number_format: str) -> str:
    section = _sections(number_format)[0]
    bare = re.sub(r"\[[^\]]*\]|;.*", "", section).strip().lower()
    if bare in _LOCALE_DATES or not re.search(r"[ymdhs]", bare):
        return _iso(value)
    parts: list[str] = []
    tokens = list(_DATE_TOKEN.finditer(section))
    codes = [token["code"].lower() if token["code"] else "" for token in tokens]
    noon = any(code in {"am/pm", "a/p"} for code in codes)
    for at, token in enumerate(tokens):
        if token["code"]:
            parts.append(_part(value, codes[at], _is_minutes(codes, at), noon))
        elif token["said"]:
            parts.append(token["said"].strip('"') if token["said"][0] == '"' else token["said"][1])
        elif token["bracket"] is not None and token["bracket"].lower() in {"h", "hh"}:
            parts.append(f"{value.hour:02d}" if isinstance(value, (datetime, time)) else "")
        elif token["other"]:
            parts.append(token["other"])
    return " ".join("".join(parts).split("@")[0].split())


def _is_minutes(codes: list[str], at: int) -> bool:
    """Tell minutes from months: they follow hours or come before seconds."""
    before = next((code for code in reversed(codes[:at]) if code), "")
    after = next((code for code in codes[at + 1 :] if code), "")
    return before.startswith("h") or after.startswith("s")


def _part(value: date | time, code: str, is_minutes: bool, noon: bool) -> str:
    if code in {"am/pm", "a/p"}:
        return value.strftime("%p") if isinstance(value, (datetime, time)) else ""
    forms = {"yy": "%y", "yyyy": "%Y", "mmm": "%b", "mmmm": "%B", "mmmmm": "%b"}
    forms |= {"ddd": "%a", "dddd": "%A"}
    if isinstance(value, time) and code[0] in "yd":
        return ""
    if code in forms and not is_minutes:
        return value.strftime(forms[code])
    return _figure(value, code, is_minutes, noon)


def _figure(value: date | time, code: str, is_minutes: bool, noon: bool) -> str:
    hour = getattr(value, "hour", 0)
    number = {
        "y": getattr(value, "year", 0),
        "m": getattr(value, "minute" if is_minutes else "month", 0),
        "d": getattr(value, "day", 0),
        "h": (hour - 1) % 12 + 1 if noon else hour,
        "s": getattr(value, "second", 0),
    }[code[0]]
    return f"{number:02d}" if len(code.partition(".")[0]) > 1 else str(number)


def _iso(value: date | time) -> str:
    if isinstance(value, datetime):
        is_day = value.time() == time(0)
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    return value.isoformat()


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
