"""FHIR XML (xml.html section 2.6.3): the same tree as JSON's, read and written from the declarations of R4.

`read` gives the tree that `app.resources.validation.parse` gives for JSON, so that both go through the same rules;
`write` turns the stored JSON into XML. The parser is expat: it fetches nothing, and a DOCTYPE, the only way to declare
an entity, ends the reading.
"""

from __future__ import annotations

from app.rest.xml.reading import read
from app.rest.xml.writing import write

__all__ = ["read", "write"]
