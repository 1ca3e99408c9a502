from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources.number_format import shown

ACCOUNTS = '_-"£"* #,##0.00_-;-"£"* #,##0.00_-;_-"£"* "-"??_-;_-@_-'
DAY = datetime(2020, 3, 4)
HOUR = datetime(2020, 3, 4, 15, 5, 9)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (None, "General", ""),
        ("n/a", "0.00", "n/a"),
        (True, "General", "TRUE"),
        (12, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "1e-07"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234567, "#,##0", "1,234,567"),
        (2.5, "0", "3"),
        (0.256, "0%", "26%"),
        (0.256, "0.0%", "25.6%"),
        (-0.05, "0%", "-5%"),
        (-0.4, "0", "0"),
        (-1234, "#,##0;(#,##0)", "(1,234)"),
        (-1234, "#,##0", "-1,234"),
        (1500000, "[$£-809]#,##0", "£1,500,000"),
        (12.5, '"£"0.00', "£12.50"),
        (-1234, ACCOUNTS, "-£1,234.00"),
        (0, ACCOUNTS, "£-"),
        (5, "000", "005"),
        (1234567, '0.0,,"m"', "1.2m"),
        (2, '0 "beds"', "2 beds"),
        (12345.678, "0.00E+00", "1.23E+4"),
        (0.5, "# ?/?", "0.5"),
        (7, "[Red]0.0", "7.0"),
        (0.5, ".00", ".50"),
        (0.5, "0.0##", "0.5"),
        (44, "@", "44"),
        (float("inf"), "0", "Infinity"),
        (1e300, "#,##0.00", "1E+300"),
        (10**400, "0%", "1E+400"),
        (5e14, "0%%%", "5000000000000000000%%%"),
        (3, "General;-General", "3"),
    ],
)
def test_numbers_are_shown_as_the_sheet_shows_them(
    value: object, number_format: str, text: str
) -> None:
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (DAY, "mm-dd-yy", "2020-03-04"),
        (DAY, "General", "2020-03-04"),
        (HOUR, "m/d/yy h:mm", "3/4/20 15:05"),
        (DAY, "dd/mm/yyyy", "04/03/2020"),
        (DAY, "[$-809]dd mmmm yyyy;@", "04 March 2020"),
        (DAY, "mmm-yy", "Mar-20"),
        (DAY, "dddd d mmm", "Wednesday 4 Mar"),
        (HOUR, "d mmm yyyy h:mm AM/PM", "4 Mar 2020 3:05 PM"),
        (HOUR, "hh:mm:ss", "15:05:09"),
        (HOUR, "General", "2020-03-04 15:05"),
        (date(2020, 3, 4), "yyyy", "2020"),
        (time(9, 5), "h:mm", "9:05"),
        (timedelta(hours=30), "[h]:mm:ss", "30:00:00"),
    ],
)
def test_dates_are_shown_as_the_sheet_shows_them(
    value: object, number_format: str, text: str
) -> None:
    assert shown(value, number_format) == text


FORMATS = st.lists(
    st.sampled_from(["0", "#", "?", ",", ".", "%", ";", '"a"', "\\-", "_-", "* ", "[Red]", "[$£]"])
    | st.sampled_from(
        ["E+00", "d", "mm", "yyyy", "h", "ss", "AM/PM", "@", "General", '"', "[", "/"]
    ),
    max_size=8,
).map("".join)
VALUES = st.floats() | st.integers() | st.datetimes() | st.dates() | st.times() | st.timedeltas()


@given(VALUES, FORMATS)
def test_any_format_shows_something_on_one_line(value: object, number_format: str) -> None:
    assert "\n" not in shown(value, number_format)


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_keep_their_digits(value: int) -> None:
    assert shown(value, "#,##0").replace(",", "") == str(value)
