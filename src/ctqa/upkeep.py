"""The commands that make, check and mend an index."""

import argparse
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa import bars, show_index
from ctqa.config import LOCAL, Config, is_address
from ctqa.configuring import configured
from ctqa.errors import ConfigError, IndexLoadError, ModelError
from ctqa.options import PASSWORDS
from ctqa.terminal import put, put_file, read, say

if TYPE_CHECKING:
    from ctqa.index.report import BuildReport
    from ctqa.models import Encoder
    from ctqa.records import Source

_DONE, _NEGATIVE, _SOME_FAILED = 0, 1, 3


def build(options: argparse.Namespace) -> int:
    """Build once, or again whenever the documents change."""
    from ctqa import api  # noqa: PLC0415

    once = partial(_build, options, passwords(asked=options.password))
    if not options.watch:
        return _told(options, once())
    from ctqa import watching  # noqa: PLC0415

    say(options, "ctqa: watching for changes (stop with Ctrl-C)")
    paths = options.paths or api.roots_of(options.index)
    with suppress(KeyboardInterrupt):
        for found in watching.builds(paths, options.index, once):
            if isinstance(found, Exception):
                say(options, f"ctqa: {found}")
            else:
                _told(options, found)
    return _DONE


def _build(options: argparse.Namespace, passwords: tuple[str, ...]) -> "BuildReport":
    from ctqa import api  # noqa: PLC0415

    base = Config(index=api.settings_of(options.index))
    with bars.progress(quiet=options.quiet) as progress:
        return api.build(
            options.paths or None,
            options.index,
            config=configured(options, base).index,
            progress=progress,
            passwords=passwords,
            new_encoder=options.encoder is not None,
            ray=options.ray,
        )


def add(options: argparse.Namespace) -> int:
    """Add documents to those of the index."""
    from ctqa import api, library  # noqa: PLC0415

    base = Config(index=api.settings_of(options.index))
    with bars.progress(quiet=options.quiet) as progress:
        report = library.add(
            options.paths,
            options.index,
            config=configured(options, base).index,
            progress=progress,
            passwords=passwords(asked=options.password),
            ray=options.ray,
        )
    return _told(options, report)


def remove(options: argparse.Namespace) -> int:
    """Leave documents out of the index."""
    from ctqa import library  # noqa: PLC0415

    with bars.progress(quiet=options.quiet) as progress:
        report = library.remove(options.names, options.index, progress=progress)
    told = show_index.build_report(report, options.index)
    put(options, asdict(report), f"{told}\n{show_index.LEFT_OUT}")
    return _DONE


def _told(options: argparse.Namespace, report: "BuildReport") -> int:
    put(options, asdict(report), show_index.build_report(report, options.index))
    return _SOME_FAILED if options.strict and report.pages_unread else _DONE


def passwords(*, asked: bool) -> tuple[str, ...]:
    """Take passwords from the environment, a line each, and from whoever sits at the terminal.

    Never from the command line: shells keep that.
    """
    known = tuple(filter(None, os.environ.get(PASSWORDS, "").splitlines()))
    if not asked:
        return known
    if not sys.stdin.isatty():
        if not known:
            raise ConfigError(
                f"--password: there is no terminal to ask on; put it into {PASSWORDS}"
            )
        return known
    from getpass import getpass  # noqa: PLC0415

    typed: list[str] = []
    try:
        typed += iter(lambda: getpass("Password for encrypted files (Enter to end): "), "")
    except EOFError:
        print(file=sys.stderr)  # Ctrl-D ends it as well, in the middle of the line
    return (*known, *typed)


def status(options: argparse.Namespace) -> int:
    """Sum up the index."""
    from ctqa.index.local import open_index  # noqa: PLC0415
    from ctqa.models import reader_runs_on, runs_on  # noqa: PLC0415

    search = configured(options).search
    index = open_index(options.index)
    try:
        status = index.status()
        ledger = index.ledger() if options.json else {}
    finally:
        index.close()
    built = status.build
    encoder = runs_on(str(built.config["encoder"]), "encoder", built.encoder)
    reader = reader_runs_on(search.reader, search.reranker if search.rerank > 0 else None)
    form = show_index.status_form(status, {"encoder": encoder, "reader": reader}, ledger)
    put(options, form, show_index.status(status, encoder, reader))
    return _DONE


def export(options: argparse.Namespace) -> int:
    """Cite documents or answers, or write the whole index into a file."""
    return _cite(options) if options.to is None else _export(options)


def _export(options: argparse.Namespace) -> int:
    if options.replies is not None or options.document is not None:
        raise ConfigError(
            "--to FILE: the whole index goes there; REPLIES and --document are to cite"
        )
    with bars.progress(quiet=options.quiet) as progress:
        if is_address(options.to):
            from ctqa.index.archive_cluster import export_to_cluster  # noqa: PLC0415

            found = export_to_cluster(options.index, options.to, progress=progress)
        else:
            from ctqa.index.archive import export_index  # noqa: PLC0415

            found = export_index(options.index, Path(options.to), progress=progress)
    put(options, asdict(found), show_index.exported(found))
    return _DONE


