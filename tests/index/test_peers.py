"""How other programs' indexes are known to fail: none of it happens here.

The issues are public: mem0#7117, SparrowDB#445, deja-vu#1110, open-webui#13225, uteke#901,
paper-qa#1355, private-gpt#1719.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from encoders import WordEncoder
from library import TEXTS, build, open_qa, write_texts

from ctqa.errors import IndexLoadError, SourceError
from ctqa.index.build import BuildOptions
from ctqa.index.local import open_index

QUESTION = "How deep is the deepest lake?"
COUNT = 12  # documents of one batch


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "documents")


@pytest.fixture
def index(tmp_path: Path, documents: Path) -> Path:
    build(documents, tmp_path / "index")
    return tmp_path / "index"


def numbered(shift: int) -> dict[str, str]:
    """Give documents that swap their texts round as `shift` changes."""
    return {f"{n}.txt": f"Secret {(n + shift) % COUNT} is kept here." for n in range(COUNT)}


@pytest.mark.parametrize("shift", [1, 5, COUNT - 1])
def test_texts_that_change_places_in_one_batch_are_found_at_their_new_places(
    shift: int, tmp_path: Path
) -> None:
    """mem0#7117: ids that were off by one gave the wrong text with a score of 1.0."""
    documents, index = tmp_path / "documents", tmp_path / "index"
    build(write_texts(documents, numbered(0)), index)
    report = build(write_texts(documents, numbered(shift)), index)
    assert (report.changed, report.encoded) == (COUNT, 0)
    qa = open_qa(index)
    for name, text in numbered(shift).items():
        (hit, *_) = qa.search(text, documents=[name])
        assert (hit.passage.document_id, hit.passage.text) == (name, text)
        (best, *_) = qa.search(text)
        assert (best.passage.document_id, best.passage.text) == (name, text)
        assert best.why.dense_score == pytest.approx(1.0)
    qa.close()


def test_renamed_files_take_their_texts_with_them(tmp_path: Path) -> None:
    documents, index = tmp_path / "documents", tmp_path / "index"
    build(write_texts(documents, numbered(0)), index)
    shutil.rmtree(documents)
    renamed = {f"{(n + 3) % COUNT}.txt": text for n, text in enumerate(numbered(0).values())}
    report = build(write_texts(documents, renamed), index)
    assert report.encoded == 0
    qa = open_qa(index)
    assert {source.id: qa.text_of(source.id) for source in qa.documents()} == renamed
    for name, text in renamed.items():
        assert qa.search(text)[0].passage.document_id == name
    qa.close()


def parts(index: Path) -> list[Path]:
    files = (path for path in (index / "builds").rglob("*") if path.is_file())
    kept = sorted(path for path in files if not path.name.startswith(".tantivy-"))
    return [index / "catalog.db", *kept]


