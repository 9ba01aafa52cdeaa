"""A record keeps to PDF/A-3a and PDF/UA-1 as far as a small lint can tell; it is no verdict of conformance."""

from collections.abc import Callable, Iterator
from io import BytesIO
from xml.etree import ElementTree as ET

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
HEADINGS = ["/H1", "/H2", "/H3"]


def claims(document: pikepdf.Pdf) -> tuple[dict[str, str], set[str]]:
    """What the XMP packet says, and the schemas that it describes itself."""
    packet = document.Root.Metadata.read_bytes()
    tree = ET.fromstring(packet[packet.index(b"<x:xmpmeta") : packet.index(b"<?xpacket end")])  # noqa: S314 -- our own
    said = {}
    for description in tree.iter(RDF + "Description"):
        said.update(description.attrib)
        said.update({element.tag: "".join(element.itertext()).strip() for element in description})
    return said, {str(element.text) for element in tree.iter(SCHEMA + "namespaceURI")}


def xmp_faults(document: pikepdf.Pdf) -> Iterator[str]:
    said, described = claims(document)
    wanted = {PDFA + "part": "3", PDFA + "conformance": "A", PDFUA + "part": "1"}
    yield from (f"XMP does not claim {name}" for name, value in wanted.items() if said.get(name) != value)
    if PDFUA[1:-1] not in described:
        yield "XMP does not describe the PDF/UA schema"
    if not said.get("{http://purl.org/dc/elements/1.1/}title"):
        yield "XMP has no title"


def catalogue_faults(root: pikepdf.Object) -> Iterator[str]:
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not root.get("/MarkInfo", Dictionary()).get("/Marked", False) or "/StructTreeRoot" not in root:
        yield "not tagged"
    if not root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False):
        yield "the title is not displayed"
    intents = [i for i in root.get("/OutputIntents", []) if i.S == Name.GTS_PDFA1 and "/DestOutputProfile" in i]
    if len(intents) != 1:
        yield "no output intent"
    yield from (f"catalogue has {key}" for key in ("/AA", "/OpenAction", "/OCProperties", "/Collection") if key in root)
    if "/JavaScript" in root.get("/Names", {}):
        yield "document JavaScript"
    form = root.get("/AcroForm", Dictionary())
    if "/XFA" in form or any(field.get("/FT") != Name.Sig for field in form.get("/Fields", [])):
        yield "a form field beside the signature"


def attachment_faults(root: pikepdf.Object) -> Iterator[str]:
    specs = list(root.Names.EmbeddedFiles.Names)[1::2]
    listed = [spec.objgen for spec in root.get("/AF", [])]
    if sorted(listed) != sorted(spec.objgen for spec in specs):
        yield "attachments and associated files differ"
    for spec in specs:
        if spec.get("/AFRelationship") not in {Name.Source, Name.Supplement, Name.Data}:
            yield f"{spec.UF} has no relationship"
        if "/Subtype" not in spec.EF.F or "/ModDate" not in spec.EF.F.get("/Params", {}):
            yield f"{spec.UF} has no type or date"


def object_faults(document: pikepdf.Pdf) -> Iterator[str]:
    pages = {page.obj.objgen for page in document.pages}
    for item in document.objects:
        if not isinstance(item, (Dictionary, Stream)):
            continue
        kind = item.get("/Type")
        if kind == Name.Page and item.objgen not in pages:
            yield "a page outside the page tree"
        if kind == Name.Page and item.get("/Tabs") != Name.S:
            yield "a page without tab order"
        if kind == Name.Annot and item.get("/FT") != Name.Sig:
            yield "an annotation"
        if item.get("/S") in {Name.JavaScript, Name.Launch, Name.URI, Name.GoToR} and kind != Name.StructElem:
            yield f"an action {item.S}"
        if kind == Name.FontDescriptor and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(item.keys()):
            yield f"font {item.get('/FontName')} is not embedded"
        if kind == Name.Font and item.get("/Subtype") == Name.Type0 and "/ToUnicode" not in item:
            yield f"font {item.get('/BaseFont')} has no Unicode"
        if isinstance(item, Stream) and item.get("/Filter") == Name.LZWDecode:
            yield "an LZW stream"


