"""What an attacker tries at sign-in, the guard against it, and the test that fails where that is taken away.

python -m tests.attacks > docs/attacks.md
"""

from __future__ import annotations

import sys
from typing import NamedTuple

TOKEN, SERVER, SOFTWARE = "test_token.py", "test_auth_server.py", "test_auth_software.py"
HOLDER, PROFESSIONAL, FLOW = "test_people_holder.py", "test_people_professional.py", "test_auth_flow.py"
REPRESENTATIVE = "test_people_representative.py"
WORKERS, CERTIFICATE, PROXY = "test_auth_workers.py", "test_auth_certificate.py", "test_auth_proxy.py"
CEILING = "test_ceiling.py"


class Attack(NamedTuple):
    """One attack: the text of `file` (below `app`) that stands against it, and what stands there `without` it."""

    name: str
    file: str
    guard: str
    without: str
    tests: str
    case: str


ATTACKS = (
    Attack("algorithm confusion", "auth/token.py", 'if key is None or header.get("alg") != algorithm(key):',
           "if key is None:", TOKEN, "test_another_algorithm_of_the_right_key_is_refused"),
    Attack("the public key as a shared secret", "auth/token.py",
           'if key is None or header.get("alg") != algorithm(key):', "if key is None:",
           TOKEN, "test_a_public_key_is_no_shared_secret"),
    Attack("`alg` none, a forged signature, another key under our `kid`", "auth/token.py",
           "if not signature_holds(signed.encode(), decoded(signature), key):", "if key is None:",
           TOKEN, "test_another_key_under_our_kid_is_refused"),
    Attack("a wrong `kid`", "auth/token.py", "key = self._keys.get(kid) if isinstance(kid, str) else None",
           "key = next(iter(self._keys.values()))", TOKEN, "test_an_unknown_kid_is_refused"),
    Attack("a token of another issuer", "auth/token.py", 'if claims.get("iss") != self._issuer:',
           'if not claims.get("iss"):', TOKEN, "test_a_claim_that_does_not_hold"),
    Attack("a token for another audience", "auth/token.py",
           "if self._base not in (audience if isinstance(audience, list) else [audience]):", "if not audience:",
           TOKEN, "test_a_claim_that_does_not_hold"),
    Attack("a stolen token with another certificate", "auth/token.py",
           "if verified.thumbprint and certificate() != verified.thumbprint:",
           "if verified.thumbprint and not certificate:",
           CERTIFICATE, "test_a_server_certificate_deposits_for_its_structure"),
    Attack("an assertion for another audience", "auth/server/assertion.py",
           "if _audience(claims) not in audiences:", "if not _audience(claims):",
           SOFTWARE, "test_an_assertion_that_does_not_hold_is_refused"),
    Attack("an assertion that comes again", "auth/server/identify.py",
           "if not await sessions.once(link, f\"{client.id}|{claims['jti']}\", ends):", "if not link:",
           SOFTWARE, "test_an_assertion_comes_once"),
    Attack("replay of a code", "auth/server/grants.py",
           'if row["used_at"] is not None:\n            waits(end(link, row["session"], "code-replay"))',
           'if row is None:\n            waits(end(link, row["session"], "code-replay"))',
           SERVER, "test_a_code_that_comes_twice_ends_what_it_gave"),
    Attack("replay of a refresh token", "auth/server/grants.py",
           'if row["used_at"] is not None or (session', "if row is None or (session",
           SERVER, "test_a_refresh_token_is_used_once_and_its_theft_ends_the_session"),
    Attack("PKCE downgrade", "auth/server/grants.py",
           'if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":',
           'if not data.get("code_challenge"):', SERVER, "test_a_request_that_does_not_hold_goes_back_with_that"),
    Attack("open redirect at sign-in", "auth/server/party.py", "return redirect_uri in self.redirect_uris or",
           "return redirect_uri.startswith(self.redirect_uris) or",
           SERVER, "test_nobody_is_sent_to_an_address_that_is_not_registered"),
    Attack("open redirect at logout", "auth/server/endpoints.py",
           "if client is None or not client.check_redirect_uri(wanted):", "if client is None or not wanted:",
           SERVER, "test_logout_ends_the_session_of_its_identity_token"),
    Attack("CSRF on login", "auth/people/visit.py", 'self.authority.flow.check(self.handle, self.form.get("form", ""))',
           "pass", HOLDER, "test_forms_of_another_page_and_handles_of_before_are_worth_nothing"),
    Attack("CSRF on consent", "auth/server/flow.py", "        self.check(handle, form)\n        code =",
           "        code =", FLOW, "test_a_form_belongs_to_its_handle"),
    Attack("session fixation", "auth/server/flow.py", "new = secrets.token_urlsafe(32)\n        subject",
           "new = handle\n        subject", FLOW, "test_a_handle_is_worth_nothing_once_somebody_signed_in"),
    Attack("code guessing in parallel", "storage/auth/accounts.py",
           ", one_time_code.c.tries < literal(MOST_TRIES, Integer))", ", one_time_code.c.tries < literal(99, Integer))",
           HOLDER, "test_a_code_is_guessed_five_times_and_no_more_at_once_or_not"),
    Attack("password guessing from many addresses", "auth/people/pace.py", "if times > pace.most:",
           "if times > 1000:", HOLDER, "test_too_many_passwords_for_one_number_are_refused_from_everywhere"),
    Attack("password guessing at many workers", "auth/people/pace.py", 'f"pace|{pace.name}|{what}"',
           'f"pace|{pace.name}|{what}|{id(authority)}"', WORKERS,
           "test_a_revocation_is_felt_by_another_worker_within_a_second_and_attempts_are_counted_together"),
    Attack("user enumeration by text", "auth/people/holder.py",
           'raise BadValue("the number or the password is wrong", reason="bad-password")',
           'raise BadValue("wrong", reason="bad-password" if account else "bad-code")',
           HOLDER, "test_nobody_learns_whether_a_number_has_a_record"),
    Attack("user enumeration by the time of an answer", "auth/people/person.py", "asyncio.sleep(EVEN)",
           "asyncio.sleep(0)", HOLDER, "test_nobody_learns_whether_a_number_has_a_record"),
    Attack("user enumeration by the time of a password", "auth/people/passwords.py",
           "return await self._run(lambda: _holds(known or self._of_nobody(), password)) and bool(known)",
           "return bool(known) and await self._run(lambda: _holds(known, password))",
           HOLDER, "test_a_password_is_looked_at_for_as_long_where_there_is_none"),
    Attack("scope escalation at refresh", "auth/server/grants.py",
           'and the most that can be asked for."""\n        return str(self.session["scope"])',
           'and the most that can be asked for."""\n        return "patient/*.rs user/*.rs openid"',
           SERVER, "test_scope_never_grows_at_refresh"),
    Attack("scopes beyond what software was registered for", "auth/scopes.py",
           "return set(asked.letters) <= {letter for one in wider for letter in one.letters}", "return bool(most)",
           CEILING, "test_a_client_is_given_no_more_than_it_was_registered_for"),
    Attack("the token of a client that was disabled", "auth/revocations.py",
           "return client is not None and verified.issued <= client[0]", "return client is None and not verified",
           SERVER, "test_a_disabled_client_ends_with_its_tokens"),
    Attack("a revoked token at a worker that looks late", "rest/router.py", "self.server.authority.revocations.old:",
           "not self.server.settings:", WORKERS, "test_a_worker_that_looks_late_asks_before_it_trusts"),
    Attack("a forged `Client-Cert`", "auth/certificate.py",
           "if not header or not proxies or not is_proxy(peer, proxies):", "if not header:",
           CERTIFICATE, "test_a_header_from_elsewhere_than_the_proxy_is_not_read"),
    Attack("a forged `X-Forwarded-For` or `Forwarded`", "auth/proxy.py", "if not said or not is_proxy(peer, proxies):",
           "if not said:", PROXY, "test_the_nearest_that_is_no_proxy_of_ours_is_the_caller"),
    Attack("a purpose or the regulator's rights smuggled in", "auth/server/exchange.py",
           "if not claims.keys() <= FIELDS:", "if not claims:", SOFTWARE, "test_software_vouches_for_nothing_more"),
    Attack("a regulator outside a SAMU", "auth/people/psc.py",
           "if regulator and structure in self._settings.samu_structures:", "if regulator:",
           PROFESSIONAL, "test_a_regulator_is_one_in_a_samu_alone"),
    Attack("mix-up between providers", "auth/people/psc.py",
           ' or said.get("iss", self.issuer) != self.issuer:', ":",
           PROFESSIONAL, "test_an_answer_is_for_the_browser_that_asked_and_once"),
    Attack("the provider's answer in another browser", "auth/people/psc.py", "if row is None or not mine or",
           "if row is None or", PROFESSIONAL, "test_an_answer_is_for_the_browser_that_asked_and_once"),
    Attack("an identity token of another sign-in", "auth/people/psc.py",
           'and hmac.compare_digest(str(said.get("nonce", "")).encode(), nonce.encode())', "and bool(nonce)",
           PROFESSIONAL, "test_an_identity_token_that_is_not_of_this_sign_in_is_refused"),
    Attack("a claim with an unknown profession", "auth/people/psc.py",
           'said: dict[str, Any] = {"profession": profession,',
           'said: dict[str, Any] = {"profession": "10",', PROFESSIONAL, "test_an_unknown_profession_reads_nothing"),
    Attack("another person than the application knows", "auth/server/flow.py",
           'if asked.person not in {"", subject.claims["sub"]}:', "if asked.person and not subject:",
           SERVER, "test_prompt_max_age_and_hints_are_heard"),
    Attack("a secret connection with somebody who is no minor", "auth/server/flow.py",
           "if secret and not await self._may_be_secret(link, subject, record):", "if secret and not link:",
           FLOW, "test_a_secret_connection_is_a_professionals_with_a_minor"),
    Attack("representatives who look for traces of a secret connection", "auth/people/consent.py",
           "scopes=FINDING, secret=secret)", "scopes=FINDING)",
           PROFESSIONAL, "test_nothing_of_a_secret_connection_is_shown_to_representatives"),
    Attack("a secret connection to hide what was looked at", "auth/people/consent.py",
           "if secret and not await holders.minor_has(visit.authority.office, number):", "if secret and not number:",
           PROFESSIONAL, "test_a_secret_connection_is_had_with_a_minor_and_by_no_other_way"),
    Attack("the address of software's keys as a way inside (SSRF)", "auth/server/fetching.py",
           "if not found or not all(map(_public, found)):", "if not found:",
           WORKERS, "test_software_has_nothing_fetched_that_only_this_server_reaches"),
    Attack("ending another's session", "auth/server/sessions.py", 'if session not in {row["id"] for row in mine}:',
           "if not session:", HOLDER, "test_a_holder_sees_where_he_is_signed_in_and_ends_it"),
    Attack("a sign-in to the account pages for a code", "auth/server/flow.py",
           "                or pending.own\n", "",
           HOLDER, "test_a_holder_sees_where_he_is_signed_in_and_ends_it"),
    Attack("a stranger who says that he represents a child", "auth/people/enrolling.py",
           "reached = [one for one in people if _reached(one, account, way)]", "reached = people",
           HOLDER, "test_a_representative_enrols_and_switches"),
    Attack("one parent who signs in as the other, at an address of both", "auth/people/regaining.py",
           "same = [one for one in reached if born and one.born == born]", "same = [*reached][:1]",
           HOLDER, "test_two_parents_who_share_their_addresses_have_an_account_each"),
    Attack("one parent who takes the other's account by a mailbox of both", "auth/people/regaining.py",
           "if [one.id for one in readers] != [account.related]:", "if not readers:",
           REPRESENTATIVE, "test_a_shared_mailbox_gives_nothing_back_and_the_operator_does"),
    Attack("one parent who opens the other's account by a mailbox of both", "auth/people/regaining.py",
           "(alone or ways)[0]", "ways[0]",
           REPRESENTATIVE, "test_a_code_that_opens_an_account_goes_where_nobody_else_reads"),
    Attack("a parent who signs in as the child", "records/holders.py",
           "others = await _of_parents(office, link, patient)", "others: set[str] = set()",
           HOLDER, "test_an_address_of_a_parent_opens_no_account_of_the_child"),
    Attack("somebody who represents nobody any more", "auth/people/holder.py", "if not choices:", "if choices is None:",
           REPRESENTATIVE, "test_a_representation_that_is_withdrawn_or_over_opens_nothing"),
    Attack("a session of somebody who represents nobody any more", "auth/server/grants.py",
           "if not self._stands(session):", "if session is None:",
           REPRESENTATIVE, "test_a_representation_that_is_withdrawn_or_over_opens_nothing"),
    Attack("a record that somebody does not represent", "auth/people/holder.py",
           "found = await holders.represented(link, people) if people else []",
           'found = [(one, one.partition(".")[0]) for one in people]',
           HOLDER, "test_a_representative_chooses_for_whom_he_signs_in"),
)  # fmt: skip
"""Every attack; one row each."""

HEAD = """# Attacks on sign-in

Made by `python -m tests.attacks` from `tests/attacks.py`; a test holds the two equal. Each guard is taken away in a
copy of the server, where its test then fails: `pytest tests/test_attacks.py -m slow` does so for every row.

| attack | guard in `app/` | held by `tests/` |
|---|---|---|
"""


def page() -> str:
    """The table in Markdown."""
    return HEAD + "".join(f"| {one.name} | `{one.file}` | `{one.tests}`, `{one.case}` |\n" for one in ATTACKS)


if __name__ == "__main__":
    sys.stdout.write(page())
