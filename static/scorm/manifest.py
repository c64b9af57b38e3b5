"""The manifest of a package: what a learning platform reads of it (SCORM 1.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from viz_app.lessons import Lesson

# Content packaging, what ADL adds to it, and metadata; an LMS knows them by these names.
CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
MD = "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = {CP: "imscp_rootv1p1p2.xsd", ADL: "adlcp_rootv1p2.xsd", MD: "imsmd_rootv1p2p1.xsd"}
PREFIXES = {"": CP, "adlcp": ADL, "imsmd": MD, "xsi": XSI}
LANGUAGE = {"{http://www.w3.org/XML/1998/namespace}lang": "en"}
LONGEST_TITLE = 200


def manifest(lesson: Lesson, page: str, files: Iterable[str]) -> bytes:
    """Return `imsmanifest.xml` for a package of one lesson.

    Args:
        lesson: what the package teaches.
        page: the file that the LMS opens.
        files: names of all files of the package but this one.
    """
    for prefix, space in PREFIXES.items():
        ElementTree.register_namespace(prefix, space)
    name = re.sub(r"[^A-Za-z0-9]+", "-", lesson.name).strip("-")
    root = Element(f"{{{CP}}}manifest", {
        "identifier": f"convscope-{name}",
        "version": "1.0",
        f"{{{XSI}}}schemaLocation": " ".join(f"{name} {file}" for name, file in SCHEMAS.items()),
    })  # fmt: skip
    _describe(SubElement(root, f"{{{CP}}}metadata"), lesson)
    title = lesson.title[:LONGEST_TITLE]
    organizations = SubElement(root, f"{{{CP}}}organizations", default="lessons")
    organization = SubElement(organizations, f"{{{CP}}}organization", identifier="lessons")
    SubElement(organization, f"{{{CP}}}title").text = title
    item = SubElement(
        organization, f"{{{CP}}}item", identifier="lesson", identifierref="page", isvisible="true"
    )
    SubElement(item, f"{{{CP}}}title").text = title
    resources = SubElement(root, f"{{{CP}}}resources")
    resource = SubElement(resources, f"{{{CP}}}resource", {
        "identifier": "page", "type": "webcontent", f"{{{ADL}}}scormtype": "sco", "href": page,
    })  # fmt: skip
    for file in files:
        SubElement(resource, f"{{{CP}}}file", href=file)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text


def _describe(metadata: Element, lesson: Lesson) -> None:
    """Write what catalogues show: title, what is learnt, and how long it takes."""
    SubElement(metadata, f"{{{CP}}}schema").text = "ADL SCORM"
    SubElement(metadata, f"{{{CP}}}schemaversion").text = "1.2"
    lom = SubElement(metadata, f"{{{MD}}}lom")
    general = SubElement(lom, f"{{{MD}}}general")
    for name, text in (("title", lesson.title), ("description", lesson.learns)):
        said = SubElement(SubElement(general, f"{{{MD}}}{name}"), f"{{{MD}}}langstring", LANGUAGE)
        said.text = text
    time = SubElement(SubElement(lom, f"{{{MD}}}educational"), f"{{{MD}}}typicallearningtime")
    SubElement(time, f"{{{MD}}}datetime").text = f"PT{lesson.minutes}M"