def structure(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The structure elements in reading order."""
    waiting: list[pikepdf.Object] = [root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        if not isinstance(element, Dictionary):
            continue
        if element.get("/Type") == Name.StructElem:
            yield element
        kids = element.get("/K", Array())
        waiting.extend(reversed(list(kids)) if isinstance(kids, Array) else [kids])


def structure_faults(root: pikepdf.Object) -> Iterator[str]:
    level = 0
    for element in structure(root):
        kind = str(element.S)
        if kind == "/Figure" and not str(element.get("/Alt", "")):
            yield "a figure without words"
        if kind in HEADINGS:
            if HEADINGS.index(kind) > level:
                yield f"{kind} skips a level"
            level = HEADINGS.index(kind) + 1


def faults(pdf: bytes) -> list[str]:
    """What breaks the standards, as far as looked for."""
    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.Root
        found = [*xmp_faults(document), *catalogue_faults(root), *attachment_faults(root), *object_faults(document)]
        if "/StructTreeRoot" in root:
            found.extend(structure_faults(root))
        if "/ID" not in document.trailer or document.is_encrypted:
            found.append("no identifier, or encrypted")
    return found


def test_a_rendered_record_has_no_fault(unsigned: bytes) -> None:
    assert faults(unsigned) == []


def test_its_signature_adds_no_fault(signed: bytes) -> None:
    assert faults(signed) == []


def test_the_data_is_the_source_and_the_proof_a_supplement(signed: bytes) -> None:
    with pikepdf.open(BytesIO(signed)) as document:
        specs = list(document.Root.Names.EmbeddedFiles.Names)[1::2]
        assert [(str(spec.UF), str(spec.AFRelationship)) for spec in specs] == [
            ("decision.json", "/Source"),
            ("decision.tlog-proof", "/Supplement"),
        ]


def test_headings_tables_lists_and_the_drawing_are_tagged(unsigned: bytes) -> None:
    with pikepdf.open(BytesIO(unsigned)) as document:
        kinds = [str(element.S) for element in structure(document.Root)]
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure", "/P"} <= set(kinds)
    assert (kinds.count("/H1"), kinds.count("/Figure")) == (1, 1)


def add_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def add_page_object(document: pikepdf.Pdf) -> None:
    document.Root.Hidden = document.make_indirect(Dictionary(Type=Name.Page, Tabs=Name.S))


def add_annotation(document: pikepdf.Pdf) -> None:
    note = document.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=[0, 0, 9, 9]))
    document.pages[0].Annots = Array([note])


def add_field(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=[document.make_indirect(Dictionary(FT=Name.Tx, T=String("x")))])


def drop_font(document: pikepdf.Pdf) -> None:
    font = next(o for o in document.objects if isinstance(o, Dictionary) and o.get("/Type") == Name.FontDescriptor)
    del font["/FontFile2"]


def drop_words(document: pikepdf.Pdf) -> None:
    figure = next(e for e in structure(document.Root) if str(e.S) == "/Figure")
    del figure["/Alt"]


def drop_claim(document: pikepdf.Pdf) -> None:
    packet = document.Root.Metadata.read_bytes()
    document.Root.Metadata = document.make_stream(packet.replace(b"aiim.org/pdfua", b"example.com/x"))


def drop(key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        del document.Root[key]

    return change


@pytest.mark.parametrize(
    ("break_", "fault"),
    [
        (add_script, "catalogue has /OpenAction"),
        (add_page_object, "a page outside the page tree"),
        (add_annotation, "an annotation"),
        (add_field, "a form field beside the signature"),
        (drop_font, "font /"),
        (drop_words, "a figure without words"),
        (drop_claim, "XMP does not describe the PDF/UA schema"),
        (drop("/Lang"), "no language"),
        (drop("/MarkInfo"), "not tagged"),
        (drop("/OutputIntents"), "no output intent"),
        (drop("/ViewerPreferences"), "the title is not displayed"),
        (drop("/AF"), "attachments and associated files differ"),
    ],
)
def test_the_lint_sees_a_fault(unsigned: bytes, break_: Callable[[pikepdf.Pdf], None], fault: str) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(unsigned)) as document:
        break_(document)
        document.save(out)
    assert any(found.startswith(fault) for found in faults(out.getvalue()))
