"""What the document says of each interaction and of each operation: names, sentences, and the refusals to expect."""

from __future__ import annotations

from dataclasses import dataclass

from app.rest.openapi.components import SHAPING

PLAIN = ("_format", "_pretty")
PAST = ("_since", "_at", "_count", "_cursor")
SHOWN = (*PLAIN, "_summary", "_elements")

ALWAYS = (400, 401, 403, 406, 500, 503)
SIGHT = (404,)
BODY = (413, 415)
CHANGE = (404, 409, 412, 422)
CHANGED = (409, 422)


@dataclass(frozen=True, slots=True)
class Text:
    """What the document says of an interaction; `{type}` stands for the resource type.

    `parameters` are names of shared parameters, `searching` adds the search parameters of the type, `asked` are those
    of an operation that is asked by GET. `refused` are the statuses beyond `ALWAYS`.
    """

    id: str
    summary: str
    description: str
    refused: tuple[int, ...] = ()
    parameters: tuple[str, ...] = PLAIN
    searching: bool = False
    asked: tuple[str, ...] = ()


UNCHANGED = ("If-None-Match", "If-Modified-Since")
TEXTS = {
    "read": Text(
        "read{type}",
        "Read a {type}",
        "The current version (http.html section 3.1.0.1).",
        (*SIGHT, 410),
        (*SHOWN, *UNCHANGED),
    ),
    "vread": Text(
        "read{type}Version",
        "Read one version of a {type}",
        "Shown where both this version and the current one may be seen (http.html section 3.1.0.2).",
        (*SIGHT, 410),
        (*SHOWN, *UNCHANGED),
    ),
    "history": Text(
        "list{type}Versions",
        "List the versions of a {type}",
        "The versions that the caller may see, newest first (http.html section 3.1.0.11).",
        SIGHT,
        (*PLAIN, *PAST),
    ),
    "history-type": Text(
        "listAll{type}Versions",
        "List the versions of every {type}",
        "Those that the caller may see, deletions included, newest first (http.html section 3.1.0.11).",
        (),
        (*PLAIN, *PAST),
    ),
    "history-system": Text(
        "listVersions",
        "List the versions of everything",
        "Those that the caller may see, of every type that the token's scope allows (http.html section 3.1.0.11).",
        (),
        (*PLAIN, *PAST),
    ),
    "search-several": Text(
        "searchSystem",
        "Search several types",
        "A searchset of what matches and may be seen, of the types that `_type` names, else of every type that the "
        "token's scope allows. Parameters are those that all of these types have (http.html section 3.1.0.9).",
        (),
        ("_type", "_id", "_lastUpdated", *SHAPING, *PLAIN, "Prefer"),
    ),
    "search-several-form": Text(
        "searchSystemByForm",
        "Search several types by a form",
        "The same search, with its parameters in the body.",
        BODY,
        (*PLAIN, "Prefer"),
    ),
    "compartment": Text(
        "search{type}OfPatient",
        "Search {type} in a record",
        "The same as a search of the type that names the Patient (http.html section 3.1.0.9.1).",
        (),
        (*SHAPING, *PLAIN, "Prefer"),
        searching=True,
    ),
    "compartment-form": Text(
        "search{type}OfPatientByForm",
        "Search {type} in a record by a form",
        "The same search, with its parameters in the body.",
        BODY,
        (*PLAIN, "Prefer"),
    ),
    "search": Text(
        "search{type}",
        "Search {type}",
        "A searchset of what matches and may be seen; no match is no error (search.html). A repeated parameter must "
        "match each time, values joined by commas any one of them. `:missing` and the modifiers of its kind follow the "
        "name of a parameter.",
        (),
        (*SHAPING, *PLAIN, "Prefer"),
        searching=True,
    ),
    "search-form": Text(
        "search{type}ByForm",
        "Search {type} by a form",
        "The same search, with its parameters in the body (http.html section 3.1.0.9).",
        BODY,
        (*PLAIN, "Prefer"),
    ),
    "create": Text(
        "create{type}",
        "Create a {type}",
        "The server gives id and version (http.html section 3.1.0.8). 200 where it is there already.",
        (*BODY, *CHANGE),
        (*PLAIN, "If-None-Exist", "Prefer"),
    ),
    "update": Text(
        "update{type}",
        "Update a {type}",
        "The body replaces the current version and has its id (http.html section 3.1.0.3). An id that is unknown, or "
        "not to be seen, is 405: ids are the server's.",
        (405, *BODY, *CHANGE),
        (*PLAIN, "If-Match", "Prefer"),
    ),
    "update-where": Text(
        "update{type}Where",
        "Update the one {type} that matches",
        "Created where nothing matches, 412 where several do (http.html section 3.1.0.3.1).",
        (405, *BODY, *CHANGE),
        (*PLAIN, "If-Match", "Prefer"),
        searching=True,
    ),
    "patch": Text(
        "patch{type}",
        "Patch a {type}",
        "A JSON Patch, or a FHIRPath Patch that replaces plain paths (http.html section 3.1.0.6).",
        (405, *BODY, *CHANGE),
        (*PLAIN, "If-Match", "Prefer"),
    ),
    "patch-where": Text(
        "patch{type}Where",
        "Patch the one {type} that matches",
        "404 where nothing matches, 412 where several do (http.html section 3.1.0.6.1).",
        (405, *BODY, *CHANGE),
        (*PLAIN, "If-Match", "Prefer"),
        searching=True,
    ),
    "delete": Text(
        "delete{type}",
        "Delete a {type}",
        "What a deletion means is the policy's: http.html section 3.1.0.7.",
        (405, *CHANGE),
        (*PLAIN, "If-Match", "Prefer"),
    ),
    "delete-where": Text(
        "delete{type}Where",
        "Delete the one {type} that matches",
        "204 as well where nothing matches, 412 where several do (http.html section 3.1.0.7.1).",
        (405, *CHANGE),
        (*PLAIN, "If-Match", "Prefer"),
        searching=True,
    ),
    "validate": Text(
        "validate{type}",
        "Say what stands against a {type}",
        "What R4, our rules, the profiles that it names and those that are asked for hold against a resource that "
        "would be created (operation-resource-validate.html). Nothing is written.",
        BODY,
        (*PLAIN, "mode-of-validation", "profile"),
    ),
    "validate-change": Text(
        "validate{type}Change",
        "Say what stands against a new version of a {type}",
        "The same for a body that would replace what stands there; `mode=delete` says whether it may ever be deleted.",
        (*SIGHT, 410, *BODY),
        (*PLAIN, "mode-of-validation", "profile"),
    ),
    "validate-kept": Text(
        "validate{type}AsItStands",
        "Say what stands against a {type} as it stands",
        "The same for what the caller sees of it.",
        (*SIGHT, 410),
        (*PLAIN, "mode-of-validation", "profile"),
    ),
}
"""By the name of the interaction (`app.rest.paths`)."""

