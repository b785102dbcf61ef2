"""Carnet: the shared health record as a FHIR R4 server."""
