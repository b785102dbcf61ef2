"""What the authorisation server says of itself: OpenID Connect Discovery, RFC 8414, SMART App Launch 2.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auth.scopes import FHIR_USER, LAUNCH, LAUNCH_PATIENT, OFFLINE, ONLINE, OPENID
from app.auth.server.party import GRANTS, METHODS

if TYPE_CHECKING:
    from app.settings import Settings

ALGORITHMS = ["RS384", "ES384"]
CAPABILITIES = [
    "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-asymmetric",
    "sso-openid-connect", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient",
    "context-banner", "context-style",
    "permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1",
    "permission-v2",
]  # fmt: skip
"""Only what is served."""
SCOPES = [
    OPENID, FHIR_USER, LAUNCH, LAUNCH_PATIENT, OFFLINE, ONLINE, "patient/*.cruds", "user/*.cruds", "system/*.cruds",
]  # fmt: skip


def smart(settings: Settings) -> dict[str, Any]:
    """SMART configuration of the FHIR base."""
    more = {"management_endpoint": f"{settings.public_url}/auth/account"}
    return {**_endpoints(settings), **_ways(), **more, "capabilities": CAPABILITIES, "scopes_supported": SCOPES}


def server(settings: Settings) -> dict[str, Any]:
    """Metadata of the authorisation server (RFC 8414), which are those of the OpenID provider as well."""
    auth = f"{settings.public_url}/auth"
    return {
        **_endpoints(settings),
        **_ways(),
        "scopes_supported": SCOPES,
        "userinfo_endpoint": f"{auth}/userinfo",
        "end_session_endpoint": f"{auth}/logout",
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "name", "fhirUser"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "tls_client_certificate_bound_access_tokens": True,
        "ui_locales_supported": ["fr", "en"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
    }


def _endpoints(settings: Settings) -> dict[str, Any]:
    auth = f"{settings.public_url}/auth"
    return {
        "issuer": settings.token_issuer,
        "jwks_uri": f"{auth}/jwks",
        "authorization_endpoint": f"{auth}/authorize",
        "token_endpoint": f"{auth}/token",
        "introspection_endpoint": f"{auth}/introspect",
        "revocation_endpoint": f"{auth}/revoke",
    }


def _ways() -> dict[str, Any]:
    return {
        "grant_types_supported": list(GRANTS),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
    }
