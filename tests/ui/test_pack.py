"""An evidence pack: its quotes are the documents' characters, in every kind of file."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from ui.replies import answer, hit, passage, reply, source
from ui.texts import PAYLOADS

from ctqa.citing import STYLES, Style
from ctqa.index.receipts import Checked
from ctqa.records import Disagreement, Filter, Quote
from ctqa.ui import words
from ctqa.ui.history import Turn
from ctqa.ui.pack import Pack, as_receipts, pack
from ctqa.ui.pack_docx import as_docx
from ctqa.ui.pack_markdown import as_markdown, quoted

NOW = "2026-05-02T08:00:00+00:00"
MILLER = source(id="m.pdf", path="/x/m.pdf", title="Care trusts", author="Miller", year="2011")
ONS = source(id="o.txt", path="/x/o.txt", title="Ageing", author="ONS", year="2020")
SIGNS = st.sampled_from(
    [
        *("# ", "1. ", "12) ", "- ", "+ ", "* ", "> ", "===", "---", "```", "~~~", "    ", "\t"),
        *("\n", "\n\n", " \n", "\\", "\\\n", "[a](b)", "[a]: b", "![a](b)", "|", "a|b\n-|-", ":-:"),
        *(
            "https://x.org",
            "www.x.org",
            "<b>",
            "&amp;",
            "*a*",
            "__a__",
            "$x$",
            "word",
            "\f",
            "\xa0",
        ),
    ]
)
# Python's reader of Markdown strips these from the ends of lines, where CommonMark does not.
STRIPPED = re.compile("[\x0b\x1c-\x1f\x85]")
QUOTES = (
    st.lists(SIGNS | PAYLOADS | st.text(max_size=4), min_size=1, max_size=8)
    .map("".join)
    .map(lambda text: STRIPPED.sub("", text))
    .map(lambda text: re.sub("[\ud800-\udfff]", "", text))
    .filter(bool)
)


def turn(
    text: str, *, of: Any = MILLER, question: str = "Why?", where: Filter | None = None, **more: Any
) -> Turn:
    within = passage(text)
    given_ = answer(within, 0, len(text), source=of, **more)
    return Turn.of(
        reply([given_], [hit(within)], question=question), where, "2026-05-01T09:30:00+00:00"
    )


def packed(turns: Sequence[Turn], style: Style = "harvard", **more: Any) -> Pack:
    return pack(turns, style, made_at=NOW, receipts_name="receipts.json", **more)


# Markdown -----------------------------------------------------------------------------------------


def read(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def text_of(token: Token) -> str:
    """Give what a reader of Markdown shows of a line's parts, none of which may be markup."""
    parts = []
    for part in token.children or []:
        assert part.type in ("text", "text_special", "hardbreak"), part
        parts.append("\n" if part.type == "hardbreak" else part.content)
    return "".join(parts)


@given(QUOTES)
def test_markdown_shows_a_quote_character_for_character(text: str) -> None:
    tokens = read(quoted(text))
    assert [token.type for token in tokens] == [
        *("blockquote_open", "paragraph_open", "inline", "paragraph_close", "blockquote_close")
    ]
    assert text_of(tokens[2]) == text.replace("\0", "\ufffd")


@given(QUOTES, QUOTES)
def test_nothing_in_a_pack_becomes_markdown(text: str, told: str) -> None:
    hostile = source(id=told, path=f"/{told}", title=told, author=told, year=told, url=told)
    where = Filter(documents=(told,))
    one = turn(
        text, of=hostile, question=told, where=where, sentence_text=told + "x", page_label=told
    )
    tokens = read(as_markdown(packed([one])))
    kinds = {token.type for token in tokens}
    assert kinds <= {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"),
        *("blockquote_open", "blockquote_close", "bullet_list_open", "bullet_list_close"),
        *("list_item_open", "list_item_close"),
    }
    assert [token.tag for token in tokens if token.type == "heading_open"] == [
        *("h1", "h2", "h3", "h2", "h2")
    ]
    for token in tokens:
        if token.type == "inline":
            text_of(token)


@pytest.mark.parametrize("style", ["bibtex", "ris", "csl-json"])
def test_references_for_a_program_stand_in_markdown_as_they_are(style: Style) -> None:
    ticks = source(id="t", title="A ``` of ```` ticks")
    made = packed([turn("alpha"), turn("beta", of=ticks)], style)
    (fence,) = [token for token in read(as_markdown(made)) if token.type == "fence"]
    assert fence.content == made.references_file.replace("\r\n", "\n") + "\n"
    assert made.references == ()


def test_a_table_row_stays_readable_in_the_markdown_itself() -> None:
    assert quoted("Bexley\t12\nBarnet\t9") == "> Bexley\t12\\\n> Barnet\t9"
    assert quoted("A (very) plain sentence, isn't it?") == "> A (very) plain sentence, isn't it?"


# Word ---------------------------------------------------------------------------------------------


def word(made: Pack) -> Any:
    return docx.Document(BytesIO(as_docx(made)))


def paragraphs(made: Any, style: str) -> list[str]:
    return [each.text for each in made.paragraphs if each.style.name == style]


@given(QUOTES)
@settings(max_examples=30)
def test_word_holds_a_quote_character_for_character(text: str) -> None:
    made = word(packed([turn(text)]))
    (quote,) = paragraphs(made, "Quote")
    kept = re.sub("[\0-\x08\x0b-\x1f\ufffe\uffff]", "\ufffd", text)
    assert quote == kept
    said = [line for line in paragraphs(made, "List Bullet") if "cannot hold" in line]
    assert len(said) == (kept != text)


