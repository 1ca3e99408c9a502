"""An index over files of several formats, among them PDFs, and a server of what is behind it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from encoders import WordEncoder
from pypdf import PdfReader, PdfWriter
from sources.pdfs import PICTURE, make_pdf
from starlette.applications import Starlette
from starlette.testclient import TestClient
from ui.serving import open_serving

from ctqa.answering.serving import Serving
from ctqa.config import IndexConfig
from ctqa.index.build import BuildOptions, build_index
from ctqa.sources import collect
from ctqa.ui.downloads import Downloads
from ctqa.ui.originals import Originals
from ctqa.ui.routes import make_routes

PLAN = "plan <b>.pdf"
PLAN_PAGES = (
    "Ward plan\nRelatives may visit the ward between\ntwo and four. Flowers are banned.",
    "Second page\nThe discharge nurse orders transport.\nFlowers are banned.",
)
NOTES = "notes.txt"
HOSTILE_SENTENCE = "The canteen serves <img src=x onerror=alert(1)> porridge ${alert(2)} daily."
LONG = "long.txt"
ROWS = "corpus.jsonl"
LOCKED = "locked.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Documents on disk, and what the page makes of them."""

    folder: Path
    serving: Serving
    originals: Originals
    downloads: Downloads
    client: TestClient

    def text(self, document_id: str) -> str:
        return self.originals.document(document_id).text


def write_documents(folder: Path) -> None:
    folder.mkdir()
    (folder / PLAN).write_bytes(
        make_pdf(*PLAN_PAGES, PICTURE, info={"/Title": "A plan </title> for wards"})
    )
    (folder / NOTES).write_text(f"Canteen\n\n{HOSTILE_SENTENCE} It closes early.\n", "utf-8")
    line = "Paragraph {} says that every patient has a named nurse on each shift.\n\n"
    (folder / LONG).write_text("".join(line.format(n) for n in range(400)), "utf-8")
    (folder / ROWS).write_text('{"_id": "one", "title": "One", "text": "A row of words."}\n')
    (folder / LOCKED).write_bytes(_locked(make_pdf("A locked page about budgets.")))


def _locked(data: bytes) -> bytes:
    """Encrypt a PDF with a password that opens nothing but what is asked for it."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt("secret", "owner", algorithm="RC4-128")
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@contextmanager
def open_library(folder: Path) -> Iterator[Library]:
    documents = folder / "documents"
    write_documents(documents)
    build_again(folder)
    with (
        closing(open_serving(folder / "index")) as serving,
        closing(Originals(serving)) as originals,
    ):
        downloads = Downloads()
        client = TestClient(Starlette(routes=make_routes(originals, downloads)))
        yield Library(
            folder=documents,
            serving=serving,
            originals=originals,
            downloads=downloads,
            client=client,
        )


def build_again(folder: Path) -> None:
    build_index(
        collect([folder / "documents"]),
        folder / "index",
        encoder=WordEncoder(),
        config=IndexConfig(encoder="words"),
        progress=lambda *_: None,
        options=BuildOptions(passwords=("secret",)),
    )
