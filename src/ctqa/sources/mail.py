"""A saved message (.eml) -> content: its head, and its body as text or as a web page."""

import email
import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime

from ctqa.sources.archive import damage_told
from ctqa.sources.content import Loaded
from ctqa.sources.decode import decode, tidy
from ctqa.sources.html import decode_html, parse_html
from ctqa.sources.html_blocks import write_html
from ctqa.sources.manuscript import Manuscript
from ctqa.sources.office import counted

_HEAD = ("From", "To", "Cc", "Date", "Subject")
_MOST_NAMED = 5  # attachments
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


def load_mail(data: bytes) -> Loaded:
    """Read a message; attachments are named as left out, quoted replies are kept.

    Raises:
        SourceError: the bytes are no message.

    """
    with damage_told(MessageError):
        message = email.message_from_bytes(data, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 -- what this policy makes
        head = {name: tidy(str(message[name])) for name in _HEAD if message[name] is not None}
        body = message.get_body(("plain", "html"))
        attached = [
            tidy(part.get_filename("a part without a name")) for part in message.iter_attachments()
        ]
    if not head and body is None:
        return Loaded(state="failed", reason="not a message: it has neither a head nor a body")
    manuscript = Manuscript()
    manuscript.paragraph("\n".join(f"{name}: {value}" for name, value in head.items()))
    if body is not None:
        with damage_told(MessageError):
            _write_body(manuscript, body)
    name, address = parseaddr(head.get("From", ""))
    content = manuscript.content(
        title=head.get("Subject", ""), author=name or address, year=_year(message)
    )
    return Loaded(contents=(content,), reason="; ".join(_left_out(attached)))


def _write_body(manuscript: Manuscript, body: MIMEPart) -> None:
    payload = body.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = body.get_content_charset("")
    try:
        text = data.decode(charset) if charset else ""
    except (LookupError, UnicodeDecodeError):
        text = ""
    if body.get_content_subtype() == "html":
        tree, _ = parse_html(text or decode_html(data))
        if tree is not None:
            write_html(manuscript, tree)
        return
    for paragraph in _PARAGRAPHS.split(text or decode(data)):
        manuscript.paragraph(paragraph)


def _year(message: EmailMessage) -> str:
    try:
        return str(parsedate_to_datetime(str(message["Date"])).year)
    except (TypeError, ValueError):
        return ""


def _left_out(attached: list[str]) -> Iterator[str]:
    if attached:
        (count,) = counted(len(attached), "attachment", "not read")
        more = "" if len(attached) <= _MOST_NAMED else ", …"
        yield f"{count}: {', '.join(attached[:_MOST_NAMED])}{more}"