def import_(options: argparse.Namespace) -> int:
    """Make an index of an archive."""
    with bars.progress(quiet=options.quiet) as progress:
        if is_address(options.archive):
            from ctqa.index.archive_cluster import import_from_cluster  # noqa: PLC0415

            found = import_from_cluster(
                options.archive, options.index, store=options.store, progress=progress
            )
        else:
            from ctqa.index.archive import import_index  # noqa: PLC0415

            store = LOCAL if options.store is None else options.store
            found = import_index(
                Path(options.archive), options.index, store=store, progress=progress
            )
    put(options, asdict(found), show_index.imported(found, options.index))
    return _DONE


def _cite(options: argparse.Namespace) -> int:
    from ctqa import citing  # noqa: PLC0415

    if options.replies is None:
        found = citing.cite_sources(_sources(options), options.cite)
    else:
        found = citing.cite_replies(read(options.replies).split("\n"), options.cite)
        chosen = options.document
        found = [cited for cited in found if chosen is None or cited.id in chosen]
    if not found:
        say(options, "ctqa: nothing in the replies was answered, so there is nothing to cite")
        return _NEGATIVE
    if options.json:
        for cited in found:
            put(options, asdict(cited), "")
    else:
        put_file(citing.as_text(found, options.cite))
    return _DONE


def _sources(options: argparse.Namespace) -> list["Source"]:
    """List the documents of an index, or those that are named, in the order of their ids."""
    from ctqa.index.local import open_index  # noqa: PLC0415

    index = open_index(options.index)
    try:
        sources = index.sources()
    finally:
        index.close()
    if options.document is None:
        return list(sources)
    unknown = set(options.document) - {source.id for source in sources}
    if unknown:
        raise ConfigError(f"no document {min(unknown)!r} in {options.index}")
    return [source for source in sources if source.id in options.document]


def verify(options: argparse.Namespace) -> int:
    """Check the index, or receipts."""
    return _verify_index(options) if options.receipts is None else _verify_receipts(options)


def _verify_index(options: argparse.Namespace) -> int:
    from ctqa.index.verify import verify_index  # noqa: PLC0415

    encoder = None if options.without_model else _encoder(options)
    with bars.progress(quiet=options.quiet) as progress:
        found = verify_index(options.index, encoder=encoder, progress=partial(progress, "verify"))
    put(options, asdict(found), show_index.verdict(found, options.index))
    return IndexLoadError.exit_code if found.findings else _DONE


def _verify_receipts(options: argparse.Namespace) -> int:
    from ctqa.index.receipts import verify_receipts  # noqa: PLC0415

    found = verify_receipts(options.index, read(options.receipts))
    for each in found:
        put(options, asdict(each), show_index.checked(each))
    return _DONE if all(each.verdict == "verified" for each in found) else _NEGATIVE


def _encoder(options: argparse.Namespace) -> "Encoder | None":
    """Load the index's own encoder, to encode a sample with; None where it is not at hand."""
    from ctqa import api  # noqa: PLC0415
    from ctqa.models import load_encoder  # noqa: PLC0415

    try:
        last = api.last_build(options.index)
        name = api.settings_of(options.index).encoder
        return load_encoder(name, built=None if last is None else last.encoder)
    except (ModelError, IndexLoadError) as error:
        say(options, f"ctqa: no passage is encoded again to be compared: {error}")
        return None


def doctor(options: argparse.Namespace) -> int:
    """Tell what is wrong with the index, and mend it if asked to."""
    from ctqa.index import doctor as doctors  # noqa: PLC0415
    from ctqa.models import load_encoder  # noqa: PLC0415

    with bars.progress(quiet=options.quiet) as progress:
        verified = partial(progress, "verify")
        if options.fix:
            mended = doctors.mend(options.index, load_encoder=load_encoder, progress=verified)
            put(options, asdict(mended), show_index.mended(mended, options.index))
            if mended.left:
                return IndexLoadError.exit_code
            return _SOME_FAILED if mended.left_out else _DONE
        found = doctors.diagnose(options.index, load_encoder=load_encoder, progress=verified)
    put(options, {"findings": [asdict(each) for each in found]}, show_index.findings(found))
    return IndexLoadError.exit_code if any(each.is_damage for each in found) else _DONE


def rollback(options: argparse.Namespace) -> int:
    """Make the build before the current one the current one."""
    from ctqa.index.doctor import roll_back  # noqa: PLC0415

    found = roll_back(options.index)
    put(
        options,
        {"build": found.number, "created_at": found.created_at},
        show_index.rolled_back(found),
    )
    return _DONE
