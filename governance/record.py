"""The one door to PDF: a record's content becomes a page, and the page a PDF that archives, readers and tools accept.

PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), A4, with `decision.json` (AFRelationship Source) and the ledger's
proof `decision.tlog-proof` (Supplement) attached. No clock is read and nothing outside `templates` is opened, so that
the same content gives the same bytes wherever the same versions of WeasyPrint, Pango and HarfBuzz are installed.
A script that the shipped fonts lack is drawn with the machine's own fonts, if it has them.
"""

import base64
import hashlib
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from weasyprint import HTML, Attachment, Document  # type: ignore[import-untyped]  # it ships no types
from weasyprint.urls import (  # type: ignore[import-untyped]  # it ships no types
    FatalURLFetchingError,
    URLFetcher,
    URLFetcherResponse,
)

from governance.page import code, filled, visible
from governance.record_content import MoveRow, RecordContent, Verdict

DECISION_FILE = "decision.json"
PROOF_FILE = "decision.tlog-proof"
SIZES = (82, 85, 79, 88, 76, 73, 70)
"""Sizes of type in tenths of a point, in the order in which they are tried; nobody should have to read smaller."""
MOST_PAGES = 4
LEAST_FILL = 0.45
"""The share of the last page that should be used, so that no page is near-empty."""
LONGEST_REASON = 120
LEAST_GROUP = 3
"""Fewer moves than this with the same reasons go to one common table, which is shorter than a heading each."""

_UA_SCHEMA = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<rdf:Description rdf:about="" pdfuaid:part="1"/>
<rdf:Description rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""
"""PDF/A allows a property outside its own schemas only where the file describes it (ISO 19005-3, 6.6.2.3)."""


@dataclass(frozen=True, slots=True)
class MoveGroup:
    """Moves that share verdict, reasons and note, in the order given."""

    verdict: Verdict
    reasons: tuple[str, ...]
    note: str
    moves: tuple[MoveRow, ...]


def move_groups(moves: tuple[MoveRow, ...]) -> tuple[MoveGroup, ...]:
    """Moves grouped by verdict, reasons and note; gravest verdict first, then the larger group, then by reason."""
    grouped: dict[tuple[Verdict, tuple[str, ...], str], list[MoveRow]] = {}
    for move in moves:
        grouped.setdefault((move.verdict, move.reasons, move.note), []).append(move)
    gravity = list(Verdict)
    groups = [MoveGroup(v, reasons, note, tuple(rows)) for (v, reasons, note), rows in grouped.items()]
    return tuple(sorted(groups, key=lambda g: (gravity.index(g.verdict), -len(g.moves), g.reasons, g.note)))


