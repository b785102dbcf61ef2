"""What the document says of the authorisation server: where tokens are had, asked about, taken back.

Its pages for people (sign-in, accounts) are no interface and are not told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.auth.server import discovery
from app.auth.server.party import GRANTS, METHODS
from app.rest.openapi.components import TEXT, TEXTS, answer, asked
from app.rest.openapi.schemas import Schema, open_object, ref
from app.settings import Settings

TAG = {
    "name": "Authorisation",
    "description": "OAuth 2.0, OpenID Connect and SMART App Launch 2.2: how tokens are had.",
}
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
AUTHORIZE = {
    "response_type": "Always `code`.",
    "client_id": "Name under which the software is registered.",
    "redirect_uri": "Where the browser goes then: one that is registered.",
    "scope": "What is asked for, parted by blanks: SMART scopes, `openid`, `fhirUser`, `launch`, `offline_access`.",
    "state": "Comes back as it was sent; hard to guess (122 bits).",
    "aud": "The FHIR base URL.",
    "code_challenge": "SHA-256 of the verifier, base64url (RFC 7636).",
    "code_challenge_method": "Always `S256`.",
    "launch": "What health software was given for this launch (EHR launch).",
    "nonce": "Comes back in the identity token.",
    "prompt": "`none` is answered with login_required: nobody stays signed in from one application to the next.",
    "max_age": "Seconds since somebody signed in, at most: everybody signs in anew here.",
    "login_hint": "Who is likely to sign in, for another provider; never a number of social security.",
    "id_token_hint": "An identity token that names the only person who may sign in.",
    "ui_locales": "Languages of the pages.",
}
"""Parameters of an authorisation request (SMART App Launch 2.2 section 2.0.10)."""
WHO = "The software says who it is by `client_id`, or by `client_assertion_type` and `client_assertion` (RFC 7523)"
ACCESS = "A bearer token whose scope holds it opens this page."
REFUSED = {
    "400": "OAuthInvalid",
    "401": "OAuthUnauthenticated",
    "403": "OAuthForbidden",
    "404": "OAuthNotFound",
    "413": "OAuthTooLarge",
    "415": "OAuthWrongMediaType",
    "503": "OAuthUnavailable",
}
MEANING = {
    "400": ("The request is not one, or the grant does not hold.", ()),
    "401": ("The software or the token is not known.", ("WWW-Authenticate",)),
    "403": ("The token's scope does not hold it, or it is another's.", ("WWW-Authenticate",)),
    "404": ("There is none, or it is another's.", ()),
    "413": ("The form is larger than the server takes.", ()),
    "415": ("The body is no form.", ("Accept",)),
    "503": ("The database cannot answer now.", ("Retry-After",)),
}


def schemas() -> Schema:
    """Bodies of the authorisation server."""
    token = {
        "access_token": TEXT,
        "token_type": {"type": "string", "const": "Bearer"},
        "expires_in": {"type": "integer"},
        "scope": TEXT,
        "refresh_token": TEXT,
        "id_token": TEXT,
        "issued_token_type": TEXT,
        "patient": {"type": "string", "description": "Id of the record that the token is about (launch context)."},
    }
    said = {"active": {"type": "boolean"}, "client_id": TEXT, "scope": TEXT, "exp": {"type": "integer"}, "sub": TEXT}
    session = {"id": TEXT, "client": TEXT}
    return {
        "OAuthForm": {"type": "object", "description": "The parameters, each once; the operation names them."},
        "OAuthTokens": open_object(token, ("access_token", "token_type", "expires_in", "scope")),
        "OAuthError": open_object({"error": TEXT, "error_description": TEXT}, ("error",)),
        "OAuthIntrospection": open_object(said, ("active",)),
        "OAuthPerson": open_object({"sub": TEXT, "name": TEXT, "fhirUser": TEXT}, ("sub",)),
        "OAuthKeys": open_object({"keys": {"type": "array", "items": {"type": "object"}}}, ("keys",)),
        "OAuthMetadata": _metadata(),
        "OAuthSessions": open_object({"sessions": {"type": "array", "items": open_object(session)}}, ("sessions",)),
        "OAuthLaunch": open_object({"client": TEXT, "patient": TEXT}, ("client",)),
        "OAuthLaunched": open_object({"launch": TEXT, "iss": TEXT, "expires_in": {"type": "integer"}}, ("launch",)),
        "OAuthDone": open_object({"logged_out": {"type": "boolean"}}),
    }


def _metadata() -> Schema:
    """Made from what a server says of itself, whatever its address."""
    kinds: dict[type, Schema] = {str: TEXT, bool: {"type": "boolean"}, list: TEXTS}
    found: dict[str, Any] = discovery.server(Settings(data=Path("unused"), base_url="https://carnet.example"))
    return open_object({name: kinds[type(value)] for name, value in found.items()}, ("issuer", "token_endpoint"))


def responses() -> Schema:
    """Refusals, as RFC 6749 tells them."""
    return {
        name: answer(MEANING[status][0], {JSON: {"schema": ref("OAuthError")}}, *MEANING[status][1])
        for status, name in REFUSED.items()
    }


def parameters() -> Schema:
    """Parameters of an authorisation request, and the session of a path."""
    shown = {
        f"Authorize.{name}": {"name": name, "in": "query", "description": text, "schema": TEXT}
        for name, text in AUTHORIZE.items()
    }
    session = {"name": "session", "in": "path", "required": True, "description": "Id of the session.", "schema": TEXT}
    return shown | {"session": session}


def paths() -> Schema:  # long: one entry for each address
    """Every address of the authorisation server that software calls."""
    names = ", ".join(f"`{name}`" for name in AUTHORIZE)
    metadata = _told("The metadata (RFC 8414, OpenID Connect Discovery).", "OAuthMetadata")
    opened: Schema = {"security": [{"bearer": []}]}
    refused = (400, 401, 413, 415, 503)
    return {
        "/auth/authorize": {
            "get": _one("authorize", "Begin a sign-in", "SMART App Launch 2.2 section 2.0.10.", _away(), 400, 503)
            | {"parameters": asked(*(f"Authorize.{name}" for name in AUTHORIZE))},
            "post": _one("authorizeByForm", "Begin a sign-in by a form", f"{names}.", _away(), 400, 413, 415, 503)
            | _form(),
        },
        "/auth/token": {
            "post": _one("getToken", "Get tokens", _grants(), _told("Tokens.", "OAuthTokens"), *refused) | _form()
        },
        "/auth/introspect": {
            "post": _one(
                "introspectToken", "Ask what a token says", f"`token` (RFC 7662). {WHO}.",
                _told("What it says.", "OAuthIntrospection"), *refused,
            ) | _form()
        },
        "/auth/revoke": {
            "post": _one(
                "revokeToken", "Take a token back", f"`token` (RFC 7009). {WHO}.",
                _told("It holds no more.", "OAuthDone"), *refused,
            ) | _form()
        },
        "/auth/userinfo": {
            "get": _one("getPerson", "Say who the person of a token is", f"Scope `openid`. {ACCESS}",
                        _told("The person.", "OAuthPerson"), 401, 403, 503) | opened,
            "post": _one("getPersonByForm", "Say who the person of a token is, by POST", f"Scope `openid`. {ACCESS}",
                         _told("The person.", "OAuthPerson"), 401, 403, 503)
            | opened | {"requestBody": {"required": False, "content": {FORM: {"schema": ref("OAuthForm")}}}},
        },
        "/auth/sessions": {
            "get": _one("listSessions", "List the sessions of a person", ACCESS,
                        _told("His sessions.", "OAuthSessions"), 401, 403, 503) | opened
        },
        "/auth/sessions/{session}": {
            "parameters": asked("session"),
            "delete": _one("endSession", "End a session of one's own", ACCESS,
                           {"204": answer("It has ended.", None)}, 401, 403, 404, 503) | opened,
        },
        "/auth/logout": {
            "get": _one("logout", "End the session of an identity token", "`id_token_hint`, "
                        "`post_logout_redirect_uri`, `state` (OpenID Connect RP-Initiated Logout).", _left(), 400, 503),
            "post": _one("logoutByForm", "The same by a form", "As by GET.", _left(), 400, 413, 415, 503) | _form(),
        },
        "/auth/launch": {
            "post": _one("openLaunch", "Open a launch of an application", "By health software in which a professional "
                         f"works (EHR launch). {ACCESS}", _told("What the application is given.", "OAuthLaunched"),
                         400, 401, 403, 413, 503)
            | opened | {"requestBody": {"required": True, "content": {JSON: {"schema": ref("OAuthLaunch")}}}}
        },
        "/auth/jwks": {"get": _one("listKeys", "List the public keys", "RFC 7517.", _told("Keys.", "OAuthKeys"), 503)},
        "/.well-known/openid-configuration": {
            "get": _one("readOpenIdConfiguration", "Say what the OpenID provider does", "", metadata, 503)
        },
        "/.well-known/oauth-authorization-server": {
            "get": _one("readAuthorisationServer", "Say what the authorisation server does", "", metadata, 503)
        },
    }  # fmt: skip


def _grants() -> str:
    grants = ", ".join(f"`{one}`" for one in GRANTS)
    ways = ", ".join(f"`{one}`" for one in METHODS)
    return (
        f"`grant_type` is one of {grants}, with the parameters of its norm: `code`, `redirect_uri`, `code_verifier`; "
        "`refresh_token`; `scope`; `subject_token`, `subject_token_type`. "
        f"{WHO}, or shows its certificate (RFC 8705). Ways: {ways}."
    )


def _one(name: str, summary: str, description: str, said: Schema, *refused: int) -> Schema:
    told = {"operationId": name, "tags": [TAG["name"]], "summary": summary}
    refusals = {str(status): {"$ref": f"#/components/responses/{REFUSED[str(status)]}"} for status in refused}
    return told | ({"description": description} if description else {}) | {"responses": {**said, **refusals}}


def _form() -> Schema:
    return {"requestBody": {"required": True, "content": {FORM: {"schema": ref("OAuthForm")}}}}


def _told(description: str, schema: str) -> Schema:
    return {"200": answer(description, {JSON: {"schema": ref(schema)}})}


def _away() -> Schema:
    return {"303": answer("The browser goes to the page for it, or back with an error.", None, "Location")}


def _left() -> Schema:
    left = answer("The browser goes where its software wants.", None, "Location")
    return _told("The session has ended.", "OAuthDone") | {"303": left}
