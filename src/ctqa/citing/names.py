"""An author field -> the persons and bodies that it names.

A name is taken apart only where it is clearly a person's: of two to four words that are written
like names or initials, none of which is a word that bodies call themselves by.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_AND = re.compile(r",?\s+(?:and|&)\s+", re.IGNORECASE)
_WORD_END = re.compile(r"[\s,]+")
_COMMA = re.compile(r"\s*,\s*")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,3}")
_WITHIN = re.compile(r"[\s.-]+")
_FULL = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*[^\W\d_]")
_TITLE = re.compile(
    r"(?:(?:dr|prof|professor|sir|dame|mr|mrs|ms|rev|revd)\b\.?\s+)+", re.IGNORECASE
)
_DEGREES = re.compile(r"(?:,?\s+(?:PhD|MD|MBE|OBE|CBE|RN|MSc|BSc|MA|BA|MBBS|FRC[A-Z]+))+\.?")
_PARTICLES = frozenset(
    {
        *(
            "af",
            "al",
            "bin",
            "da",
            "de",
            "del",
            "della",
            "den",
            "der",
            "di",
            "dos",
            "du",
            "el",
            "ibn",
        ),
        *("la", "le", "ten", "ter", "van", "von", "zu"),
    }
)
# Words by which bodies, not persons, are called.
_BODY = re.compile(
    r"""(?:
    academy | action | administration | advice | age | agency | alliance | alzheimer's | archive
    | assembly | associates | association | authorities | authority | bank | baroness | bbc
    | board | borough | bureau | business | cabinet | campaign | care | carers | centre | center
    | charities | charity | church | citizens | city | clinic | clinical | coalition | college
    | commission | commissioner | committee | community | company | concern | confederation
    | congress | consortium | consultants | consulting | consumers | corporation | council
    | councils | county | court | crown | department | development | digital | directorate
    | disability | district | division | economic | education | employers | england | eu
    | europe | european | executive | faculty | federation | forum | foundation | fund | general
    | global | government | group | groups | gb | guild | health | healthcare | healthwatch
    | help | home | homes | hospital | house | housing | inc | independent | initiative
    | inspectorate | institute | institution | international | ireland | journal | labour | lady
    | learning | library | limited | llp | local | lord | ltd | management | media | medical
    | medicine | mental | mind | ministry | mission | money | museum | national | nations
    | network | news | ni | nhs | northern | nursing | office | ombudsman | open | organisation
    | organization | parliament | partners | partnership | party | people | planning | plc
    | point | police | policy | practice | press | primary | programme | project | protection
    | public | publications | publishing | quality | regulator | relief | research | review
    | rights | royal | safety | school | schools | science | scotland | secretariat | secretary
    | senate | service | services | skills | social | societies | society | solutions | staff
    | standards | state | statistics | studies | support | survey | system | systems | task
    | team | technology | times | training | treasury | tribunal | trust | trusts | uk | un
    | unicef | union | unison | united | university | us | usa | user | users | voice
    | voluntary | wales | water | welfare | western | women | women's | work | workers | world
    | youth
    )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A person by `family` and `given`, or anything else as it is written, in `literal`."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def initials(self) -> tuple[str, ...]:
        """The first letters of the given names."""
        words = _WITHIN.split(self.given)
        parts = [word if word.isupper() and len(word) <= 3 else word[:1] for word in words]
        return tuple(letter.upper() for part in parts for letter in part)


@lru_cache(maxsize=1_000)
def names_in(author: str) -> tuple[Name, ...]:
    """Read an author field, "" for none; what stands between semicolons is a name each."""
    if ";" in author:
        pieces = [piece.strip() for piece in author.split(";")]
        return tuple(_person(piece) or Name(literal=piece) for piece in pieces if piece)
    return _listed(author) if author.strip() else ()


def _listed(author: str) -> tuple[Name, ...]:
    """Read names parted by "and" or commas, where every one of them is a person's; else one."""
    for pieces in (_AND.split(author), _COMMA.split(_AND.sub(", ", author)), _in_pairs(author)):
        persons = [_person(piece) for piece in pieces]
        if pieces and None not in persons:
            return tuple(person for person in persons if person is not None)
    return (Name(literal=author.strip()),)


def _in_pairs(author: str) -> list[str]:
    """Part "Smith, J., Jones, A. and Brown, B." before each family name; [] where it is not so."""
    pieces = _COMMA.split(_AND.sub(", ", author))
    families, given = pieces[::2], pieces[1::2]
    if len(families) != len(given) or not all(map(_are_initials, given)):
        return []
    return [f"{name}, {initials}" for name, initials in zip(families, given, strict=True)]


def _person(text: str) -> Name | None:
    plain = _DEGREES.sub("", _TITLE.sub("", text.strip(), count=1))
    if any(map(_BODY.fullmatch, _WORD_END.split(plain))):
        return None
    family, comma, given = (part.strip() for part in plain.partition(","))
    return _inverted(family, given) if comma else _in_order(plain.split())


def _inverted(family: str, given: str) -> Name | None:
    """Read "Miller, Robin": one family name, or several before initials."""
    names = [word for word in family.split() if word not in _PARTICLES]
    words = given.split()
    readable = bool(names) and all(map(_is_name, names))
    if not readable or not 0 < len(words) <= 3 or not all(map(_is_given, words)):
        return None
    if len(names) > 1 and not _are_initials(given):
        return None
    return Name(family=family, given=given)


def _in_order(words: Sequence[str]) -> Name | None:
    """Read "Robin Miller", "J. van der Berg", and "Miller RJ"."""
    if not 2 <= len(words) <= 5:
        return None
    if len(words) == 2 and words[1].isupper() and _are_initials(words[1]) and _is_name(words[0]):
        return Name(family=words[0], given=words[1])
    start = len(words) - 1
    while start > 1 and words[start - 1] in _PARTICLES:
        start -= 1
    given = words[:start]
    if len(given) > 3 or not _is_name(words[-1]) or not all(map(_is_given, given)):
        return None
    return Name(family=" ".join(words[start:]), given=" ".join(given))


def _is_given(word: str) -> bool:
    return _is_name(word) or (_are_initials(word) and len(word.strip(".")) < 5)


def _is_name(word: str) -> bool:
    """Tell whether a word is written as a name, in letters both large and small: "O'Neill"."""
    return _FULL.fullmatch(word) is not None and word[0].isupper() and any(map(str.islower, word))


def _are_initials(text: str) -> bool:
    letters = text.split()
    return 0 < len(letters) <= 3 and all(
        word[0].isupper() and word.upper() == word and _INITIALS.fullmatch(word) is not None
        for word in letters
    )
