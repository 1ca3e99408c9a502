"""The tables of docs/speed.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.peers import growing
from bench.peers.figures import Figures, Quality, percentile
from bench.peers.measure import commands
from bench.peers.systems import MODEL, REFERENCE, SYSTEMS, System
from bench.peers.targets import targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with what stands over it; it is left out where it has no rows."""

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> list[str]:
        """Write it as Markdown."""
        rows = [self.columns, ["---"] * len(self.columns), *self.rows]
        body = ["| " + " | ".join(row) + " |" for row in rows]
        return [f"## {self.title}", "", self.text, "", *body, ""] if self.rows else []


def tables(figures: Figures) -> list[Table]:
    """Make every table."""
    makers = (_targets, _build, _first, _warm, _quality, _cores, _installed, _growth, _limit)
    return [make(figures) for make in makers]


def _targets(figures: Figures) -> Table:
    return Table(
        title="What was to be reached",
        text="Ratios within this run.",
        columns=("what", "to reach", "found", "reached"),
        rows=[(each.what, each.wanted, each.found, each.verdict) for each in targets(figures)],
    )


def _build(figures: Figures) -> Table:
    return Table(
        title="Building an index",
        text="Passages per CPU second: of the whole process; without its imports and the loading "
        "of the model; of encoding alone, where it was measured by itself. One core.",
        columns=(
            *("system", "whole process", "once loaded", "encoding alone"),
            *("wall, s", "peak MB", "index MB", "rounds"),
        ),
        rows=list(_build_rows(figures)),
    )


def _build_rows(figures: Figures) -> Iterator[Sequence[str]]:
    for system in SYSTEMS:
        name = f"{system.key}-build"
        rates = (
            figures.rate(name),
            figures.rate(name, "loaded", "saved"),
            figures.encoding(system.key),
        )
        others = [figures.middle(name, field) for field in ("wall", "peak_mb", "index_mb")]
        if rates[0] is not None:
            rounds = str(len(figures.rounds(name)))
            yield (system.name, *(_short(rate) for rate in (*rates, *others)), rounds)


def _first(figures: Figures) -> Table:
    rows = [
        (
            system.name if not system.ours else f"{system.name}: `ctqa {command}`",
            *(_short(figures.middle(name, field)) for field in ("first", "cpu", "peak_mb")),
            str(len(figures.rounds(name))),
        )
        for system, command, name in _starts()
        if figures.rounds(name)
    ]
    return Table(
        title="A new process to its first hit",
        text="From starting the process to the hit on its output: imports, loading the model, "
        "opening the index, one question. `ctqa ask` also cuts answers out. CPU of the whole "
        "process. One core.",
        columns=("system", "wall, s", "CPU, s", "peak MB", "rounds"),
        rows=rows,
    )


def _starts() -> Iterator[tuple[System, str, str]]:
    for system in SYSTEMS:
        for command in commands(system):
            yield system, command, f"{system.key}-first-{command}"


_WAYS = {
    "dense": "dense",
    "hybrid": "hybrid",
    "fused": "dense and lexical",
    "fast": "the same, answers cut out",
    "reranked": "reranked, answers cut out",
}


def _asked() -> Iterator[tuple[System, str]]:
    return ((system, way) for system in SYSTEMS for way in system.ways)


def _warm(figures: Figures) -> Table:
    rows = []
    for system, way in _asked():
        walls = figures.milliseconds(system.key, way, "wall_ms")
        cpu = figures.milliseconds(system.key, way, "cpu_ms")
        if walls:
            spread = (median(walls), percentile(walls, 0.95), percentile(cpu, 0.95))
            middle = figures.per_question(system.key, way)
            times = (_short(each) for each in (middle, spread[2], *spread[:2]))
            rows.append((system.name, _WAYS[way], *times, str(len(walls))))
    return Table(
        title="A warm question",
        text="One question after the other of an open index, in milliseconds. One core.",
        columns=("system", "way", "CPU, median", "CPU, p95", "wall, median", "wall, p95", "n"),
        rows=rows,
    )


def _quality(figures: Figures) -> Table:
    rows = []
    for system, way in _asked():
        sampled, every = (
            figures.quality(system.key, way),
            figures.quality_of_all(system.key, way),
        )
        if sampled is not None:
            rows.append((system.name, _WAYS[way], *_cells(sampled), *_cells(every)))
    head = ("n", "Success@1", "MRR@10", "R@10")
    return Table(
        title="How well passages are found",
        text="Questions drawn by lot, the same for all (as many as n says); then all questions of "
        "the collection, for those that the ratios are made of.",
        columns=("system", "way", *head, *(f"all: {name}" for name in head)),
        rows=rows,
    )


