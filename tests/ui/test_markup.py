"""Text becomes markup in one place, and comes out of it as it went in."""

import pytest
from hypothesis import given
from ui.outline import outline
from ui.texts import TEXTS, shown

from ctqa.ui.markup import Html, element, joined, text


@given(TEXTS)
def test_text_comes_out_as_it_went_in(characters: str) -> None:
    found = outline(element("p", characters).markup)
    assert [node.tag for node in found.nodes] == ["p"]
    assert found.text("p") == shown(characters)


@given(TEXTS)
def test_an_attribute_comes_out_as_it_went_in(characters: str) -> None:
    (node,) = outline(element("p", class_=characters, aria_label=characters).markup).nodes
    assert node.attributes == {"class": shown(characters), "aria-label": shown(characters)}


@given(TEXTS)
def test_markup_can_be_sent(characters: str) -> None:
    markup = text(characters).markup
    assert markup.encode().decode() == markup


def test_markup_is_not_escaped_again() -> None:
    inner = element("b", "1 < 2")
    assert joined("a & ", inner) == Html("a &amp; <b>1 &lt; 2</b>")


def test_markup_is_no_text() -> None:
    with pytest.raises(TypeError):
        "<p>" + text("x")  # type: ignore[operator]
