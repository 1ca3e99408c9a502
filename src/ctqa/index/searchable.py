"""What is searched for a passage: its own words, with the title and headings that it stands under.

A search copy is never shown; what is shown is the source's own text.
"""

from collections.abc import Sequence

from ctqa.models import Encoder
from ctqa.records import Document, Passage
from ctqa.text import squeeze

_CONTEXT_CHARS = 200


def search_texts(document: Document, passages: Sequence[Passage], encoder: Encoder) -> list[str]:
    """Make the search copies of a document's passages.

    Title and headings are put before a passage only as far as the encoder then still reads the
    whole of it; the headings, being nearer, come before the title.
    """
    bodies = [squeeze(passage.text) for passage in passages]
    most = encoder.identity.max_tokens
    contexts = [
        [_context(document.source.title, *passage.section), _context(*passage.section), ""]
        for passage in passages
    ]
    copies = [
        f"{choices[0]}\n{body}".strip() for choices, body in zip(contexts, bodies, strict=True)
    ]
    for attempt in (1, 2):
        long = [i for i, ends in enumerate(encoder.token_ends(copies)) if len(ends) > most]
        for i in long:
            copies[i] = f"{contexts[i][attempt]}\n{bodies[i]}".strip()
    return copies


def _context(*parts: str) -> str:
    return "\n".join(squeeze(part)[:_CONTEXT_CHARS] for part in parts if part.strip())
