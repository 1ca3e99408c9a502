"""Gold as LibreOffice saves it, where nobody tells it to save in Excel's form."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from ctqa.errors import GoldError
from ctqa.evaluation.gold.load import Gold, GoldQuestion, Judgment, load_gold

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "manifest")
)


def sheet(*rows: str, name: str = "Sheet1") -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def row(*cells: str, times: int = 1) -> str:
    inner = "".join(cells)
    return f'<table:table-row table:number-rows-repeated="{times}">{inner}</table:table-row>'


def text(*lines: str, times: int = 1, kind: str = "table-cell") -> str:
    inner = "".join(f"<text:p>{line}</text:p>" for line in lines)
    return f'<table:{kind} table:number-columns-repeated="{times}">{inner}</table:{kind}>'


def value(kind: str, said: str, shown: str) -> str:
    name = "value" if kind in ("float", "percentage") else f"{kind}-value"
    told = f'office:value-type="{kind}" office:{name}="{said}"'
    return f"<table:table-cell {told}><text:p>{shown}</text:p></table:table-cell>"


def ods(*sheets: str, manifest: str = "") -> bytes:
    out = BytesIO()
    body = f"<office:spreadsheet>{''.join(sheets)}</office:spreadsheet>"
    with ZipFile(out, "w", 8) as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:body>{body}</office:body>"
            "</office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml", f"<manifest:manifest {NAMES}>{manifest}</manifest:manifest>"
        )
    return out.getvalue()


HEADER = row(*map(text, ("Question", "File", "Quote", "Page", "Answer", "Impossible")))


def load(folder: Path, data: bytes) -> Gold:
    path = folder / "g.ods"
    path.write_bytes(data)
    return load_gold(path)


def refusal(folder: Path, data: bytes) -> str:
    with pytest.raises(GoldError) as caught:
        load(folder, data)
    return str(caught.value)


def test_a_sheet_is_read_as_a_workbooks_is(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>check this</text:p></office:annotation>"
    data = ods(
        sheet(row(text("Read me")), name="Notes"),
        sheet(
            HEADER,
            row(text(times=16_384), times=2),
            row(
                text("Who<text:s text:c='2'/>pays?").replace("<text:p>", f"{note}<text:p>", 1),
                text("care.pdf"),
                text("It is free,", "they say."),
                value("float", "4", "4.0"),
                text("free"),
                text(times=16_379),
            ),
            row(
                text("Why?"),
                text(times=2),
                text(times=2, kind="covered-table-cell"),
                value("boolean", "true", "WAHR"),
            ),
            row(text(times=16_384), times=1_048_571),
            name="Mine",
        ),
    )
    gold = load(tmp_path, data)
    assert gold.questions == (
        GoldQuestion(
            id="q1",
            question="Who  pays?",
            judgments=(Judgment(document="care.pdf", quote="It is free,\nthey say.", page=4),),
            answers=("free",),
        ),
        GoldQuestion(id="q2", question="Why?", impossible=True),
    )
    assert gold.where["q1", None] == f"{tmp_path / 'g.ods'}, row 4"
    assert gold.where["q2", None] == f"{tmp_path / 'g.ods'}, row 5"


def test_what_a_spreadsheet_made_of_a_cell_is_told(tmp_path: Path) -> None:
    page = value("date", "2026-04-03", "3. Apr.")
    told = refusal(tmp_path, ods(sheet(HEADER, row(text("Who?"), text("d"), text(), page))))
    assert "row 2: “page” is '2026-04-03'" in told and "has made a date of it" in told


def test_a_row_that_stands_for_many_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, ods(sheet(HEADER, row(text("Who?"), text("d"), times=900_000_000))))
    assert "goes on below row 100,000" in told


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "cannot be read as a workbook"),
        (b"PK\x03\x04broken", "save it again as .xlsx, or as .csv"),
        (ods(sheet(HEADER))[:-40], "cannot be read as a workbook"),
        (ods(), "holds no sheet"),
        (ods(manifest="<manifest:encryption-data/>"), "save it without a password"),
        (ods(sheet(row(text("a&#0;")))), "cannot be read as a workbook"),
        (ods(sheet(HEADER)), "holds no question"),
    ],
)
def test_a_file_that_holds_no_questions_is_refused(
    tmp_path: Path, data: bytes, expected: str
) -> None:
    assert expected in refusal(tmp_path, data)