def test_a_file_that_was_cut_off_is_named_and_not_answered_from(index: Path) -> None:
    """mem0#7117: a docstore that was cut off was read as far as it went."""
    assert len(parts(index)) > 9
    for path in parts(index):
        whole = path.read_bytes()
        for length in (0, 1, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            if path.name == "catalog.db" and length == len(whole) - 1:
                continue  # its last page may be of no use to the question
            with pytest.raises(IndexLoadError, match=path.name):
                open_qa(index).ask(QUESTION)
        path.write_bytes(whole)
    open_qa(index).close()


def test_vectors_of_another_model_of_equal_size_are_never_mixed(
    index: Path, documents: Path
) -> None:
    """open-webui#13225, uteke#901: equal dimensions hid that the model had changed."""
    other = WordEncoder(name="others")
    assert other.identity.dimension == WordEncoder().identity.dimension
    refusal = rf"was encoded by words .* `ctqa build --encoder others --index {index}`"
    with pytest.raises(IndexLoadError, match=refusal):
        open_qa(index, other)
    with pytest.raises(IndexLoadError, match=refusal):
        build(documents, index, other)
    qa = open_qa(index)
    assert (qa.build, bool(qa.search(QUESTION))) == (1, True)
    qa.close()

    report = build(documents, index, other, options=BuildOptions(new_encoder=True))
    assert (report.build, report.reused, report.encoded) == (2, 0, report.passages)
    opened = open_index(index)
    keys = opened.keys_of([*TEXTS])
    for key, (passage, _) in opened.passages(keys).items():
        for encoder, like in ((other, 1.0), (WordEncoder(), None)):
            (score,) = opened.dense_scores(encoder.encode_passages([passage.search_text])[0], [key])
            assert np.isclose(score, 1.0, atol=1e-5) == (like is not None)
    opened.close()


def test_what_is_damaged_is_never_taken_for_absent(index: Path, documents: Path) -> None:
    """SparrowDB#445: a catalog that could not be read was replaced by an empty one."""
    catalog = index / "catalog.db"
    whole = catalog.read_bytes()
    for damaged in (b"x" * len(whole), whole[: len(whole) // 2], whole[:100], b"x", b""):
        catalog.write_bytes(damaged)
        for work in (lambda: open_index(index), lambda: build(documents, index)):
            with pytest.raises(IndexLoadError, match=r"damaged|missing or empty"):
                work()
        assert catalog.read_bytes() == damaged
    catalog.write_bytes(whole)
    assert not build(documents, index).committed


def test_a_catalog_that_is_gone_is_not_begun_anew_beside_its_builds(
    index: Path, documents: Path
) -> None:
    (index / "catalog.db").unlink()
    for work in (lambda: open_index(index), lambda: build(documents, index)):
        with pytest.raises(IndexLoadError, match=f"is missing or empty.* delete {index} "):
            work()
    assert (index / "builds" / "1").is_dir()


def test_every_file_has_a_state_whatever_became_of_it(tmp_path: Path) -> None:
    """paper-qa#1355, private-gpt#1719: files dropped out without a word."""
    documents = write_texts(tmp_path / "documents")
    (documents / "empty.txt").write_text("")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    (documents / "broken.docx").write_bytes(b"PK\3\4 nonsense")
    (documents / "film.mp4").write_bytes(b"\0\1\2")
    (documents / "lost.txt").symlink_to(documents / "nowhere.txt")
    report = build(documents, tmp_path / "index")
    opened = open_index(tmp_path / "index")
    states = {Path(row.path).name: (row.state, row.reason) for row in opened.status().files}
    opened.close()
    present = {path.name for path in documents.rglob("*") if not path.is_dir()}
    assert states.keys() == present
    assert {name for name, (state, _) in states.items() if state == "read"} == {
        "lakes.txt",
        "trains.txt",
    }
    assert all(reason for state, reason in states.values() if state != "read")
    assert report.added == len(present) - sum(state == "ignored" for state, _ in states.values())


def test_files_that_fail_are_tried_again_once_they_are_mended(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    (documents / "new.html").write_bytes(b"")
    assert [problem.state for problem in build(documents, index).problems] == ["empty"]
    (documents / "new.html").write_text("<p>The mended page tells of herons.</p>")
    report = build(documents, index)
    assert (report.changed, report.problems) == (1, ())
    qa = open_qa(index)
    assert "herons" in qa.search("herons")[0].passage.text
    qa.close()


def test_a_rebuild_after_damage_says_what_was_damaged(index: Path, documents: Path) -> None:
    """deja-vu#1110: it was announced as routine."""
    broken = [path for path in parts(index)[1:] if path.suffix in {".faiss", ".term"}]
    assert len(broken) == 2
    for path in broken:
        path.write_bytes(path.read_bytes()[:-1])
    report = build(documents, index)
    base = index / "builds" / "1"
    assert {*report.mended} == {path.relative_to(base).as_posix() for path in broken}
    assert (report.committed, report.build, report.encoded, report.unchanged) == (True, 2, 0, 2)
    assert build(documents, index).mended == ()


def test_a_build_over_nothing_does_not_empty_an_index(index: Path, documents: Path) -> None:
    shutil.rmtree(documents)
    documents.mkdir()
    with pytest.raises(SourceError, match="no files were found"):
        build(documents, index)
    qa = open_qa(index)
    assert {source.id for source in qa.documents()} == {*TEXTS}
    qa.close()
