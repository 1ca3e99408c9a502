"""Acronyms: what is mined, what is not, and how it is looked up."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.index.acronyms import Acronym, Acronyms, Definition, long_words, mine, short_key
from ctqa.text import squeeze

SEEDS = Path(__file__).parents[2] / "seeds"


def pairs(text: str) -> list[tuple[str, str]]:
    return [(acronym.short, acronym.long) for acronym in mine(text)]


def defined(short: str, long: str, document_id: str = "a") -> Definition:
    acronym = Acronym(short=short, long=long, start=0, end=1)
    return Definition(document_id=document_id, acronym=acronym)


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("It is a primary care trust (PCT).", "PCT", "primary care trust"),
        ("The PCT (primary care trust) is new.", "PCT", "primary care trust"),
        ("services (mirroring Primary Care Trusts (PCTs)).", "PCTs", "Primary Care Trusts"),
        ("the (Department of Health (DH), 2002b)", "DH", "Department of Health"),
        ("the Department of Health (DoH) says", "DoH", "Department of Health"),
        ("Transforming\n\nCommunity Services (TCS)", "TCS", "Transforming Community Services"),
        ("a general\n practitioner [GP] is", "GP", "general practitioner"),
        ("the Mental Capacity Act 2005 (the MCA)", "MCA", "Mental Capacity Act 2005"),
        ("your Internet service provider (“ISP”),", "ISP", "Internet service provider"),
        ("a clinical commissioning group (CCG; see 2)", "CCG", "clinical commissioning group"),
        ("a multi-agency safeguarding hub (MASH)", "MASH", "multi-agency safeguarding hub"),
        ("Secure Sockets Layer (SSL)", "SSL", "Secure Sockets Layer"),  # not "Sockets Layer"
        ("had hepatocellular carcinoma (HCC)", "HCC", "hepatocellular carcinoma"),
        ("by ovalbumin (OVA), which", "OVA", "ovalbumin"),
        ("type 1 diabetes (T1D)", "T1D", "type 1 diabetes"),
        ("the World Health Organization's (WHO) view", "WHO", "World Health Organization"),
        (
            "Centers for Medicare & Medicaid Services (CMS)",
            "CMS",
            "Centers for Medicare & Medicaid Services",
        ),
        (
            "Commissioning for Quality and Innovation (CQUIN)",
            "CQUIN",
            "Commissioning for Quality and Innovation",
        ),
        (
            "Child and Adolescent Mental Health Services (CAMHS)",
            "CAMHS",
            "Child and Adolescent Mental Health Services",
        ),
    ],
)
def test_a_definition_is_found(text: str, short: str, long: str) -> None:
    assert pairs(text) == [(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "trusts were found wanting (Hudson, 2002)",
        "the guidance was clear (DH, 2002b, p. 1)",
        "in the trust (IT) the word begins with a small one",
        "type two infusions (II)",
        "in mice, but not in wild-type mice (Min)",
        "somatic cells can be turned into pluripotent stem cells (iPSCs)",
        "a tele-intensive care unit (ICU)",
        "It ended there. Primary: care trust; (PCT)",
        "with interleukin (IL)",  # two letters of one word say too little
        "the PCT (PCT)",
        "(PCT)",
        "PCT ()",
        "primary care trust was closed (PCT)",
        "a better primary care for the trust area (PCT)",
        "2004 primary care (2004)",
    ],
)
def test_what_only_looks_like_a_definition_is_left(text: str) -> None:
    assert pairs(text) == []


def test_the_samples_define_five() -> None:
    found = {
        (acronym.short, acronym.long)
        for path in SEEDS.glob("*.txt")
        for acronym in mine(path.read_text(encoding="utf-8"))
    }
    assert found == {
        ("NHS", "National Health Service"),
        ("DH", "Department of Health"),
        ("PCTs", "Primary Care Trusts"),
        ("TCS", "Transforming Community Services"),
        ("GP", "general practitioner"),
    }


def test_the_first_definition_is_the_one_that_is_cited() -> None:
    text = "A primary care trust (PCT). Primary care trusts (PCTs). A PCT (primary care trust)."
    (acronym,) = mine(text)
    assert text[acronym.start : acronym.end] == "primary care trust (PCT)"


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("The PCT (primary care trust) is new.", "PCT (primary care trust)"),
        ("of a primary care trust (PCT, or trust).", "primary care trust (PCT"),
        ("the ‘‘PCT’’ (primary care trust; new)", "PCT’’ (primary care trust"),
        ("care:\nPrimary Care\n\nTrusts (the PCTs)!", "Primary Care\n\nTrusts (the PCTs)"),
    ],
)
def test_the_offsets_are_of_both_forms(text: str, cited: str) -> None:
    (acronym,) = mine(text)
    assert text[acronym.start : acronym.end] == cited


WORDS = st.sampled_from(
    ["care", "Primary", "of", "T2", "the", "(PCT)", "PT (", ")", "[", "]", ". "]
)


@given(st.lists(WORDS | st.text(max_size=8), max_size=40).map(" ".join))
def test_both_forms_stand_in_the_slice(text: str) -> None:
    for acronym in mine(text):
        cited = squeeze(text[acronym.start : acronym.end])
        assert acronym.short in cited
        assert acronym.long in cited


def test_brackets_without_end_take_no_time() -> None:
    assert mine("(" * 200_000) == ()
    assert len(mine("primary care trust (PCT) " * 20_000)) == 1
    assert mine("a b c d e f g h i j k " * 5_000 + "(ABCDEFGHIJ)") == ()


@pytest.mark.parametrize("short", ["PCT", "PCTs", "P.C.T."])
def test_a_short_form_is_looked_up_in_the_singular(short: str) -> None:
    acronyms = Acronyms([defined("PCTs", "Primary Care Trusts")])
    (found,) = acronyms.of_short(short)
    assert found.acronym.long == "Primary Care Trusts"


def test_what_is_not_defined_is_not_found() -> None:
    acronyms = Acronyms([defined("IT", "information technology"), defined("GPs", "practitioners")])
    assert acronyms.of_short("it") == ()
    assert acronyms.of_short("NHS") == ()
    assert acronyms.of_long(("information",)) == ()
    assert Acronyms([]).of_short("IT") == ()
    assert Acronyms([]).most_words == 0


@pytest.mark.parametrize(
    "long", ["primary care trust", "Primary Care Trusts", "primary  care-trust’s"]
)
def test_a_long_form_is_looked_up_by_its_words(long: str) -> None:
    acronyms = Acronyms([defined("PCT", "Primary Care Trust")])
    (found,) = acronyms.of_long(long_words(long))
    assert found.acronym.short == "PCT"
    assert acronyms.most_words == 3


def test_definitions_that_agree_are_one_and_the_first_is_cited() -> None:
    acronyms = Acronyms(
        [
            defined("PCT", "primary care trust", "first"),
            defined("PCTs", "Primary Care Trusts", "second"),
            defined("PCT", "patient care team", "third"),
            defined("PCT", "Patient-Care Team", "fourth"),
        ]
    )
    found = [definition.document_id for definition in acronyms.of_short("PCT")]
    assert found == ["first", "third"]


def test_the_keys_of_short_forms() -> None:
    assert [short_key(short) for short in ("PCTs", "A.S.", "IS", "as", "T1Ds")] == [
        *("PCT", "AS", "IS", "as", "T1D"),
    ]