def _cells(quality: Quality | None) -> tuple[str, ...]:
    if quality is None:
        return ("–",) * 4
    figures = (quality.first, quality.reciprocal, quality.found)
    return (f"{quality.questions:,}", *(f"{figure:.3f}" for figure in figures))


def _cores(figures: Figures) -> Table:
    rows = []
    for system in SYSTEMS:
        build = figures.get(f"cores-{system.key}-build")
        if build is None:
            continue
        starts = [figures.get(f"cores-{system.key}-first-{each}") for each in commands(system)]
        rates = (build["passages"] / build["wall"], build["passages"] / build["cpu"])
        rows.append((system.name, *map(_short, rates), _short(starts[0]["first"])))
    return Table(
        title="With all cores",
        text="Nothing pinned, no number of threads named. For CTQA the first answer is `ctqa ask`, "
        "reranked. Once.",
        columns=("system", "passages per second", "per CPU second", "first answer or hit, s"),
        rows=rows,
    )


def _installed(figures: Figures) -> Table:
    rows = []
    for system in SYSTEMS:
        size = figures.get(f"size-{system.key}")
        if size is not None and system.key not in ("ctqa-minilm", "txtai-hybrid"):
            rows.append(_size_row(system.name.partition(", ")[0], size))
    light = figures.get("size-without-torch")
    if light is not None:
        rows.insert(1, _size_row("CTQA without torch and sentence-transformers", light))
    return Table(
        title="What is installed",
        text="The packages with all that they need, without models; torch for the processor alone.",
        columns=("system", "MB", "packages", "heaviest", "versions"),
        rows=rows,
    )


def _size_row(name: str, size: dict[str, object]) -> tuple[str, ...]:
    versions, heaviest = size["versions"], size["heaviest"]
    assert isinstance(versions, dict)
    assert isinstance(heaviest, list)
    told = ", ".join(f"{package} {version}" for package, version in versions.items())
    return (name, f"{size['mb']:,.0f}", str(size["packages"]), ", ".join(heaviest), told)


def _growth(figures: Figures) -> Table:
    curves = {
        **{f"question, CPU ms: {name}": each for name, each in growing.queries(figures).items()},
        **{f"CTQA's build, CPU s: {name}": c for name, c in growing.builds(figures).items()},
    }
    counts = sorted({count for curve in curves.values() for count in curve})
    return Table(
        title="How costs grow with the passages",
        text="Questions: the peers' stores hold random unit vectors of 384 numbers and are given "
        "the question's vector; CTQA searches by vector and by words, fuses, and fetches the "
        "passages, over passages put together out of real sentences. From 100,000 on CTQA's "
        "figures are those of the last `python -m bench.growth`. A store that needs too long to be "
        "filled ends early.\n\n![growth](speed-growth.png)",
        columns=("what", *(f"{count:,}" for count in counts)),
        rows=[(name, *(_short(curve.get(n)) for n in counts)) for name, curve in curves.items()],
    )


def _limit(figures: Figures) -> Table:
    measured = figures.rounds("limits")
    ours, theirs = figures.encoding("ctqa-minilm"), figures.encoding(REFERENCE)
    rows = []
    operations = measured[0]["operations"] if measured else 0.0
    for kind in ("fp32", "bf16", "int8") if measured else ():
        rate = max(each["gigaops"][kind] for each in measured)
        limit = rate * 1e9 / operations
        shares = ("–" if each is None else f"{each / limit:.0%}" for each in (ours, theirs))
        rows.append((kind, f"{rate:,.0f}", f"{limit:,.0f}", *shares))
    tokens = measured[0]["mean_tokens"] if measured else 0.0
    return Table(
        title="The physical limit",
        text=f"Encoding a passage with {MODEL} takes {operations / 1e9:.2f} thousand million "
        f"operations (matrices alone, {tokens:.0f} tokens on average). The fastest that one core "
        "multiplied matrices here, through torch, sets how many passages a second are possible at "
        "most; then the share of that which encoding alone reaches.",
        columns=(
            *("numbers", "thousand million operations / s", "passages / s at most"),
            *(f"CTQA, {MODEL}", "sentence-transformers"),
        ),
        rows=rows,
    )


def _short(number: float | None) -> str:
    if number is None:
        return "–"
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"
