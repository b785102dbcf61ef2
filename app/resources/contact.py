"""Search parameters that people and organisations share: addresses, names, ways to reach them."""

from __future__ import annotations

from app.resources.definition import Parameter, Search

ACTIVE = Parameter("active", Search.TOKEN, "active")
IDENTIFIER = Parameter("identifier", Search.TOKEN, "identifier")
GENDER = Parameter("gender", Search.TOKEN, "gender", system="http://hl7.org/fhir/administrative-gender")

ADDRESS = (
    Parameter("address", Search.STRING, "address"),
    Parameter("address-city", Search.STRING, "address.city"),
    Parameter("address-country", Search.STRING, "address.country"),
    Parameter("address-postalcode", Search.STRING, "address.postalCode"),
    Parameter("address-state", Search.STRING, "address.state"),
    Parameter("address-use", Search.TOKEN, "address.use", system="http://hl7.org/fhir/address-use"),
)

TELECOM = (
    Parameter("email", Search.TOKEN, "telecom[system=email]"),
    Parameter("phone", Search.TOKEN, "telecom[system=phone]"),
    Parameter("telecom", Search.TOKEN, "telecom"),
)

NAME = (
    Parameter("name", Search.STRING, "name"),
    Parameter("phonetic", Search.STRING, "name"),
)
"""`phonetic` leaves the algorithm to the server (search-parameters.json): here it matches like `name`."""

NAME_PARTS = (
    Parameter("family", Search.STRING, "name.family"),
    Parameter("given", Search.STRING, "name.given"),
)
