"""Judgments: kept whatever happens, believed only as they were written, and read back as gold."""

import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st

from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, GoldError, IndexLoadError, IndexWriteError
from ctqa.evaluation import load_gold
from ctqa.evaluation.gold.judged import MAX_QUOTE_CHARS, where_now
from ctqa.evaluation.gold.judged_gold import as_gold, settle
from ctqa.evaluation.gold.judgments import FILE_NAME, Judged, Judgments, Quoted, cut
from ctqa.evaluation.gold.out import as_csv, as_jsonl
from ctqa.index.archive import export_index, import_index
from ctqa.index.build import build_index
from ctqa.index.doctor import diagnose, roll_back
from ctqa.index.verify import verify_index
from ctqa.records import Document, Page, Source
from ctqa.sources import collect

WHO = "Who may visit?"
TEXT = "Relatives may visit. Flowers may not.\n\nRelatives may visit. Children come with an adult."
_CRASH = """
import sys
from pathlib import Path
from ctqa.evaluation.gold.judgments import Judgments
judgments = Judgments(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    kept = judgments.add(f"{sys.argv[2]} {number}?", "not in the sources", build=1)
    print(kept.id, flush=True)
"""


def quoted(quote: str = "Relatives may visit.", **fields: object) -> Quoted:
    values = {"document": "wards.txt", "page": 1, "quote": quote, "start": 0}
    return Quoted(**(values | fields))  # type: ignore[arg-type]


def document(text: str, *starts: int) -> Document:
    """Make a document whose pages begin at 0 and at `starts`."""
    bounds = [0, *starts, len(text)]
    return Document(
        source=Source(id="wards.txt", path="/wards.txt", sha256="0" * 64, title="Wards"),
        text=text,
        pages=tuple(
            Page(number=number, start=start, end=end, label=f"A-{number}")
            for number, (start, end) in enumerate(pairwise(bounds), start=1)
        ),
    )


# The store --------------------------------------------------------------------------------------


def test_what_was_judged_is_kept(tmp_path: Path) -> None:
    judgments = Judgments(tmp_path)
    assert judgments.read().judged == ()
    right = judgments.add(f"  {WHO} ", "right", quoted(), build=7, by="Ann")
    nowhere = judgments.add("What do “zeppelins” cost?", "not in the sources", build=7)
    assert Judgments(tmp_path).read().judged == (right, nowhere)
    assert (right.question, right.verdict, right.place, right.build, right.by) == (
        *(WHO, "right", quoted(), 7, "Ann"),
    )
    assert right.at.endswith("+00:00")


def test_the_same_judgment_is_kept_once(tmp_path: Path) -> None:
    judgments = Judgments(tmp_path)
    first = judgments.add(WHO, "right", quoted(), build=1)
    again = judgments.add("who  MAY visit?", "right", quoted("Relatives\nmay visit."), build=2)
    assert again == first
    assert len((tmp_path / FILE_NAME).read_bytes().splitlines()) == 1
    judgments.withdraw(first.id)
    assert judgments.add(WHO, "right", quoted(), build=2).id != first.id


@pytest.mark.parametrize("question", ["", " \n", "x" * 20_001, "half \ud83d a character"])
def test_what_is_no_question_is_refused(tmp_path: Path, question: str) -> None:
    with pytest.raises(ConfigError, match="question"):
        Judgments(tmp_path).add(question, "right", quoted(), build=1)
    assert not (tmp_path / FILE_NAME).exists()


def test_a_verdict_needs_its_place(tmp_path: Path) -> None:
    judgments = Judgments(tmp_path)
    with pytest.raises(ConfigError, match="do not fit together"):
        judgments.add(WHO, "right", build=1)
    with pytest.raises(ConfigError, match="do not fit together"):
        judgments.add(WHO, "not in the sources", quoted(), build=1)


def test_a_judgment_is_taken_back_and_put_back(tmp_path: Path) -> None:
    judgments = Judgments(tmp_path)
    one = judgments.add(WHO, "right", quoted(), build=1)
    two = judgments.add(WHO, "wrong", quoted("Flowers may not."), build=1)
    assert judgments.withdraw(one.id) == one
    judgments.withdraw(one.id)
    kept = judgments.read()
    assert (kept.judged, kept.withdrawn) == ((two,), (one,))
    judgments.restore(one.id)
    judgments.restore(one.id)
    assert judgments.read().judged == (one, two)
    assert len((tmp_path / FILE_NAME).read_bytes().splitlines()) == 4
    with pytest.raises(ConfigError, match="there is no judgment 'x'"):
        judgments.withdraw("x")


