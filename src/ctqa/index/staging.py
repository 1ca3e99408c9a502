"""Files -> documents -> passages, staged for a build to come, where no reader sees them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ctqa.index.mend import Vocabulary
from ctqa.index.plan import LEFT_OUT, Planned
from ctqa.index.rows import DocumentRow
from ctqa.index.searchable import with_search_texts
from ctqa.index.staged import SplitDocument
from ctqa.index.workers import ReadFile, Workers
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder
from ctqa.records import Document, SourceFile
from ctqa.sources import Citations, ReadOptions, moved
from ctqa.sources.decode import clean
from ctqa.sources.isolated import Meanwhile
from ctqa.sources.splitter import passage_id

# Told of each stage ("read", "encode", "write") how much is done of how many. While files are read,
# "page" tells how many pages have been begun, and "encode" how many passages are encoded by then,
# both of 0: how many there are is not known.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stager:
    """Stages the files of one build to come."""

    catalog: CatalogWriter
    build: int
    encoder: Encoder  # its tokens tell how much fits into a search copy
    citations: Citations
    workers: Workers

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
        """Have files read and split, and stage them; `meanwhile` is called again and again."""
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
    ) -> Iterator[tuple[Planned, ReadFile]]:
        if planned:
            files = [each.file for each in planned]
            read = self.workers.read(files, self.citations, options, look)
            yield from zip(planned, read, strict=True)

    def _stage_file(
        self, planned: Planned, read: ReadFile, meanwhile: Callable[[], object]
    ) -> None:
        file = read.file
        ids = [document.id for document in file.documents]
        taken = self._taken(ids)
        self.catalog.stage_file(
            self.build,
            planned.file,
            _noting(file, sum(each in taken for each in ids)),
            planned.recipe,
            self._split(read, taken),
            between=meanwhile,
        )

    def _split(self, read: ReadFile, taken: set[str]) -> Iterable[SplitDocument]:
        """Give a file's documents with their passages, without those that are taken."""
        if read.split is not None and not taken:
            return read.split
        documents = read.file.documents

        def fresh() -> Iterator[Document]:  # of a large corpus, not all are in memory at once
            return (document for document in documents if document.id not in taken)

        vocabulary = Vocabulary.of(document.text for document in fresh())
        return self.workers.split(fresh(), vocabulary)


def _noting(read: SourceFile, again: int) -> SourceFile:
    """Add to a file's reason that documents of it were left out."""
    if not again:
        return read
    note = f"{again} {LEFT_OUT}: documents with the same id stand in another file"
    return replace(read, reason="; ".join(part for part in (read.reason, note) if part))
