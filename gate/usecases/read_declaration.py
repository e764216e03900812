"""Reading the declaration: from body, data blocks, files and commit message to what the author states."""

from collections.abc import Sequence

from gate.core.change.declaration import Declaration
from gate.core.change.reading import combine
from gate.core.change.reading_data import read_data
from gate.core.change.reading_markdown import data_blocks, read_markdown
from gate.core.change.reading_statements import Reading
from gate.core.change.template import PULL_REQUEST_TEMPLATE, Template, template_of
from gate.core.errors import InvalidFileError
from gate.usecases.ports import LoadYaml, ReadOutline

MAX_BODY_BYTES = 256 * 1024
MAX_BLOCKS = 10
MAX_FILES = 20


def read_declaration(
    *,
    body: str | None,
    files: Sequence[tuple[str, bytes]],
    template: str | None,
    commit_message: str | None,
    load_yaml: LoadYaml,
    outline: ReadOutline,
) -> Declaration:
    """Return what the author states, with every problem; nothing that an author writes makes it raise.

    The commit message, without its subject, counts only where body and files state nothing at all. `template` is the
    repository's own pull-request template; text that it ships is not the author's.
    """
    reader = _Reader(load_yaml, outline, template)
    readings = reader.markdown(body or "", "body")
    readings += [reader.file(path, raw) for path, raw in files[:MAX_FILES]]
    if len(files) > MAX_FILES:
        readings.append(_refused(files[MAX_FILES][0], f"There are {len(files)} files with a declaration; keep one."))
    if commit_message and not any(reading.statements for reading in readings):
        _, _, rest = commit_message.replace("\r\n", "\n").partition("\n")
        readings += reader.markdown(f"\n{rest}" if rest.strip() else "", "commit message")
    return combine(readings)


class _Reader:
    """Reads the sources one by one; the templates are read once, when they are first needed."""

    def __init__(self, load_yaml: LoadYaml, outline: ReadOutline, template: str | None) -> None:
        self._load_yaml = load_yaml
        self._outline = outline
        self._template = template
        self._templates: tuple[Template, ...] = ()

    def markdown(self, text: str, source: str) -> list[Reading]:
        """Return what a Markdown text states: under its headings, and in its data blocks."""
        if not text.strip():
            return []
        whole = text.removeprefix("\ufeff").encode("utf-8", errors="replace")
        if len(whole) > MAX_BODY_BYTES:
            why = f"The {source} has {len(whole):,} bytes, and at most {MAX_BODY_BYTES:,} are read; shorten it."
            return [_refused(source, why)]
        outline = self._outline(whole.decode())
        readings = [read_markdown(outline, source, templates=self._shipped())]
        blocks = data_blocks(outline)
        if len(blocks) > MAX_BLOCKS:
            why = f"The {source} holds {len(blocks)} data blocks; keep one."
            readings.append(_refused(source, why, blocks[MAX_BLOCKS].line))
        return readings + [
            self._data(block.content.encode(), f"{source} block", first_line=block.line)
            for block in blocks[:MAX_BLOCKS]
        ]

    def file(self, path: str, raw: bytes) -> Reading:
        """Return what a file of the change states."""
        if len(raw) > MAX_BODY_BYTES:
            return _refused(path, f"It has {len(raw):,} bytes, and at most {MAX_BODY_BYTES:,} are read; shorten it.")
        return self._data(raw, path)

    def _data(self, raw: bytes, source: str, *, first_line: int = 1) -> Reading:
        try:
            document = self._load_yaml(raw, file=source)
        except InvalidFileError as error:
            reading = Reading(source)
            for fault in error.faults:
                hint = f" ({fault.suggestion})" if fault.suggestion else ""
                line = max(fault.line, 1) + first_line - 1
                reading.report("declaration-invalid", f"{fault.message}{hint}", line)
            return reading
        return read_data(document, source, first_line=first_line)

    def _shipped(self) -> tuple[Template, ...]:
        if not self._templates:
            texts = [PULL_REQUEST_TEMPLATE]
            if self._template is not None and len(self._template) <= MAX_BODY_BYTES:
                texts.append(self._template)
            self._templates = tuple(template_of(self._outline(text)) for text in texts)
        return self._templates


def _refused(source: str, why: str, line: int = 0) -> Reading:
    reading = Reading(source)
    reading.report("declaration-invalid", why, line)
    return reading
