"""The lexical index: what is written once is shared by the builds that go on from it."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctqa.errors import IndexLoadError
from ctqa.index.lexical import LexicalIndex, dead_share, write_terms

WORDS = ("lake", "boat", "train", "dog", "licence", "bicycle")
MANY = [(key, f"{WORDS[key % 6]} {WORDS[key % 5]} word{key}") for key in range(1, 2001)]

Files = Mapping[str, tuple[int, str]]


def files(folder: Path) -> Files:
    """Give the inode and checksum of each file of an index, by name; lock files are none."""
    return {
        path.name: (path.stat().st_ino, sha256(path.read_bytes()).hexdigest())
        for path in folder.iterdir()
        if not path.name.startswith(".tantivy-")
    }


def segments(folder: Path) -> set[str]:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return {segment["segment_id"].replace("-", "") for segment in meta["segments"]}


def loaded(folder: Path, texts: Sequence[tuple[int, str]]) -> LexicalIndex:
    write_terms(folder, texts)
    return LexicalIndex.load(folder)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    write_terms(tmp_path / "many", MANY)
    return tmp_path / "many"


def test_terms_are_found_by_stem_and_case_does_not_count(tmp_path: Path) -> None:
    texts = [(1, "Commissioning of services"), (2, "A SERVICE commissioned"), (3, "Café visits")]
    found = loaded(tmp_path / "t", texts)
    assert {key for key, _ in found.search("commissions service", 9)} == {1, 2}
    assert [key for key, _ in found.search("cafe", 9)] == [3]
    assert found.search("zebra", 9) == []
    assert found.search("?!", 9) == []
    assert found.rarity("visit") > found.rarity("servic") > 0


def test_a_term_asked_twice_counts_twice(tmp_path: Path) -> None:
    found = loaded(tmp_path / "t", [(1, "lake"), (2, "boat")])
    once, twice = dict(found.search("lake boat", 9)), dict(found.search("lake lake boat", 9))
    assert twice[1] == pytest.approx(2 * once[1])
    assert twice[2] == pytest.approx(once[2])


def test_a_question_of_thousands_of_terms_is_answered(tmp_path: Path) -> None:
    found = loaded(tmp_path / "t", [(1, "word5 word6")])
    words = " ".join(f"word{n}" for n in range(3000))
    assert [key for key, _ in found.search(words, 9)] == [1]


@pytest.mark.parametrize("k", [-1, 0, 1, 10**9])
def test_an_empty_index_finds_nothing(tmp_path: Path, k: int) -> None:
    found = loaded(tmp_path / "t", [])
    assert len(found) == 0
    assert found.keys().tolist() == []
    assert found.search("lake", k) == found.search("lake", k, [1]) == []
    assert found.holding("lake") == found.holding("lake boat") == 0
    assert found.rarity("lake") > 0
    assert dead_share(tmp_path / "t", 5) == 0


def test_equal_scores_are_in_the_order_of_their_keys_whatever_was_written_first(
    tmp_path: Path,
) -> None:
    keys = [*range(700, 0, -1)]
    whole = loaded(tmp_path / "whole", [(key, "lake boat") for key in keys])
    write_terms(tmp_path / "half", [(key, "lake boat") for key in keys[:300]])
    write_terms(
        tmp_path / "rest", [(key, "lake boat") for key in keys[300:]], before=tmp_path / "half"
    )
    rest = LexicalIndex.load(tmp_path / "rest")
    for k in (1, 5, 699, 700, 10**9):
        found = whole.search("lake", k)
        assert [key for key, _ in found] == list(range(1, min(k, 700) + 1))
        assert rest.search("lake", k) == found
        assert (
            whole.search("lake", k, keys[:650])
            == [(key, score) for key, score in whole.search("lake", 700) if key > 50][:k]
        )


def test_keys_are_listed_without_the_dead(many: Path, tmp_path: Path) -> None:
    assert LexicalIndex.load(many).keys().tolist() == list(range(1, 2001))
    removed = list(range(1, 2001, 3))
    write_terms(tmp_path / "next", [(5000, "lake"), (3000, "boat")], before=many, removed=removed)
    found = LexicalIndex.load(tmp_path / "next")
    assert found.keys().tolist() == sorted({*range(1, 2001), 3000, 5000} - set(removed))
    assert len(found) == len(found.keys())


def test_more_keys_than_are_listed_at_once_are_listed(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (1, 999, 1000, 2000, 2001):
        monkeypatch.setattr("ctqa.index.lexical._KEYS_AT_ONCE", size)
        assert LexicalIndex.load(many).keys().tolist() == list(range(1, 2001))


def test_adding_one_passage_leaves_what_was_written_where_it_is(many: Path, tmp_path: Path) -> None:
    before = files(many)
    write_terms(tmp_path / "next", [(9999, "zebra lake")], before=many)
    after = files(tmp_path / "next")
    of_segments = {name for name in before if name.split(".")[0] in segments(many)}
    assert of_segments
    assert {name: after[name] for name in of_segments} == {n: before[n] for n in of_segments}
    assert files(many) == before
    assert [key for key, _ in LexicalIndex.load(tmp_path / "next").search("zebra", 9)] == [9999]
    assert LexicalIndex.load(many).search("zebra", 9) == []


def test_many_builds_keep_few_files_and_only_those_that_are_used(tmp_path: Path) -> None:
    write_terms(tmp_path / "0", MANY)
    for n in range(1, 31):
        kept = files(tmp_path / str(n - 1))
        write_terms(
            tmp_path / str(n),
            [(10_000 + n, f"zebra{n}")],
            before=tmp_path / str(n - 1),
            removed=[n],
        )
        assert files(tmp_path / str(n - 1)) == kept
        if n > 2:
            shutil.rmtree(tmp_path / str(n - 2))
    names = files(tmp_path / "30").keys() - {"meta.json", ".managed.json"}
    assert {name.split(".")[0] for name in names} == segments(tmp_path / "30")
    assert len(names) < 60
    found = LexicalIndex.load(tmp_path / "30")
    assert found.keys().tolist() == [*range(31, 2001), *range(10_001, 10_031)]
    assert [found.search(f"zebra{n}", 9)[0][0] for n in (1, 15, 30)] == [10_001, 10_015, 10_030]


def test_a_passage_may_be_taken_out_and_put_in_again_with_another_text(tmp_path: Path) -> None:
    write_terms(tmp_path / "1", [(1, "lake"), (2, "boat")])
    write_terms(tmp_path / "2", [(1, "train")], before=tmp_path / "1", removed=[1])
    found = LexicalIndex.load(tmp_path / "2")
    assert found.keys().tolist() == [1, 2]
    assert found.search("lake", 9) == []
    assert [key for key, _ in found.search("train", 9)] == [1]


def test_all_may_be_taken_out(tmp_path: Path, many: Path) -> None:
    write_terms(tmp_path / "none", [], before=many, removed=[*range(1, 2001), 77_777])
    assert len(LexicalIndex.load(tmp_path / "none")) == 0
    assert LexicalIndex.load(tmp_path / "none").search("lake", 9) == []


builds = st.lists(
    st.tuples(
        st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=12),
        st.sets(st.integers(1, 40), max_size=10),
    ),
    max_size=5,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(builds)
def test_many_small_builds_hold_what_one_build_of_the_same_holds(
    steps: list[tuple[list[list[str]], set[int]]],
) -> None:
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # tantivy goes on locking there
        live: dict[int, str] = {}
        last, following = None, 1
        for number, (texts, removed) in enumerate(steps):
            added = {following + n: " ".join(words) for n, words in enumerate(texts)}
            following += len(added)
            write_terms(Path(folder, str(number)), added.items(), before=last, removed=removed)
            live = {key: text for key, text in live.items() if key not in removed} | added
            last = Path(folder, str(number))
        if last is not None:
            write_terms(Path(folder, "fresh"), live.items())
            _same(LexicalIndex.load(last), LexicalIndex.load(Path(folder, "fresh")), live)


def _same(built: LexicalIndex, fresh: LexicalIndex, live: Mapping[int, str]) -> None:
    assert built.keys().tolist() == fresh.keys().tolist() == sorted(live)
    for word in WORDS:
        holders = {key for key, text in live.items() if word in text.split()}
        assert {key for key, _ in built.search(word, 999)} == holders
        assert {key for key, _ in fresh.search(word, 999)} == holders
        assert built.holding(word) == fresh.holding(word) == len(holders)
        assert built.rarity(word) > 0
        assert built.search(word, 3) == built.search(word, 999)[:3]
    phrase = " ".join(WORDS[:2])
    assert built.holding(phrase) == sum(phrase in text for text in live.values())


def test_scores_are_bm25_over_the_living_and_the_dead(tmp_path: Path) -> None:
    texts = [(1, "lake lake boat dog"), (2, "boat train"), (3, "lake"), (4, "dog dog dog")]
    write_terms(tmp_path / "1", texts)
    write_terms(tmp_path / "2", [], before=tmp_path / "1", removed=[3])
    found = LexicalIndex.load(tmp_path / "2")
    rarity = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))  # of 4 entries, 2 hold "lake": one is dead
    length = (4 + 2 + 1 + 3) / 4
    score = rarity * 2 * (1.2 + 1) / (2 + 1.2 * (1 - 0.75 + 0.75 * 4 / length))
    assert found.rarity("lake") == pytest.approx(rarity)
    ((key, given_score),) = found.search("lake", 9)
    assert (key, given_score) == (1, pytest.approx(score))
    assert found.holding("lake") == 1


def test_a_term_of_which_most_holders_are_dead_keeps_a_rarity(many: Path, tmp_path: Path) -> None:
    write_terms(tmp_path / "few", [], before=many, removed=range(2, 2001))
    found = LexicalIndex.load(tmp_path / "few")
    assert len(found) == 1
    assert all(found.rarity(word) > 0 for word in WORDS)


def test_the_share_of_the_dead_is_told_before_and_after(many: Path, tmp_path: Path) -> None:
    assert dead_share(many) == 0
    assert dead_share(many, 500) == pytest.approx(0.25)
    write_terms(tmp_path / "next", [], before=many, removed=range(1, 501))
    assert dead_share(tmp_path / "next") == pytest.approx(0.25)
    assert dead_share(tmp_path / "next", 500) == pytest.approx(0.5)
    assert dead_share(tmp_path / "next", 10**9) == 1


def some_of(keys: Sequence[int]) -> Iterator[list[int]]:
    yield from ([], [7], [7, 7], [99_999], [*keys[::301]], [*keys[::17]], [*keys[::3]], [*keys])


@pytest.mark.parametrize("k", [1, 10, 100, 5000])
def test_a_search_within_some_keys_gives_the_very_scores_of_the_whole(many: Path, k: int) -> None:
    found = LexicalIndex.load(many)
    for question in ("lake boat", "train word7 word300", "dog dog licence", "zebra"):
        everywhere = found.search(question, 5000)
        for within in some_of(range(1, 2001)):
            expected = [pair for pair in everywhere if pair[0] in set(within)]
            assert found.search(question, k, within) == expected[:k]


def test_a_search_within_keys_that_all_others_beat_misses_none(tmp_path: Path) -> None:
    better = [(key, "lake lake") for key in range(1, 901)]
    worse = [(key, "lake boat train dog") for key in range(901, 1001)]
    found = loaded(tmp_path / "t", [*better, *worse])
    within = list(range(901, 1001))
    assert [key for key, _ in found.search("lake", 20, within)] == within[:20]
    assert [key for key, _ in found.search("lake boat", 999, within)] == within


def test_the_same_search_gives_the_same_again_from_another_opening(many: Path) -> None:
    first, second = LexicalIndex.load(many), LexicalIndex.load(many)
    for question in WORDS:
        found = first.search(question, 40)
        assert found == second.search(question, 40)
        assert all(a[1] > b[1] or (a[1] == b[1] and a[0] < b[0]) for a, b in pairwise(found))


def test_a_folder_that_is_no_term_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="tantivy cannot open it"):
        LexicalIndex.load(tmp_path)
    with pytest.raises(IndexLoadError, match="tantivy cannot open it"):
        LexicalIndex.load(tmp_path / "nothing")


def test_an_index_of_other_fields_is_refused(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="ctqa_english", index_option="freq")
    tantivy.Index(builder.build(), path=str(tmp_path))
    with pytest.raises(IndexLoadError, match="other fields"):
        LexicalIndex.load(tmp_path)


def test_a_broken_list_of_segments_is_refused(many: Path) -> None:
    meta = many / "meta.json"
    whole = meta.read_bytes()
    for broken in (b"", b"{", b"[]", b"\xff", whole[:-30], whole.replace(b"max_doc", b"mux_doc")):
        meta.write_bytes(broken)
        with pytest.raises(IndexLoadError, match="tantivy cannot open it"):
            LexicalIndex.load(many)
    meta.unlink()
    with pytest.raises(IndexLoadError, match="tantivy cannot open it"):
        LexicalIndex.load(many)


def test_a_missing_segment_is_refused(many: Path) -> None:
    next(many.glob("*.term")).unlink()
    with pytest.raises(IndexLoadError, match="tantivy cannot open it"):
        LexicalIndex.load(many)


def test_a_folder_that_is_there_already_is_not_written_over(many: Path) -> None:
    before = files(many)
    with pytest.raises(FileExistsError):
        write_terms(many, [(1, "lake")])
    assert files(many) == before


def test_what_fails_while_passages_are_fetched_is_told_as_it_is(tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[int, str]]:
        yield 1, "lake"
        raise ValueError("the catalog is damaged")

    with pytest.raises(ValueError, match="the catalog is damaged"):
        write_terms(tmp_path / "t", failing())


FULL = """
import resource, sys
from pathlib import Path
from ctqa.index.lexical import write_terms
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    write_terms(Path(sys.argv[1]), ((key, f"word{key} lake") for key in range(1, 200_001)))
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sets no limit to the size of files")
@pytest.mark.parametrize("most_bytes", [100, 2_000, 100_000, 1_000_000])
def test_a_disk_that_takes_no_more_is_told_as_an_os_error(tmp_path: Path, most_bytes: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "t"), str(most_bytes)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{tmp_path / 't'}: the lexical index cannot be written (" in done.stdout
