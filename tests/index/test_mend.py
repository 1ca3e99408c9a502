"""Words mended in search copies; names and terms survive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.index.english import english
from ctqa.index.mend import Mender, Vocabulary
from ctqa.text import squeeze

AROUND = (
    "The trusts were partners for a number of years in England, and a number of them left. The NHS "
    "stayed. Glasby and Peck saw joint working and much of Halstead with the organisations."
)


def mend(text: str, around: str = AROUND) -> str:
    document = f"{around} {text}"
    return Mender(english(), Vocabulary.of([document]), document).mend(text)


@pytest.mark.parametrize(
    ("glued", "parted"),
    [
        ("the takeoverof it", "the takeover of it"),
        ("theoptionbeingcreated", "the option being created"),
        (
            "whichhavebothcommissionedandprovideda range",
            "which have both commissioned and provided a range",
        ),
        ("Theguidancewasclear that", "The guidance was clear that"),
        ("Wecontacted all", "We contacted all"),
        ("Anumber of people", "A number of people"),
        ("jointworking is rare", "joint working is rare"),
        ("(GlasbyandPeck, 2004)", "(Glasby and Peck, 2004)"),
        ("Halsteaddissolved early", "Halstead dissolved early"),
        ("it came inEngland first", "it came in England first"),
        ("the end of theNHSorganisations", "the end of the NHS organisations"),
        ("createdbetween2005and2007, all", "created between 2005 and 2007, all"),
        ("the latest in2010 (Table II)", "the latest in 2010 (Table II)"),
        ("full inte-\ngration of care", "full integration of care"),
        ("a co-\n ordinated reply", "a coordinated reply"),
        ("of mid-\nsized firms", "of mid-sized firms"),
        ("a shrink\u00ad ing \ufb01eld", "a shrinking field"),
        ("all organi sations here", "all organisations here"),
    ],
)
def test_what_extraction_spoilt_is_mended(glued: str, parted: str) -> None:
    assert mend(glued) == parted


@pytest.mark.parametrize(
    "word",
    [
        *("clusterin", "resistin", "formin", "upregulation", "methylprednisolone", "betweenness"),
        *(
            "p53",
            "BRCA1",
            "miR-21",
            "mRNA",
            "NF-kappaB",
            "iPhone",
            "YouTube",
            "LinkedIn",
            "InDesign",
        ),
        *("InDesign", "JavaScript", "GlaxoSmithKline", "McDonald", "DeLonghi", "Havelock"),
        *("Krankenversicherung", "Thistlethwaite", "Andersen", "Portarlington", "Jacksonville"),
        *(
            "Superinfection",
            "teamworking",
            "safeguarding",
            "reablement",
            "theguide.com",
            "in_order",
        ),
        *(
            "aaaaaand",
            "www.thetrustwas.org",
            "NHSCommissioningBoard",
            "x2010",
            "windows2000",
            "well-being",
        ),
    ],
)
def test_names_terms_and_addresses_survive(word: str) -> None:
    assert mend(f"they saw {word} there") == ""


def test_a_word_that_the_document_uses_is_its_own() -> None:
    assert mend("a themajor") == "a the major"
    assert mend("a themajor", around=f"{AROUND} themajor themajor") == ""
    assert mend("a themajor", around=f"{AROUND} Themajor") == ""


def test_another_language_is_left_alone() -> None:
    around = "Der Vorstand der Krankenkasse beschloss gestern Abend eine neue Satzung"
    assert mend("formof", around=around) == ""


def test_sound_text_has_no_copy() -> None:
    assert mend("The  trusts\nwere\tpartners.") == ""


@given(st.text(max_size=200))
def test_mending_adds_and_takes_white_space_hyphens_and_ligatures_alone(text: str) -> None:
    copy = mend(text.replace("\u00ad", "").translate(dict.fromkeys(range(64256, 64263))))
    if copy:
        bare = "".join(copy.split()).replace("-", "").replace("\u2010", "")
        kept = "".join(squeeze(text).split()).replace("-", "").replace("\u2010", "")
        kept = kept.replace("\u00ad", "").translate(dict.fromkeys(range(64256, 64263)))
        assert bare == kept
