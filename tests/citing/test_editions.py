import pytest
from citing.made import any_source, source
from hypothesis import given
from hypothesis import strategies as st

from ctqa.citing import newer_editions
from ctqa.records import Source


def titled(*titles: str, **fields: str) -> list[Source]:
    """Give documents "0", "1", … of these titles."""
    return [source(title, id=str(at), **fields) for at, title in enumerate(titles)]


def newer(sources: list[Source]) -> dict[str, str]:
    return {id: newest.id for id, newest in newer_editions(sources).items()}


@pytest.mark.parametrize(
    ("older", "newest"),
    [
        ("Annual report 2022", "Annual report 2023"),
        ("Annual Report 2021/22", "Annual Report: 2022-23"),
        (
            "Annual report for the year ended 31 March 2022",
            "Annual report for the year ended 31 March 2023",
        ),
        ("2021 Annual report", "Annual report (2022)"),
        ("Handbook of care, 2nd edition", "Handbook of Care (3rd edn)"),
        ("Handbook of care", "Handbook of care, second edition"),
        ("The handbook of care, ninth edition", "Handbook of care (10th revised edition)"),
        ("Complaints policy v1.2", "Complaints policy v1.10"),
        ("Complaints policy version 3", "Complaints_policy_Version_4"),
        ("Complaints policy Rev. 3", "Complaints policy, rev 4"),
        ("Medicines policy Issue 2", "Medicines policy Issue 3"),
        ("Complaints policy 2022 v3", "Complaints policy 2023 v1"),
        ("Complaints policy 2022 v1", "Complaints policy 2022 v2"),
        ("Complaints policy v2 2022", "Complaints policy 2023"),
        ("Complaints policy (draft)", "Complaints policy"),
        ("Complaints policy", "Complaints policy: revised"),
        ("Complaints policy March 2022", "Complaints policy, 3rd May 2023"),
        ("Complaints policy 2022-11-30", "Complaints policy 01/02/2023"),
        ("Strategy 2015-2020 for older people", "Strategy 2021 to 2025 for older people"),
        ("Clinical guideline 2017", "Clinical guideline update 2019"),
        ("Guidance on X-rays 2019", "Guidance on X rays, 2020"),
        ("Care Act 2014: guidance (2016)", "Care Act 2014: guidance (2018)"),
        ("Richtlinie für Pflege 2019", "RICHTLINIE FÜR PFLEGE 2020"),
    ],
)
def test_a_newer_edition_is_known_by_its_title(older: str, newest: str) -> None:
    assert newer(titled(older, newest)) == {"0": "1"}
    assert newer(titled(newest, older)) == {"1": "0"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Report 2022", "Report 2023"),
        ("Minutes March 2023", "Minutes April 2023"),
        ("Board minutes 2022", "Board minutes 2023"),
        ("Newsletter of the trust, issue 3", "Newsletter of the trust, issue 4"),
        ("Q1 2022 performance of care", "Q1 2023 performance of care"),
        ("Performance report January 2023", "Performance report February 2023"),
        ("The NHS plan, part 1", "The NHS plan, part 2"),
        ("Inquiry report, volume 1", "Inquiry report, volume 2"),
        ("Caring well, chapter 3", "Caring well, chapter 4"),
        ("Care training module 2", "Care training module 3"),
        ("Care training module 2 2022", "Care training module 3 2023"),
        ("Care plan 1", "Care plan 2"),
        ("Mental Health Act 1983", "Mental Health Act 2007"),
        ("The NHS in 1948", "The NHS in 2020"),
        ("Annual report 2022", "Annual plan 2023"),
        ("Annual report 2022", "Summary of the annual report 2023"),
        ("Annual report 2023", "Annual report 2023"),
        ("Annual report", "Annual report 2023"),
        ("Care trusts", "Care trusts"),
        ("", ""),
        ("2022", "2023"),
        ("v1", "v2"),
    ],
)
def test_other_documents_are_no_editions(one: str, other: str) -> None:
    assert newer(titled(one, other)) == {}
    assert newer(titled(other, one)) == {}