def test_what_is_purged_is_gone_from_the_file(tmp_path: Path) -> None:
    judgments = Judgments(tmp_path)
    secret = judgments.add("Has Mr Miller been discharged?", "not in the sources", build=1)
    other = judgments.add(WHO, "right", quoted(), build=1)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes() + b"scribbled\n")
    assert judgments.purge([secret.id, other.id]) == 0  # neither is withdrawn
    judgments.withdraw(secret.id)
    assert judgments.purge([secret.id]) == 1
    assert b"Miller" not in path.read_bytes()
    assert secret.id.encode() not in path.read_bytes()
    kept = judgments.read()
    assert (kept.judged, kept.withdrawn) == ((other,), ())
    assert [one.text for one in kept.damaged] == ["scribbled"]
    assert sorted(each.name for each in tmp_path.iterdir()) == [FILE_NAME, "judgments.lock"]


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    question=texts.filter(lambda text: text.strip() != ""),
    verdict=st.sampled_from(["right", "wrong", "not in the sources"]),
    quote=texts,
    context=texts,
    name=texts,
    start=st.integers(0, 10**9),
)
def test_every_judgment_is_read_as_it_was_kept(
    tmp_path_factory: pytest.TempPathFactory, start: int, **said: str
) -> None:
    judgments = Judgments(tmp_path_factory.mktemp("kept"))
    place = quoted(said["quote"], context=said["context"], document=said["name"], start=start)
    nowhere = said["verdict"] == "not in the sources"
    one = judgments.add(
        said["question"],
        said["verdict"],  # type: ignore[arg-type]
        None if nowhere else place,
        build=1,
        by=said["name"],
    )
    assert judgments.read().judged == (one,)
    assert judgments.read().damaged == ()


# Damage -----------------------------------------------------------------------------------------


def test_a_line_torn_anywhere_is_named_and_costs_no_other(tmp_path: Path) -> None:
    judgments, path = Judgments(tmp_path), tmp_path / FILE_NAME
    first = judgments.add(WHO, "right", quoted(), build=1)
    whole = path.read_bytes()
    second = judgments.add("Wo? – draußen", "right", quoted("Flowers may not."), build=1)
    line = path.read_bytes()[len(whole) :]
    for length in range(1, len(line)):
        path.write_bytes(whole + line[:length])
        kept = judgments.read()
        if length == len(line) - 1:  # only the line end is missing
            assert kept.judged == (first, second)
            continue
        assert kept.judged == (first,)
        assert [one.line for one in kept.damaged] == [2]
        third = judgments.add("And now?", "not in the sources", build=2)
        kept = judgments.read()
        assert kept.judged == (first, third)
        assert [one.line for one in kept.damaged] == [2]
        assert line[:length] in path.read_bytes()


