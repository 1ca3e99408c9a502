"""What stands over rows and items, as search copies."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ctqa.leads import column_heads, with_column_names, with_leads
from ctqa.records import Passage, Sentence
from ctqa.text import plain_copy, rows, sentence_copy, sentences, squeeze

TABLE = (
    "Table I Ferries\n\nPort Boats Carries\n\nMallaig One Cars\nOban One Lorries\nTiree Two Sheep\n"
)


def leads(text: str) -> dict[str, str]:
    found = with_leads(text, sentences(text))
    return {squeeze(text[s.start : s.end]): s.lead for s in found}


def named(text: str) -> list[str]:
    return [row.mended for row in with_column_names(text, rows(text))]


def test_a_row_has_its_caption_and_column_heads() -> None:
    found = leads(TABLE)
    assert found["Oban One Lorries"] == "Table I Ferries\nPort Boats Carries"
    assert found["Port Boats Carries"] == "Table I Ferries"
    assert found["Table I Ferries"] == ""


def test_figures_without_a_caption_have_the_rows_right_over_them() -> None:
    text = (
        "Statement of income\nMillions 2022 2023\nNet sales 14,544 14,694\n"
        "Gross profit 2,820 2,725\nBalance sheet\nMillions June 2022 2023\n"
        "Total assets 17,426 17,003\nCash and cash 775 689\n"
    )
    found = leads(text)
    assert found["Gross profit 2,820 2,725"] == "Statement of income\nMillions 2022 2023"
    assert found["Total assets 17,426 17,003"] == "Balance sheet\nMillions June 2022 2023"


def test_short_lines_that_are_no_table_have_no_lead() -> None:
    assert set(leads("Advanced search\nJournal search\nAll journals\nMy page\n").values()) == {""}


def test_the_rule_and_bars_of_markdown_are_no_heads() -> None:
    found = leads("# Lakes\n\n| Lake | Depth |\n|:---|---:|\n| Wastwater | 79 m |\n")
    assert found["| Wastwater | 79 m |"] == "# Lakes\nLake, Depth"
    assert found["|:---|---:|"] == found["| Lake | Depth |"] == "# Lakes"


def test_an_item_has_the_sentence_or_heading_that_opens_its_list() -> None:
    opened = "We went. These are the pilots:\n\n– Bexley (older people)\n\n– Essex (housing)\n"
    assert leads(opened)["– Essex (housing)"] == "These are the pilots:"
    headed = "We went.\n\nCare trust pilots\n\n– Bexley (older people)\n\n– Essex (housing)\n"
    assert leads(headed)["– Bexley (older people)"] == "Care trust pilots"
    closed = "We went there.\n\n– Bexley (older people)\n\n– Essex (housing)\n"
    assert leads(closed)["– Essex (housing)"] == ""


def test_paragraphs_that_end_in_semicolons_after_a_colon_are_items() -> None:
    text = (
        "The steps might involve:\n\nSeeing that it does not work;\n\nBuilding teams; and\n\n"
        "Sharing a budget.\n\nThese steps have often been followed.\n"
    )
    found = leads(text)
    assert found["Seeing that it does not work;"] == "The steps might involve:"
    assert found["Sharing a budget."] == "The steps might involve:"
    assert found["These steps have often been followed."] == ""


def test_a_list_within_prose_goes_on_in_lower_case() -> None:
    text = "Concerns were raised – these included:\n\na lack of proof; the cost. Others agreed.\n"
    assert leads(text) == {
        "Concerns were raised – these included:": "",
        "a lack of proof; the cost.": "Concerns were raised – these included:",
        "Others agreed.": "",
    }


def test_a_lead_is_short() -> None:
    text = f"{'word ' * 200}comes here:\n\n- one\n\n- two\n"
    assert len(leads(text)["- one"]) <= 200
    assert leads(text)["- one"].endswith("comes here:")


@given(st.text(alphabet="ab:;.-\n| 2|Yes", max_size=200))
def test_leads_change_nothing_else(text: str) -> None:
    before = sentences(text)
    after = with_leads(text, before)
    assert [(s.start, s.end, s.kind) for s in before] == [(s.start, s.end, s.kind) for s in after]


def test_the_cells_of_delimited_text_are_named() -> None:
    assert named('area,year\nBexley,"2003,\nlate"\nEssex,\n') == [
        *("", "area: Bexley; year: 2003, late", "area: Essex"),
    ]
    assert named("area;year\nBexley;2003\n")[1] == "area: Bexley; year: 2003"


def test_a_row_that_does_not_fit_its_heads_is_left_alone() -> None:
    assert named('a,b\n1,2,3\n"open,4\n') == ["", "", ""]
    assert named("only\none\n") == ["", ""]
    assert named("") == []


def test_column_heads_are_the_first_line() -> None:
    assert column_heads("\n area, year\nBexley,2003\n") == "area, year"


def test_what_is_read_for_a_sentence_is_its_lead_and_its_mended_words() -> None:
    plain = Sentence(start=3, end=11, lead="Table I\nArea Year:")
    mended = Sentence(start=3, end=11, mended="Bexley in 2003")
    passage = Passage(
        id="d:3-11",
        document_id="d",
        start=3,
        end=11,
        text="Bex\n 03 ",
        page=1,
        section=(),
        sentences=(plain, mended),
    )
    assert plain_copy(passage, plain) == "Bex 03"
    assert sentence_copy(passage, plain) == "Table I Area Year: Bex 03"
    assert sentence_copy(passage, mended) == "Bexley in 2003"


def test_rows_that_the_file_marks_keep_what_stands_over_them() -> None:
    text = "Table 1 Beds\nArea Beds\nBexley 12\nEssex 7\n"
    told = [replace(sentence, lead="told") for sentence in sentences(text)]
    found = [s for s in with_leads(text, told, rows_told=True) if s.kind == "row"]
    assert found
    assert {row.lead for row in found} == {"told"}