def test_word_gets_headings_a_header_and_its_own_name() -> None:
    made = word(packed([turn("alpha"), turn("beta", of=ONS, question="And how?")]))
    assert paragraphs(made, "Title") == [words.PACK_TITLE]
    assert paragraphs(made, "Heading 1") == [
        *("Question 1: Why?", "Question 2: And how?"),
        *(words.PACK_REFERENCES, words.PACK_CHECKING),
    ]
    assert paragraphs(made, "Quote") == ["alpha", "beta"]
    assert not made.styles["Quote"].font.italic
    (section,) = made.sections
    assert section.header.paragraphs[0].text.endswith("2026-05-02 08:00 UTC")
    assert "PAGE" in section.footer.paragraphs[0]._p.xml
    assert made.core_properties.title == words.PACK_TITLE
    assert made.core_properties.author == ""


@pytest.mark.parametrize("style", STYLES)
def test_word_holds_the_references_in_every_style(style: Style) -> None:
    made = packed([turn("alpha"), turn("beta", of=ONS)], style)
    text = "\n".join(each.text for each in word(made).paragraphs)
    for line in (*made.references, *made.references_file.split()):
        assert line in text


# What it says -------------------------------------------------------------------------------------


def lines(made: Pack) -> list[str]:
    return [line for part in made.parts for item in part.items for line in item.lines]


def test_an_answer_is_cited_placed_and_rated() -> None:
    newer = source(id="n", title="Care trusts 2")
    made = packed([turn("alpha", confidence=0.874, newer=newer, page_label="iv")])
    (item,) = made.parts[0].items
    assert item.citation == "(Miller, 2011, p. iv)"
    assert item.lines[:3] == (
        "File m.pdf, page 3 (marked iv), characters 0 to 5.",
        "Confidence 87 %: about 9 in 10 answers like this one were right.",
        "A newer edition is in your sources: Care trusts 2",
    )
    assert made.references == ("Miller (2011) Care trusts.",)


def test_a_part_of_a_sentence_is_told_with_the_sentence() -> None:
    made = packed([turn("Two", sentence_text="Birmingham Two")])
    assert lines(made)[0] == "In: Birmingham Two"
    assert lines(packed([turn("Two")]))[0].startswith("File")


def test_what_may_contradict_an_answer_is_quoted_and_referred_to() -> None:
    within = passage("It has 4\nbeds.")
    said = Quote(source=MILLER, page=3, start=0, end=14, text="It has 4\nbeds.")
    other = Quote(source=ONS, page=9, start=5, end=20, text="It had 5\n beds.")
    found = Disagreement(kind="number", first=said, second=other, newer=MILLER)
    told = reply([answer(within, 0, 14, source=MILLER)], disagreements=(found,))
    made = packed([Turn.of(told, None, NOW)])
    title, dispute = made.parts[0].items
    assert (title.title, dispute.title) == ("Answer", words.DISPUTED)
    assert (dispute.quote, dispute.citation) == ("It had 5\n beds.", "(ONS, 2020, p. 9)")
    assert dispute.lines == (
        "Another document possibly gives another number. The answer is from the newer edition.",
        "It may contradict this answer: It has 4 beds.",
        "File o.txt, page 9, characters 5 to 20.",
    )
    assert len(made.references) == 2
    assert paragraphs(word(made), "Quote") == ["It has 4\nbeds.", "It had 5\n beds."]


def test_vancouver_counts_the_documents_as_its_list_does() -> None:
    again = replace(MILLER, sha256="1" * 64)  # read anew: the same reference
    made = packed(
        [turn("alpha"), turn("beta", of=again), turn("gamma", of=ONS), turn("delta")], "vancouver"
    )
    cited = [item.citation for part in made.parts for item in part.items]
    assert cited == ["[1]", "[1]", "[2]", "[1]"]
    assert [line[:2] for line in made.references] == ["1.", "2."]


def test_every_answer_names_its_receipt() -> None:
    turns = [turn("alpha"), turn("beta")]
    named = [line for line in lines(packed(turns)) if line.startswith("Receipt")]
    assert named == [f"Receipt {receipt['seal'][:12]}." for receipt in as_receipts(turns)]


def verdict(kind: Any, disk: Any = "") -> Checked:
    return Checked(place="", verdict=kind, why="", document="d", on_disk=disk)


def test_a_pack_says_what_became_of_its_answers() -> None:
    turns = [turn("alpha"), turn("beta")]
    good = packed(turns, checked=[verdict("verified", "same")] * 2)
    assert any("All 2 answers were checked" in line for line in good.lines)
    bad = packed(turns, checked=[verdict("verified", "changed"), verdict("false")])
    assert any("Only 1 of 2 answers" in line for line in bad.lines)
    first, second = (line for line in lines(bad) if line.startswith("Receipt"))
    assert first.endswith("exactly; the file itself has changed since it was read.")
    assert "do not rely on this quote" in second
    none = packed(turns, not_checked="index/ is damaged")
    assert any("could not be checked" in line and "damaged" in line for line in none.lines)


def test_a_refusal_says_what_was_not_read_and_what_came_near() -> None:
    refused = Turn.of(reply([], [hit(passage("alpha"))], pages_unread=2), None, NOW)
    made = packed([refused])
    (part,) = made.parts
    assert part.items == ()
    assert part.lines[1].startswith("Not in your sources. ")
    assert part.lines[2] == words.unread_matters(2)
    assert part.lines[3].startswith("The closest passages: D, Page 2.")
    assert made.references == made.checking == ()
    assert words.PACK_NONE in unescape(as_markdown(made))
    assert words.PACK_NONE in [each.text for each in word(made).paragraphs]
