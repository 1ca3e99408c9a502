"""The report as HTML, and as a file.

Everything that a document or a gold file says goes through the template, which escapes it, and
none of it into a script or a plot. The page's own policy lets no other script run than its own
two, known by their digests, and nothing be fetched, whatever stands in it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ctqa.evaluation.html_report import drawing, head, measures, method, plots, questions
from ctqa.evaluation.html_report.parts import Plot
from ctqa.evaluation.kept import Result
from ctqa.writing import replace_file

_HERE = Path(__file__).parent
_TEMPLATE = "report.html.jinja"
_NOT_IN_HTML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def html_of(result: Result) -> str:
    """Make the report of a result: the same result makes the same report, byte for byte."""
    found = list(plots.all_plots(result))
    failures = plots.failures(result)
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            summary=result.summary,
            policy=_policy(),
            style=_text("report.css"),
            library=_library(),
            script=_text("report.js"),
            figures=_data([*found, failures]),
            facts=list(head.facts(result)),
            settings=list(head.settings(result)),
            in_short=list(head.in_short(result)),
            cautions=list(head.cautions(result)),
            shown=measures.shown(result),
            others=measures.others(result),
            groups=list(measures.groups(result)),
            plots=found,
            failures=failures,
            wanted=list(questions.wanted(result)),
            wanted_in_short=questions.wanted_in_short(result),
            failed=list(questions.failed(result)),
            right=questions.right(result),
            to_mend=questions.to_mend(result),
            method=method.method(result),
            limits=list(method.limits(result)),
            sources=method.SOURCES,
        )
    )


def write_report(result: Result, path: Path) -> None:
    """Write the report of a result; it is there whole or not at all.

    Raises:
        ConfigError: the file cannot be written.

    """
    replace_file(path, html_of(result).encode())


def policy_when_served() -> str:
    """Give the policy for a report that a server hands out: it is kept apart from the server."""
    return f"{_policy()}; frame-ancestors 'none'; sandbox allow-scripts allow-modals"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )


def _written(value: Any) -> Any:
    """Put U+FFFD for what HTML cannot hold; what is markup already is let through."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _NOT_IN_HTML.sub("\ufffd", value)
    return value


@lru_cache(maxsize=1)
def _library() -> str:
    return drawing.library().replace("</script", "<\\/script")


@lru_cache(maxsize=1)
def _policy() -> str:
    """Let our two scripts run, by their digests, and nothing be fetched.

    The styles are inline because plotly sets some of its own.
    """
    digests = " ".join(f"'sha256-{_digest(each)}'" for each in (_library(), _text("report.js")))
    return (
        f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _data(found: Sequence[Plot]) -> str:
    """Give the figures as JSON in which nothing can end the element that holds it."""
    told = json.dumps({each.id: each.figure for each in found if each.figure}, sort_keys=True)
    return told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
