"""What packages weigh with all they need, in the environment that this is run in.

python -m bench.peers.sizes '{"packages": ["txtai"], "without": []}'
"""

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MB = 1 << 20


def closure(packages: Iterable[str], without: Iterable[str] = ()) -> dict[str, Distribution]:
    """Find packages and whatever they need, and what that needs; extras are left out."""
    left_out = set(map(_folded, without))
    found: dict[str, Distribution] = {}
    waiting = [*packages]
    while waiting:
        name = _folded(waiting.pop())
        if name in found or name in left_out:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another system or another Python
            continue
        waiting += [_name(each) for each in found[name].requires or () if "extra ==" not in each]
    return found


def megabytes(package: Distribution) -> float:
    """Give the size of a package's files, compiled ones included."""
    paths = [package.locate_file(file) for file in package.files or ()]
    return sum(path.stat().st_size for path in paths if path.is_file()) / _MB  # type: ignore[attr-defined]


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    assert found is not None
    return found.group()


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    found = closure(given["packages"], given["without"])
    weights = {name: megabytes(package) for name, package in found.items()}
    heaviest = sorted(weights, key=lambda name: -weights[name])[:3]
    versions = {_folded(name): found[_folded(name)].version for name in given["packages"]}
    print(
        json.dumps(
            {
                "mb": sum(weights.values()),
                "packages": len(found),
                "heaviest": heaviest,
                "versions": versions,
            }
        )
    )