OPERATIONS = {
    "access": Text(
        "Access",
        "Say what the caller may do in a record",
        "Status of the record (`open`, `closed`, `not-opened`), the caller's `authorisation` (`valide`, `expire`, "
        "`interdit`, `non-existe`) with its end `until`, and whether `breakGlass` and `regulation` would be allowed.",
    ),
    "break-glass": Text(
        "BreakGlass",
        "Open an emergency window on a record",
        "`reason` (string, required) attests that the holder cannot express his will and is at immediate risk; "
        "`motive` (code) is optional. Answers when the window ends, `until`. The holder is told at once.",
        CHANGED,
    ),
    "close": Text(
        "Close",
        "Close a record",
        "`reason` (code) and `comment` (string). Nobody reads or writes a closed record; it is kept for ten years.",
        CHANGED,
    ),
    "end-break-glass": Text(
        "EndBreakGlass",
        "End one's own emergency window before its time",
        "Answers when it ended, `until`. Opening another one needs a reason of its own.",
        CHANGED,
    ),
    "destroy": Text(
        "Destroy",
        "Destroy a record",
        "By the holder, or by the operator who heard him; `reason` (code) such as `fraud` or `malfunction`. At once "
        "and for good: the record's key is destroyed, its rows are erased, in every restored backup too.",
        CHANGED,
    ),
    "contact": Text(
        "Contact",
        "Say where one is told of what happens in a record",
        "For the holder and who represents him, each for himself: `email`, `mobile`, the `way` (`mail`, `sms`), the "
        "`language` (`fr`, `en`) and each `choice` among the notices that are optional (`new-document`, "
        "`document-visible`, `first-access`, `access`, or `none` of them). Replaced as a whole; without parameters it "
        "is answered as it stands; `none` takes it away.",
        CHANGED,
    ),
    "reopen": Text("Reopen", "Reopen a closed record", "Everything in it is as it was.", CHANGED),
    "declare-treating-physician": Text(
        "DeclareTreatingPhysician",
        "Declare oneself the treating physician",
        "A doctor who attests the holder's consent; the former treating physician is it no longer, and is told.",
        CHANGED,
    ),
    "everything": Text(
        "Everything",
        "Copy a record",
        "The Patient, everything of the record that the caller may see, and the professionals and structures that it "
        "names, page by page (patient-operation-everything.html). `start` and `end` bound the days of care, `_since` "
        "when a resource last changed, `_type` chooses. Who is neither the holder nor represents him gets what the "
        "holder may read as well, and not the journal.",
        (410,),
        asked=("start", "end", "_since", "_type", "_count", "_cursor"),
    ),
    "meta": Text(
        "Meta",
        "Say profiles, labels and tags",
        "Of a resource its whole `meta`; of a type or of the system what the resources that the caller may see have "
        "(resource-operation-meta.html).",
        (410,),
    ),
    "explain": Text(
        "Explain",
        "Say why somebody sees a document, or does not",
        "Without `actor`: by which rule the caller sees it. With `actor`, for the holder, his representatives and the "
        "treating physician: `verdict` (`permit`, `deny`, `depends`: then each `way` in which he sees), `rule` with "
        "its `sentence` and `source`, `until` when that holds, and each `change` that would turn it.",
        (410, 422),
        asked=("actor", "profession", "specialty", "structure"),
    ),
    "decision": Text(
        "Decision",
        "Tell the decision behind an act",
        "An AuditEvent in the shape of IHE BALP AuthZconsent, made of the act: who asked, in which structure and by "
        "what software, permit (outcome 0) or denial (8) with the rule, and the Consents behind it that the caller may "
        "read. 404 where it was refused for another reason than the policy, or to who was told that nothing is there.",
        (),
    ),
    "who-can-see": Text(
        "WhoCanSee",
        "Say who sees a document, or a record",
        "For the holder, his representatives and the treating physician: each `reader` whom the relations of the "
        "record name, with verdict, rule and end. With `refused` those as well who do not see, and why.",
        (410, 422),
        asked=("refused",),
    ),
    "what-if": Text(
        "WhatIf",
        "Try labels or Consents without keeping them",
        "For the holder, his representatives and the treating physician: `label` (on a document), `document` (on a "
        "record: `reference` and `label`), `consent` (a Consent that begins), `end` (one that ends). They are refused "
        "as the write would be. Answers each `difference`: for whom the record or a document would become visible or "
        "invisible.",
        (405, 409, 410, 422),
        asked=("label", "end"),
    ),
    "generate-metadata": Text(
        "GenerateMetadata",
        "Keep a document whose metadata are read in it",
        "IHE MHD ITI-106. `document` (resource) is a Binary with a CDA R2 or a FHIR document in JSON, or the FHIR "
        "document itself, a Bundle. A submission set is made beside. The same again is answered with the first. What "
        "is no such document, or says too little, is refused with `InvalidDocumentContent`.",
        (405, 409, 422),
    ),
}
"""By the name of the operation. `id` is its name in ids and examples."""
