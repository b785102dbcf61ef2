"""Canonical URLs of the implementation guides whose parameters and extensions we take."""

from __future__ import annotations

MHD = "https://profiles.ihe.net/ITI/MHD"
"""IHE Mobile access to Health Documents 4.2."""
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm"
"""Partage de documents de santé en mobilité 3.1.1 (ANS)."""

IS_ARCHIVED = f"{PDSM}/StructureDefinition/pdsm-ext-is-archived"
"""`valueBoolean` on DocumentReference and List: archived (PDSm 3.1.1)."""
IS_DELETED = f"{PDSM}/StructureDefinition/pdsm-ext-is-deleted"
"""`valueBoolean` on DocumentReference: deleted by its author (PDSm after 3.1.1)."""
AUTHOR_ORGANIZATION = f"{MHD}/StructureDefinition/ihe-authorOrg"
DESIGNATION_TYPE = f"{MHD}/StructureDefinition/ihe-designationType"
SOURCE_ID = f"{MHD}/StructureDefinition/ihe-sourceId"
LIST_TYPES = f"{MHD}/CodeSystem/MHDlistTypes"
"""Codes of a List: `submissionset`, `folder`."""
IDENTIFIER_TYPES = f"{MHD}/CodeSystem/IHE.MHD.MHDIdentifierType"
"""Codes of an identifier's type: `entryUUID`, `uniqueId` (MHD after 4.2.3)."""
INTENDED_RECIPIENT = f"{MHD}/StructureDefinition/ihe-intendedRecipient"
PDSM_RECIPIENT = f"{PDSM}/StructureDefinition/pdsm-ext-intended-recipient"