def record_html(
    content: RecordContent,
    *,
    decision_json: bytes,
    templates: Path,
    size: int = SIZES[0],
    undrawable: frozenset[str] = frozenset(),
) -> str:
    """The record as one HTML page that refers to `record.css` beside its template.

    Characters in `undrawable`, and those that would act on the page, are shown by their code: `‹U+202E›`.
    """
    drawing = visible(content.chart.svg, undrawable) if content.chart else ""
    chart = base64.b64encode(drawing.encode()).decode()
    groups = move_groups(content.moves)
    values = {
        "content": content,
        "groups": [group for group in groups if len(group.moves) >= LEAST_GROUP],
        "few": [group for group in groups if len(group.moves) < LEAST_GROUP],
        "chart_url": f"data:image/svg+xml;base64,{chart}",
        "decision_sha256": hashlib.sha256(decision_json).hexdigest(),
        "any_of": _any_of,
        "size": f"{size // 10}.{size % 10}pt",
        "written": content.committed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return filled(templates, "record.html.j2", values, undrawable=undrawable)


def render_record(content: RecordContent, *, decision_json: bytes, proof: str, templates: Path) -> bytes:
    """The record as a PDF with its two attachments, not yet signed.

    Tries sizes of type until the record takes at most four pages and its last page is not near-empty; where none does
    both, the one that comes closest. A character that no font has is shown by its code.

    Raises ValueError if the content's time has no zone, or if anything of the page could not be drawn.
    """
    if content.committed_at.tzinfo is None:
        raise ValueError("a record's time needs a zone")
    undrawable: frozenset[str] = frozenset()
    for _ in range(2):
        log = _Log()
        with log.listening(), warnings.catch_warnings():
            # WeasyPrint 70 leaves the file of its colour profile to the garbage collector.
            warnings.filterwarnings("ignore", "unclosed file .*sRGB2014.icc", ResourceWarning)
            document = _best_layout(content, decision_json, templates, undrawable)
            pdf = document.write_pdf(
                pdf_variant="pdf/a-3a", finisher=_finish, attachments=_attached(content, decision_json, proof)
            )
        if log.errors:
            raise ValueError(f"the record cannot be drawn: {log.errors[0][:LONGEST_REASON]}")
        if not log.undrawable:
            return bytes(pdf)
        undrawable = frozenset(log.undrawable)
    raise ValueError(f"the record cannot be drawn: no font has {', '.join(sorted(map(code, undrawable)))}")


def _attached(content: RecordContent, decision_json: bytes, proof: str) -> list[Attachment]:
    """The two attachments; WeasyPrint reads each of them once."""
    when = content.committed_at.astimezone(UTC)
    return [
        Attachment(
            string=data, name=name, created=when, modified=when, relationship=relationship, description=description
        )
        for name, data, relationship, description in (
            (DECISION_FILE, decision_json, "Source", "The decision as data; its hash is in the ledger"),
            (PROOF_FILE, proof.encode(), "Supplement", "Proof that the ledger holds the decision"),
        )
    ]


class _Log(logging.Handler):
    """Hears what WeasyPrint only logs: it would print the page without the drawing, or with a box for the character."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []
        self.undrawable: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage())
        elif str(record.msg).startswith(".notdef") and isinstance(record.args, tuple):
            self.undrawable.add(str(record.args[0]))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen; a file that must not be opened, or is not there, counts as an error as well."""
        logger = logging.getLogger("weasyprint")
        logger.addHandler(self)
        try:
            yield
        except FatalURLFetchingError as error:
            raise ValueError(f"the record cannot be drawn: {error}") from None
        finally:
            logger.removeHandler(self)


class _OwnFiles(URLFetcher):  # type: ignore[misc]  # its base carries no types
    """Opens files below one folder and data URLs; anything else stops the rendering."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("file", "data"), allow_redirects=False)
        self._folder = folder.resolve()

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(unquote(parts.path)).resolve()
            if not path.is_relative_to(self._folder) or not path.is_file():
                raise FatalURLFetchingError(f"a record may not open `{path}`")
        elif parts.scheme != "data":
            raise FatalURLFetchingError(f"a record may not open `{url}`")
        return super().fetch(url, headers)


def _best_layout(content: RecordContent, decision_json: bytes, templates: Path, undrawable: frozenset[str]) -> Document:
    base = templates.resolve().as_uri() + "/"

    tried: list[Document] = []
    for size in SIZES:
        if tried and len(tried[0].pages) > MOST_PAGES and size > SIZES[0]:
            continue
        html = record_html(content, decision_json=decision_json, templates=templates, size=size, undrawable=undrawable)
        tried.append(HTML(string=html, base_url=base, url_fetcher=_OwnFiles(templates)).render(pdf_variant="pdf/a-3a"))
        if _merit(tried[-1]) == (MOST_PAGES, LEAST_FILL):
            break
    return max(tried, key=_merit)


def _merit(document: Document) -> tuple[int, float]:
    """Pages first, then how far down its last page the record ends; both only as far as they matter."""
    last = document.pages[-1]
    end = last.anchors.get("end")
    fill = end[1] / last.height if end else 0.0
    return MOST_PAGES - max(0, len(document.pages) - MOST_PAGES), min(fill, LEAST_FILL)


def _any_of(rows: Sequence[object], *names: str) -> bool:
    """Does any row say something in any of these fields? A column that nobody fills is not printed."""
    return any(getattr(row, name) for row in rows for name in names)


def _finish(_: Document, pdf: Any) -> None:
    """Add what WeasyPrint's one `pdf_variant` leaves out: the PDF/UA claim beside the PDF/A one, and its schema."""
    # WeasyPrint lists every attachment twice.
    pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    metadata = next(item for item in pdf.objects if getattr(item, "extra", {}).get("Type") == "/Metadata")
    packet = b"".join(metadata.stream)
    start, end = packet.index(b"<rdf:RDF"), packet.index(b"</rdf:RDF>") + len(b"</rdf:RDF>")
    tree = ET.fromstring(packet[start:end])  # noqa: S314 -- written by WeasyPrint a moment ago
    tree.extend(ET.fromstring(_UA_SCHEMA))  # noqa: S314 -- our own text
    metadata.stream = [packet[:start], ET.tostring(tree, encoding="utf-8"), packet[end:]]
