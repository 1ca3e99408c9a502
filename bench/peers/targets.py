"""What is to be reached, as ratios within one run, and whether it was."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.peers import growing
from bench.peers.figures import Figures, Quality, exponent
from bench.peers.systems import REFERENCE, SYSTEMS

_OURS = ("ctqa-minilm", "ctqa")
_NAMES = {system.key: system.name for system in SYSTEMS}
_MUCH = 1_000  # passages from which on growth is judged
_LINEAR = 1.1  # the power of the passages that a linear cost may seem to grow with
_CLEARLY_LESS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing to reach; `reached` is None where something was not measured."""

    what: str
    wanted: str
    found: str
    reached: bool | None

    @property
    def verdict(self) -> str:
        """Say whether it was reached."""
        return {True: "yes", False: "**no**", None: "not measured"}[self.reached]


def targets(figures: Figures) -> list[Target]:
    """Hold everything that is to be reached against what was measured."""
    return [
        *(_build(figures, key) for key in _OURS),
        _equal_recall(figures),
        *(_first_hit(figures, key) for key in _OURS),
        *(_memory(figures, key) for key in _OURS),
        *(_reranked(figures, key) for key in _OURS),
        *(_plain(figures, key) for key in _OURS),
        _linear(figures),
        _sublinear(figures),
    ]


def _build(figures: Figures, key: str) -> Target:
    ours, theirs = (figures.rate(f"{each}-build") for each in (key, REFERENCE))
    ratio = None if ours is None or theirs is None else ours / theirs
    return Target(
        what=f"encode and build, passages per CPU second: {_NAMES[key]}",
        wanted="at least 4 times sentence-transformers + FAISS",
        found=_told(ratio, "{:.1f} times"),
        reached=None if ratio is None else ratio >= 4,
    )


def _equal_recall(figures: Figures) -> Target:
    both = [figures.quality_of_all(each, "dense") for each in ("ctqa-minilm", REFERENCE)]
    ours, theirs = both
    apart = None if ours is None or theirs is None else ours.found - theirs.found
    return Target(
        what="R@10 of the same encoder, dense alone",
        wanted="within .005 of sentence-transformers + FAISS",
        found=_told(apart, "{:+.4f}"),
        reached=None if apart is None else abs(apart) <= 0.005,
    )


def _first_hit(figures: Figures, key: str) -> Target:
    ratio = _of_least(figures, key, "first")
    return Target(
        what=f"`ctqa ask` in a new process, reranked, wall: {_NAMES[key]}",
        wanted="at most .2 of the fastest peer's first hit",
        found=_told(ratio, "{:.2f} of it"),
        reached=None if ratio is None else ratio <= 0.2,
    )


def _of_least(figures: Figures, key: str, what: str) -> float | None:
    """Divide what a reranked `ctqa ask` takes by the least of any peer."""
    ours = figures.middle(f"{key}-first-ask", what)
    theirs = min(_of_peers(figures, what), default=None)
    return None if ours is None or theirs is None else ours / theirs


def _memory(figures: Figures, key: str) -> Target:
    ratio = _of_least(figures, key, "peak_mb")
    return Target(
        what=f"its memory: {_NAMES[key]}",
        wanted="below the least of any peer",
        found=_told(ratio, "{:.2f} of it"),
        reached=None if ratio is None else ratio < 1,
    )


def _of_peers(figures: Figures, field: str) -> Iterator[float]:
    for system in SYSTEMS:
        found = None if system.ours else figures.middle(f"{system.key}-first-search", field)
        if found is not None:
            yield found


def _reranked(figures: Figures, key: str) -> Target:
    times = _times(figures, key, "reranked")
    quality = figures.quality(key, "reranked")
    good = None if times is None or quality is None else times <= 15 and quality.first >= 0.9
    return Target(
        what=f"warm question, reranked and answered: {_NAMES[key]}",
        wanted="at most 15 times the CPU of a dense query of sentence-transformers + FAISS, "
        "Success@1 at least .90",
        found=f"{_told(times, '{:.1f} times')}; {_success(quality)}",
        reached=good,
    )


def _plain(figures: Figures, key: str) -> Target:
    times = _times(figures, key, "fused")
    quality = figures.quality_of_all(key, "fused")
    good = None if times is None or quality is None else times < 0.5 and quality.reciprocal >= 0.864
    fast = _told(_times(figures, key, "fast"), "{:.2f} times with the answer cut out")
    ranked = "" if quality is None else f"; MRR@10 {quality.reciprocal:.3f}, n {quality.questions}"
    return Target(
        what=f"warm question, not reranked: {_NAMES[key]}",
        wanted="less than half of its CPU, MRR@10 at least .864 over all questions",
        found=f"{_told(times, '{:.2f} times')} ({fast}){ranked}",
        reached=good,
    )


def _times(figures: Figures, key: str, way: str) -> float | None:
    ours, theirs = figures.per_question(key, way), figures.per_question(REFERENCE, "dense")
    return None if ours is None or theirs is None else ours / theirs


def _linear(figures: Figures) -> Target:
    curve = {n: cpu for n, cpu in growing.own_builds(figures).items() if n >= _MUCH}
    power = exponent(curve) if len(curve) > 1 else None
    return Target(
        what=f"build time against passages, all but encoding{_range(curve)}",
        wanted=f"linear: grows with a power of them of at most {_LINEAR}",
        found=_told(power, "power {:.2f}"),
        reached=None if power is None else power <= _LINEAR,
    )


def _sublinear(figures: Figures) -> Target:
    here = any(n >= _MUCH for n in growing.own_builds(figures))  # kept figures alone judge nothing
    kept = growing.own_queries(figures) if here else {}
    curve = {n: ms for n, ms in kept.items() if n >= _MUCH}
    power = exponent(curve) if len(curve) > 1 else None
    return Target(
        what=f"query time against passages{_range(curve)}",
        wanted=f"clearly less than linear: a power below {_CLEARLY_LESS}",
        found=_told(power, "power {:.2f}"),
        reached=None if power is None else power < _CLEARLY_LESS,
    )


def _range(curve: growing.Curve) -> str:
    return f", {min(curve):,} to {max(curve):,}" if curve else ""


def _success(quality: Quality | None) -> str:
    if quality is None:
        return "not measured"
    low, high = quality.interval
    return f"Success@1 {quality.first:.3f} ({low:.2f}-{high:.2f}, n {quality.questions})"


def _told(number: float | None, form: str) -> str:
    return "not measured" if number is None else form.format(number)
