"""The FHIR http page: one module an interaction, generic over the resource types."""
