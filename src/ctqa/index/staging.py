"""Files -> documents -> passages, staged for a build to come, where no reader sees them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ctqa.config import IndexConfig
from ctqa.index.english import english
from ctqa.index.mend import Mender, Vocabulary
from ctqa.index.plan import LEFT_OUT, Planned
from ctqa.index.rows import DocumentRow
from ctqa.index.searchable import with_mended, with_search_texts
from ctqa.index.staged import SplitDocument
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder
from ctqa.records import Document, SourceFile
from ctqa.sources import Citations, ReadOptions, moved
from ctqa.sources.decode import clean
from ctqa.sources.isolated import Meanwhile, Readers
from ctqa.sources.splitter import passage_id, split

# Told of each stage ("read", "encode", "write") how much is done of how many. While files are read,
# "page" tells how many pages have been begun, and "encode" how many passages are encoded by then,
# both of 0: how many there are is not known.
Progress = Callable[[str, int, int], None]

_AT_ONCE = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stager:
    """Stages the files of one build to come."""

    catalog: CatalogWriter
    build: int
    encoder: Encoder  # its tokens size the passages
    config: IndexConfig
    citations: Citations

    def move(self, planned: Sequence[Planned]) -> None:
        """Take over files that were read before, under the path and citation that they have now."""
        for each in planned:
            like = each.like
            assert like is not None  # noqa: S101 -- the plan's own promise
            splits = [self._moved(row, each) for row in self.catalog.documents_of(like)]
            read = SourceFile(
                path=clean(str(each.file.path)),
                sha256=like.sha256,
                size=like.size,
                state=like.state,
                reason=like.reason,
                documents=tuple(split.document for split in splits),
            )
            taken = self._taken(document.id for document in read.documents)
            fresh = [split for split in splits if split.document.id not in taken]
            noted = _noting(read, len(splits) - len(fresh))
            self.catalog.stage_file(self.build, each.file, noted, each.recipe, fresh)

    def _taken(self, ids: Iterable[str]) -> set[str]:
        """Give those ids that documents of another file of this build have."""
        named = self.catalog.documents_named(self.build, ids)
        return {row.id for row in named}

    def _moved(self, row: DocumentRow, to: Planned) -> SplitDocument:
        sha256 = "" if to.like is None else to.like.sha256
        document = moved(self.catalog.whole(row), to.file, sha256, self.citations)
        passages = [
            replace(
                passage,
                id=passage_id(document.id, passage.start, passage.end),
                document_id=document.id,
            )
            for passage in self.catalog.passages_of(row)
        ]
        return SplitDocument(
            document=document, passages=with_search_texts(document, passages, self.encoder)
        )

    def read(
        self,
        planned: Sequence[Planned],
        options: ReadOptions,
        progress: Progress,
        meanwhile: Callable[[], object],
    ) -> None:
        """Read files in child processes and stage them; `meanwhile` is called again and again."""
        plain = [each for each in planned if not each.ocr]
        pictured = [each for each in planned if each.ocr]
        progress("read", 0, len(planned))
        done = 0

        def look(pages: int) -> None:
            progress("page", pages, 0)
            meanwhile()

        for group, how in ((plain, options), (pictured, replace(options, ocr=True))):
            for each, read in self._read(group, how, look):
                self._stage_file(each, read, meanwhile)
                done += 1
                progress("read", done, len(planned))

    def _read(
        self, planned: Sequence[Planned], options: ReadOptions, look: Meanwhile
    ) -> Iterator[tuple[Planned, SourceFile]]:
        if not planned:
            return
        with Readers(options, at_once=_AT_ONCE, meanwhile=look) as readers:
            files = [each.file for each in planned]
            yield from zip(planned, readers.read(files, self.citations), strict=True)

    def _stage_file(
        self, planned: Planned, read: SourceFile, meanwhile: Callable[[], object]
    ) -> None:
        ids = [document.id for document in read.documents]
        taken = self._taken(ids)

        def fresh() -> Iterator[Document]:  # of a large corpus, not all are in memory at once
            return (document for document in read.documents if document.id not in taken)

        vocabulary = Vocabulary.of(document.text for document in fresh())
        self.catalog.stage_file(
            self.build,
            planned.file,
            _noting(read, sum(each in taken for each in ids)),
            planned.recipe,
            (self._split(document, vocabulary) for document in fresh()),
            between=meanwhile,
        )

    def _split(self, document: Document, vocabulary: Vocabulary) -> SplitDocument:
        whole = self.config.split == "document"
        ends = [] if whole else self.encoder.token_ends([document.text])[0]
        mender = Mender(english(), vocabulary, document.text)
        mended = with_mended(document, split(document, ends, self.config), mender)
        passages = with_search_texts(document, mended, self.encoder)
        return SplitDocument(document=document, passages=passages)


def _noting(read: SourceFile, again: int) -> SourceFile:
    """Add to a file's reason that documents of it were left out."""
    if not again:
        return read
    note = f"{again} {LEFT_OUT}: documents with the same id stand in another file"
    return replace(read, reason="; ".join(part for part in (read.reason, note) if part))
