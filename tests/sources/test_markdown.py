import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources.content import Content
from ctqa.sources.markdown import load_markdown

SAMPLE = """---
title: "Care trusts"
author: [R. Miller, 'H. Dickinson']
date: 2011-07-01
tags:
  - title
---

Before any heading.

# The *care* [trust](http://x) `pilgrims`

```
# a comment
```

## Findings &amp; more

> # Quoted
>
> - # Listed

    # indented code

Setext
======

####

Text under the setext heading.
"""


def load(text: str) -> Content:
    (content,) = load_markdown(text.encode()).contents
    return content


def test_text_is_the_source_itself() -> None:
    assert load(SAMPLE).text == SAMPLE


def test_headings_make_nested_sections() -> None:
    content = load(SAMPLE)

    found = [(s.path, content.text[s.start : s.end].partition("\n")[0]) for s in content.sections]
    assert found == [
        (("The care trust pilgrims",), "# The *care* [trust](http://x) `pilgrims`"),
        (("The care trust pilgrims", "Findings & more"), "## Findings &amp; more"),
        (("Setext",), "Setext"),
    ]
    assert content.sections[-1].end == len(content.text)


def test_levels_may_be_left_out_and_come_back() -> None:
    content = load("# A\n### B\n## C\n# D\n## E\n")

    assert [section.path for section in content.sections] == [
        ("A",),
        ("A", "B"),
        ("A", "C"),
        ("D",),
        ("D", "E"),
    ]


def test_front_matter_tells_title_author_and_year() -> None:
    content = load(SAMPLE)

    assert (content.title, content.author, content.year) == (
        "Care trusts",
        "R. Miller, H. Dickinson",
        "2011",
    )


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ("title: A: B # c", ("A: B # c", "", "")),
        ("title: 'It''s", ("'It''s", "", "")),
        ("title: |\n  Folded", ("", "", "")),
        ("title:\nauthor: \nyear: 1999", ("", "", "1999")),
        ("Title: Upper\nauthors: A and B", ("Upper", "A and B", "")),
        ("title: One\ntitle: Two", ("One", "", "")),
        ("meta:\n  title: Nested", ("", "", "")),
        ("author: [", ("", "[", "")),
        ("author: []", ("", "", "")),
    ],
)
def test_front_matter_is_read_line_by_line(front: str, told: tuple[str, str, str]) -> None:
    content = load(f"---\n{front}\n---\n\ntext.\n")

    assert (content.title, content.author, content.year) == told
    assert content.sections == ()


def test_rules_are_no_front_matter() -> None:
    assert load("text\n\n---\nauthor: x\n---\n").author == ""
    assert load("---\n\n# Heading\n").title == "Heading"


def test_heading_in_the_first_lines_is_the_title() -> None:
    assert load("Some text.\n\n## A heading\n").title == "A heading"
    assert load("line\n\n" * 6 + "# A heading\n").title == ""


@pytest.mark.parametrize("text", ["", "\n", "---", "---\n---", "---\na: b", "#", "# ", "\f# A"])
def test_little_or_nothing_is_read(text: str) -> None:
    assert load(text).text == text


MARKS = st.sampled_from(
    [
        "# ",
        "## ",
        "#",
        "a",
        "\n",
        "\n\n",
        "---\n",
        "===\n",
        "```\n",
        "> ",
        "- ",
        "[",
        "\f",
        "*",
        "`",
    ]
)


@given(st.lists(MARKS, max_size=40).map("".join))
def test_sections_are_in_order_and_begin_at_their_heading(text: str) -> None:
    content = load(text)

    starts = [section.start for section in content.sections]
    assert starts == sorted(set(starts))
    assert [section.end for section in content.sections] == [*starts, len(text)][1:]
    for section in content.sections:
        assert section.start == 0 or text[section.start - 1] == "\n"
        assert all(section.path)