def test_all_older_ones_are_told_of_the_newest() -> None:
    sources = titled(*(f"Annual report {year}" for year in (2021, 2023, 2020, 2022, 2023)))
    assert newer(sources) == {"0": "1", "2": "1", "3": "1"}
    assert newer(sources[::-1]) == {"0": "1", "2": "1", "3": "1"}
    assert newer([]) == newer(sources[:1]) == {}


def test_another_author_is_another_work() -> None:
    def two(one: str, other: str, name: str = "author") -> dict[str, str]:
        years = ("2022", "2023")
        return newer(
            [
                source(f"Care of the old {year}", id=year, **{name: who})
                for year, who in zip(years, (one, other), strict=True)
            ]
        )

    assert two("Robin Miller; Jo Day", "Miller, R. and Smith, A.") == {"2022": "2023"}
    assert two("Robin Miller", "Jo Day") == {}
    assert two("Mind", "NHS England") == {}
    assert two("Robin Miller", "") == two("", "Robin Miller") == {"2022": "2023"}
    assert two("Journal of Care", "Journal of Care", "publication") == {"2022": "2023"}
    assert two("Journal of Care", "The Lancet", "publication") == {}


def test_an_unknown_author_is_not_guessed_among_several() -> None:
    sources = [
        source("Care of the old 2021", id="a1", author="Mind"),
        source("Care of the old 2022", id="b1", author="NHS England"),
        source("Care of the old 2023", id="?"),
        source("Care of the old 2024", id="a2", author="MIND"),
    ]
    assert newer(sources) == {"a1": "a2"}


def test_a_title_that_anybody_may_use_must_come_from_one_place() -> None:
    assert (
        newer(
            [
                source("Annual report 2022", id="0", path="docs/mind/a.pdf"),
                source("Annual report 2023", id="1", path="docs/nhs/a.pdf"),
            ]
        )
        == {}
    )
    assert newer(titled("Annual report 2022", "Annual report 2023", author="Mind")) == {"0": "1"}


def test_the_sources_year_counts_where_the_title_has_none() -> None:
    def two(
        one: str, other: str, author: str = "Mind", title: str = "On care homes"
    ) -> dict[str, str]:
        return newer(
            [
                source(title, id="0", year=one, author=author),
                source(title, id="1", year=other, author=author),
            ]
        )

    assert two("2019", "2021") == {"0": "1"}
    assert two("2019", "2019") == two("", "2021") == two("2021", "") == two("?", "2021") == {}
    assert two("2019", "2021", author="") == {}
    assert two("2019", "2021", title="On care homes 2018") == {}


def test_nothing_is_said_where_year_and_number_disagree() -> None:
    first = source("Care handbook", id="0", year="2020")
    second = source("Care handbook, 2nd edition", id="1", year="2010")
    assert newer([first, second]) == {}


@given(st.lists(any_source(), max_size=8, unique_by=lambda cited: cited.id))
def test_the_newest_has_no_newer_and_the_order_does_not_matter(sources: list[Source]) -> None:
    found = newer_editions(sources)
    assert not {newest.id for newest in found.values()} & found.keys()
    assert newer_editions(sources[::-1]) == found


@given(st.permutations(range(2015, 2024)))
def test_every_order_gives_the_same(years: list[int]) -> None:
    sources = [source(f"Annual report {year}", id=str(year)) for year in years]
    assert newer(sources) == {str(year): "2023" for year in range(2015, 2023)}


def test_ten_thousand_documents_are_compared_once_each() -> None:
    sources = [
        source(f"Care in district D{at // 10} {2010 + at % 10}", id=f"{at:05}")
        for at in range(10_000)
    ]
    found = newer_editions(sources)
    assert len(found) == 9_000
    assert all(newest.id.endswith("9") for newest in found.values())