def test_no_altered_line_is_believed(tmp_path: Path) -> None:
    judgments, path = Judgments(tmp_path), tmp_path / FILE_NAME
    one = judgments.add(WHO, "right", quoted(page_label="iv"), build=1)
    two = judgments.add(WHO, "wrong", quoted("Flowers may not."), build=1)
    judgments.withdraw(two.id)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for other in b"x\n":
            path.write_bytes(whole[:place] + bytes([other]) + whole[place + 1 :])
            kept = judgments.read()
            assert {*kept.judged, *kept.withdrawn} <= {one, two}
            lost = len({one, two} - {*kept.judged, *kept.withdrawn})
            assert bool(kept.damaged) or (lost == 0 and two in kept.withdrawn)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\0\0\0\0", "is torn, or no JSON"),
        (b"\xff\xfe", "is torn, or no JSON"),
        (b"[" * 100_000, "is torn, or no JSON"),
        (b"[1]", "is no judgment"),
        (b"{}", "is no judgment"),
        (b'{"judgment": 2, "votes": 3}', "was written by another version of CTQA"),
        (b'{"judgment": 1, "id": "\\ud800"}', "is not as it was written"),
    ],
)
def test_damage_is_told(tmp_path: Path, line: bytes, why: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(line + b"\n\n")
    (damaged,) = Judgments(tmp_path).read().damaged
    assert (damaged.line, damaged.why) == (1, why)


def test_a_link_is_neither_read_nor_written(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine\n")
    index = tmp_path / "index"
    index.mkdir()
    (index / FILE_NAME).symlink_to(elsewhere)
    with pytest.raises(IndexLoadError, match="is a link"):
        Judgments(index).read()
    with pytest.raises(IndexLoadError, match="is a link"):
        Judgments(index).add(WHO, "right", quoted(), build=1)
    assert elsewhere.read_text() == "mine\n"


@contextmanager
def _no_file_above(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_finds_no_room_leaves_nothing_behind(tmp_path: Path) -> None:
    judgments, path = Judgments(tmp_path), tmp_path / FILE_NAME
    first = judgments.add(WHO, "right", quoted(), build=1)
    whole = path.read_bytes()
    with _no_file_above(len(whole) + 40), pytest.raises(IndexWriteError, match="make room"):
        judgments.add("And now?", "right", quoted(), build=1)
    assert path.read_bytes() == whole
    second = judgments.add("And now?", "right", quoted(), build=1)
    assert judgments.read().judged == (first, second)


# At once ----------------------------------------------------------------------------------------


def _adding(folder: Path, name: str, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CRASH, str(folder), name, str(number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_threads_and_processes_lose_nothing(tmp_path: Path) -> None:
    others = [_adding(tmp_path, name, 20) for name in ("this", "that")]
    judgments = Judgments(tmp_path)

    def add(number: int) -> str:
        return judgments.add(f"Mine {number}?", "right", quoted(), build=1).id

    with ThreadPoolExecutor(4) as pool:
        mine = list(pool.map(add, range(20)))
    told = [line for other in others for line in other.communicate()[0].split()]
    kept = judgments.read()
    assert sorted(one.id for one in kept.judged) == sorted([*mine, *told])
    assert (len(kept.judged), kept.damaged) == (60, ())


def test_what_was_told_to_be_kept_outlives_a_kill(tmp_path: Path) -> None:
    told: list[str] = []
    for round_ in range(4):
        with _adding(tmp_path, f"round {round_}", 100_000) as process:
            assert process.stdout is not None
            told += [process.stdout.readline().strip() for _ in range(3 + round_)]
            process.send_signal(signal.SIGKILL)
            told += process.stdout.read().split()
    kept = Judgments(tmp_path).read()
    assert set(told) <= {one.id for one in kept.judged}
    assert len(kept.damaged) <= 4


def test_an_index_is_none_the_worse_for_it(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "wards.txt").write_text(TEXT)
    index, judgments = tmp_path / "index", Judgments(tmp_path / "index")

    def build() -> int:
        return build_index(
            collect([tmp_path / "documents"]),
            index,
            encoder=WordEncoder(),
            config=IndexConfig(encoder="words"),
            progress=lambda *_: None,
        ).build

    build()
    before = export_index(index, tmp_path / "before.ctqa")
    kept = judgments.add(WHO, "right", quoted(), build=1)
    assert verify_index(index, encoder=None).is_whole
    assert export_index(index, tmp_path / "after.ctqa").sha256 == before.sha256
    import_index(tmp_path / "after.ctqa", tmp_path / "other")
    assert Judgments(tmp_path / "other").read().judged == ()  # it stays on this machine
    (tmp_path / "documents" / "wards.txt").write_text(TEXT + " Ask the nurse.")
    assert build() == 2
    assert diagnose(index, load_encoder=lambda *_, **__: WordEncoder()) == ()
    roll_back(index)
    assert judgments.read().judged == (kept,)
    (index / "catalog.db").unlink()
    shutil.rmtree(index / "builds")
    assert build() == 1  # an index made anew, around the judgments
    assert judgments.read().judged == (kept,)


# Places -----------------------------------------------------------------------------------------


def test_a_quote_is_cut_from_the_document() -> None:
    found = document(TEXT, 39)
    place = cut(found, 20, 38)
    assert place == quoted("Flowers may not.", page_label="A-1", start=21)
    second = cut(found, 39, 60)
    assert (second.page, second.page_label, second.start) == (2, "A-2", 39)
    assert second.context == TEXT  # the same stands twice, so that this tells which one is meant


def test_the_context_of_a_quote_is_whole_words() -> None:
    filler = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    text = f"{filler * 2}Relatives may visit. {filler * 2}Relatives may visit. {filler}"
    found = document(text)
    place = cut(found, len(filler) * 2, len(filler) * 2 + 20)
    assert place.context in text
    assert "Relatives may visit." in place.context
    assert set(place.context.split()) <= set(text.split())
    assert len(place.context) < 200


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (0, 10_000), (37, 39)])
def test_where_there_is_no_text_nothing_is_cut(start: int, end: int) -> None:
    with pytest.raises(ConfigError, match="no text"):
        cut(document(TEXT), start, end)


def test_a_quote_has_its_bounds() -> None:
    with pytest.raises(ConfigError, match="10,001 characters"):
        cut(document("x" * (MAX_QUOTE_CHARS + 1)), 0, MAX_QUOTE_CHARS + 1)


def test_a_quote_is_found_again_word_for_word_or_not_at_all() -> None:
    place = cut(document(TEXT, 39), 21, 37)
    assert where_now(document(TEXT), place) == 21
    assert where_now(document(f"New. {TEXT}"), place) == 26
    assert where_now(document(TEXT.replace("Flowers", "Pets")), place) is None
    twice = cut(document(TEXT, 39), 39, 59)
    assert where_now(document(f"New. {TEXT}", 44), twice) == 44  # on its page there is one
    assert where_now(document(f"New. {TEXT}"), twice) is None  # on none is page 2 now


# Gold -------------------------------------------------------------------------------------------


def judged(question: str, verdict: str = "right", place: Quoted | None = None) -> Judged:
    if place is None and verdict != "not in the sources":
        place = quoted()
    return Judged(
        id=f"{question} {verdict} {place}",
        at="2026-01-01T00:00:00+00:00",
        question=question,
        verdict=verdict,  # type: ignore[arg-type]
        place=place,
        build=1,
    )


FLOWERS = quoted("Flowers may not.", page=2, context="visit. Flowers may not. Relatives")


def test_right_answers_are_gold() -> None:
    gold = as_gold(
        [
            judged(WHO),
            judged("Zeppelins?", "not in the sources"),
            judged("who may  VISIT?", place=FLOWERS),
            judged("Zeppelins?", "wrong"),
        ]
    )
    visit, zeppelins = gold.questions
    assert visit.question == WHO
    assert [(one.quote, one.page, one.context) for one in visit.judgments] == [
        ("Relatives may visit.", 1, None),
        ("Flowers may not.", 2, "visit. Flowers may not. Relatives"),
    ]
    assert (zeppelins.question, zeppelins.judgments, zeppelins.impossible) == (
        *("Zeppelins?", (), True),
    )
    assert (gold.left_out, gold.notes) == (0, ())


@pytest.mark.parametrize("other", ["wrong", "not in the sources"])
def test_what_contradicts_itself_is_no_gold(other: str) -> None:
    group = [judged(WHO), judged(WHO.upper(), other), judged(WHO, "right", FLOWERS)]
    settled = settle([*group, judged("And?")])
    assert [one.question for one in settled.questions] == ["And?"]
    (torn,) = settled.contradictions
    assert torn.question == WHO
    expected = group if other == "not in the sources" else group[:2]
    assert torn.ids == {one.id for one in expected}
    assert as_gold([*group, judged("And?")]).notes == (
        "left out: 1 with judgments that contradict each other",
    )


def test_one_place_is_wrong_and_another_right() -> None:
    settled = settle([judged(WHO, "wrong"), judged(WHO, "right", FLOWERS)])
    assert settled.contradictions == ()
    assert [one.quote for one in settled.questions[0].judgments] == ["Flowers may not."]


def test_wrong_answers_alone_are_no_gold() -> None:
    assert settle([judged(WHO, "wrong")]).only_wrong == (WHO,)
    with pytest.raises(GoldError, match="1 of which only wrong answers are known"):
        as_gold([judged(WHO, "wrong")])
    with pytest.raises(GoldError, match="nothing was judged yet"):
        as_gold([])


@given(
    said=st.lists(
        st.tuples(
            *[texts.map(str.strip).filter(bool)] * 3,
            texts.map(str.strip),
            st.sampled_from(["right", "wrong", "not in the sources"]),
            st.integers(1, 999),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_gold_is_read_as_it_was_meant(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[tuple[str, str, str, str, str, int]],
) -> None:
    found = [
        judged(
            question,
            verdict,
            None
            if verdict == "not in the sources"
            else quoted(quote, document=name, context=context, page=page),
        )
        for question, name, quote, context, verdict, page in said
    ]
    questions = settle(found).questions
    if not questions:
        return
    folder = tmp_path_factory.mktemp("gold")
    (folder / "gold.jsonl").write_bytes(as_jsonl(questions))
    assert load_gold(folder / "gold.jsonl").questions == questions
    (folder / "gold.csv").write_bytes(as_csv(questions))
    assert load_gold(folder / "gold.csv").questions == questions


@pytest.mark.parametrize("quote", ["=1+1", "+44", "-5 %", "@home", "＝1+1", "- an item"])
def test_no_cell_is_a_formula(tmp_path: Path, quote: str) -> None:
    questions = settle([judged(f"={WHO}", "right", quoted(quote, document="-x.txt"))]).questions
    written = as_csv(questions).decode("utf-8-sig")
    for cell in written.splitlines()[1].split(","):
        assert cell.strip('"')[:1] not in "=+-@＝" or not cell
    (tmp_path / "gold.csv").write_bytes(as_csv(questions))
    assert load_gold(tmp_path / "gold.csv").questions == questions
