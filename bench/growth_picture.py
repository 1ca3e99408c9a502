"""The picture of how CTQA grows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Records = Mapping[int, Mapping[str, Any]]  # what was measured, by the number of passages

PICTURE = Path(__file__).parents[1] / "docs" / "growth.png"
_HEADROOM = 20  # for the legend
_SHOWN = ("add a document", "change a document in it", "rename the largest file", "nothing")


def draw(records: Records) -> None:
    """Draw building, room, searching and changing against the number of passages."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # not in the processes that are measured

    figure = Figure(figsize=(10, 7), layout="constrained")
    panels = (_building, _room, _searching, _changing)
    for place, panel in zip(figure.subplots(2, 2).flat, panels, strict=True):
        panel(place, records)
        place.set(xscale="log", yscale="log", xlabel="passages")
        place.set_ylim(top=_HEADROOM * place.get_ylim()[1])
        place.grid(alpha=0.3)
        place.legend(fontsize="small", loc="upper left", ncols=2)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=100, metadata={"Software": None})


def _building(place: Any, records: Records) -> None:
    place.set(title="Full build, encoding left out", ylabel="CPU seconds")
    whole = [found["build"]["cpu"] for found in records.values()]
    place.plot(list(records), whole, "o-", color="black", label="all")
    stages = {"read": "reading, splitting", "dense": "vectors", "lexical": "terms", "commit": ""}
    for stage, name in stages.items():
        seconds = [found["build"]["stages"]["cpu"][stage] for found in records.values()]
        place.plot(list(records), seconds, "o-", label=name or stage)


def _room(place: Any, records: Records) -> None:
    place.set(title="Room", ylabel="MB")
    for part in ("catalog", "vectors", "lexical"):
        megabytes = [found["build"]["bytes"][part] / 1e6 for found in records.values()]
        place.plot(list(records), megabytes, "o-", label=f"{part} on disk")
    resident = [found["opening"]["asked_mb"]["VmRSS"] for found in records.values()]
    place.plot(list(records), resident, "o--", color="black", label="memory of an open index")


def _searching(place: Any, records: Records) -> None:
    place.set(title="One question, models left out", ylabel="milliseconds")
    for way, color in (("dense", "C0"), ("lexical", "C1"), ("both", "black")):
        for percentile, line in (("p50", "o-"), ("p95", "o:")):
            times = [found["search"][way][percentile] for found in records.values()]
            place.plot(list(records), times, line, color=color, label=f"{way} {percentile}")
    first, least = min(records), records[min(records)]["search"]["both"]["p50"]
    linear = [least * count / first for count in records]
    place.plot(list(records), linear, "--", color="grey", label="both, if it grew linearly")


def _changing(place: Any, records: Records) -> None:
    place.set(title="Building again after a change", ylabel="CPU seconds")
    whole = [found["build"]["cpu"] for found in records.values()]
    place.plot(list(records), whole, "o-", color="black", label="full build")
    for change in _SHOWN:
        seconds = [found["changes"][change]["cpu"] for found in records.values()]
        place.plot(list(records), seconds, "o-", label=change)
