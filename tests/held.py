"""Which tests hold which rule: what the last column of `docs/policy.md` names.

Keys are the names of rules, and for acts the act and the name of the refusal. Values are pytest nodes, less the
parameters in brackets. `tests/test_policy_page.py` refuses a rule without a node, and a node that does not exist.
"""

from __future__ import annotations

from app.policy.writes import Act

Nodes = tuple[str, ...]

DOCUMENTS, PATIENTS, TYPES, EVENTS, LISTINGS = (
    f"tests/test_policy_{name}.py::test_" for name in ("documents", "patients", "types", "events", "listing")
)
DEPOSITS, WILLS, LIFE = (f"tests/test_writes_{name}.py::test_" for name in ("documents", "consents", "record"))
EMERGENCY, TREATING, REPRESENTATIVES, EXITS, HOSTILE, DIRECTORY, CONTENTS, ACTED = (
    f"tests/test_{name}.py::test_"
    for name in (
        "emergency",
        "treating",
        "representatives",
        "exits",
        "hostile",
        "directory",
        "contents_http",
        "policy_acts",
    )
)

DOCUMENT: dict[str, Nodes] = {
    "record-not-open": (DOCUMENTS + "1_record_not_open", DOCUMENTS + "a_record_that_was_never_opened_holds_nothing"),
    "excluded-party": (DOCUMENTS + "2_excluded_party", DOCUMENTS + "2_excluded_party_even_from_its_own_deposit"),
    "withdrawn": (
        DOCUMENTS + "3_withdrawn_is_seen_by_the_professional_who_deposited_it_alone",
        DOCUMENTS + "3_withdrawn_by_the_holder_leaves_everybody_but_its_depositor",
    ),
    "announcement-pending": (
        DOCUMENTS + "4_announcement_pending_until_its_month_is_over",
        DOCUMENTS + "4_announcement_pending_for_representatives_too",
    ),
    "holder": (DOCUMENTS + "5_holder",),
    "hidden-from-representatives": (DOCUMENTS + "6_hidden_from_representatives",),
    "representative": (DOCUMENTS + "7_representative_while_the_link_holds",),
    "not-a-professional": (DOCUMENTS + "8_not_a_professional",),
    "treating-physician": (
        DOCUMENTS + "9_treating_physician_sees_what_is_masked",
        TREATING + "a_pharmacist_who_is_named_reads_no_more_by_it",
    ),
    "blocked": (DOCUMENTS + "10_blocked_is_stronger_than_full_access_and_deposit",),
    "full-access": (DOCUMENTS + "11_full_access_sees_what_is_masked_until_it_ends",),
    "depositor": (DOCUMENTS + "12_depositor_sees_his_own_even_masked_and_outside_his_profession",),
    "masked": (DOCUMENTS + "13_masked_before_an_authorisation_and_an_emergency",),
    "outside-profession": (DOCUMENTS + "14_outside_profession",),
    "authorised": (
        DOCUMENTS + "15_authorised_by_name_until_it_ends",
        DOCUMENTS + "15_authorised_by_structure",
        DOCUMENTS + "15_authorised_by_profession_unless_a_block_covers_it",
        DOCUMENTS + "15_authorised_by_specialty",
        DOCUMENTS + "15_authorised_through_a_care_team_of_which_he_is_a_member",
        WILLS + "an_occupational_physician_is_authorised_by_name_only",
    ),
    "break-glass": (
        DOCUMENTS + "16_break_glass_for_four_hours_and_marked",
        DOCUMENTS + "16_break_glass_although_the_profession_is_blocked",
    ),
    "regulation": (DOCUMENTS + "17_regulation_with_purpose_etreat_alone",),
    "emergency-opposed": (DOCUMENTS + "18_emergency_opposed_each_on_its_own",),
    "not-authorised": (DOCUMENTS + "19_not_authorised",),
}
CONSENT: dict[str, Nodes] = {
    "record-not-open": (EXITS + "everything_in_a_closed_record_is_like_absent",),
    "excluded-party": (ACTED + "the_excluded_read_no_consent",),
    "holder": (TYPES + "consents_of_each_for_each",),
    "secret-connection": (TYPES + "consents_of_a_secret_connection_are_kept_from_representatives",),
    "representative": (ACTED + "a_representative_reads_what_the_holder_willed",),
    "treating-physician": (TYPES + "consents_of_each_for_each",),
    "named": (
        TYPES + "consents_of_each_for_each",
        TYPES + "a_consent_that_names_an_occupational_physician_or_blocks_somebody_is_his_to_read",
    ),
    "not-authorised": (TYPES + "consents_of_each_for_each",),
}
AUDIT: dict[str, Nodes] = {
    "announcement-pending": (
        EVENTS + "an_event_about_what_awaits_announcement_is_kept_from_the_holder_until_then",
        EVENTS + "the_holder_s_own_refused_read_shows_alike_for_pending_and_absent",
    ),
    "holder": (EVENTS + "journal_of_the_holder_tells_all_and_a_professional_reads_his_own_acts",),
    "secret-connection": (EVENTS + "representatives_hear_nothing_of_hidden_documents_and_secret_connections",),
    "hidden-from-representatives": (
        EVENTS + "representatives_hear_nothing_of_hidden_documents_and_secret_connections",
    ),
    "representative": (EVENTS + "the_journal_of_a_closed_record_stays_with_holder_and_representative",),
    "record-not-open": (EVENTS + "the_journal_of_a_closed_record_stays_with_holder_and_representative",),
    "excluded-party": (ACTED + "the_excluded_read_no_journal_though_the_act_is_their_own",),
    "treating-physician": (EVENTS + "journal_of_the_holder_tells_all_and_a_professional_reads_his_own_acts",),
    "own-act": (
        EVENTS + "journal_of_the_holder_tells_all_and_a_professional_reads_his_own_acts",
        EVENTS + "own_acts_are_found_across_records",
    ),
    "not-authorised": (EVENTS + "journal_of_the_holder_tells_all_and_a_professional_reads_his_own_acts",),
}
LISTING: dict[str, Nodes] = {
    "record-not-open": (EXITS + "everything_in_a_closed_record_is_like_absent",),
    "excluded-party": (ACTED + "the_excluded_read_no_list_not_even_their_own",),
    "secret-connection": (ACTED + "a_list_made_in_a_secret_connection_is_kept_from_representatives",),
    "entries": (LISTINGS + "entries_that_may_not_be_seen_are_left_out_and_an_empty_one_is_absent",),
    "blocked": (HOSTILE + "a_blocked_professional_reads_through_nothing_else",),
    "depositor": (
        ACTED + "a_list_of_what_he_sees_no_more_stays_its_depositor_s",
        HOSTILE + "who_represents_nobody_any_more_does_not_keep_the_lists_that_he_wrote",
    ),
    "nothing-visible": (LISTINGS + "entries_that_may_not_be_seen_are_left_out_and_an_empty_one_is_absent",),
}
TASK: dict[str, Nodes] = {
    "record-not-open": (ACTED + "in_a_closed_record_nothing_is_written",),
    "excluded-party": (ACTED + "the_excluded_read_no_rectification_though_their_structure_owns_it",),
    "named": (LISTINGS + "task_is_read_by_requester_and_owner_alone",),
    "not-authorised": (LISTINGS + "task_is_read_by_requester_and_owner_alone",),
}
UNCITED: dict[str, Nodes] = {
    "record-not-open": (LISTINGS + "an_uncited_binary_in_a_record_that_is_closed_or_that_blocks_him_is_nobody_s",),
    "excluded-party": (ACTED + "the_excluded_read_no_content_not_even_their_own",),
    "blocked": (LISTINGS + "an_uncited_binary_in_a_record_that_is_closed_or_that_blocks_him_is_nobody_s",),
    "depositor": (LISTINGS + "a_binary_that_is_not_cited_yet_is_its_depositor_s",),
    "not-authorised": (LISTINGS + "a_binary_that_is_not_cited_yet_is_its_depositor_s",),
}
PATIENT: dict[str, Nodes] = {
    "identity-only": (
        PATIENTS + "patient_is_reduced_by_ins_and_by_id_for_others",
        PATIENTS + "insurers_other_holders_and_strangers_see_no_patient",
        PATIENTS + "patient_of_a_closed_record_is_reduced_for_all_and_says_that_it_is_closed",
    ),
}

ANY_ACT: dict[str, Nodes] = {
    "record-not-open": (ACTED + "in_a_closed_record_nothing_is_written",),
    "withdrawn": (
        ACTED + "a_withdrawn_document_does_not_change_any_more",
        ACTED + "a_withdrawn_document_is_neither_described_anew_nor_replaced",
    ),
    "visibility-cumulation": (DEPOSITS + "masked_and_awaiting_announcement_together_is_refused",),
    "not-a-minor": (DEPOSITS + "hiding_from_representatives_is_for_minors",),
    "secret-connection": (DEPOSITS + "in_a_secret_connection_only_hidden_documents_are_deposited",),
}
"""What holds a refusal wherever it stands among the acts."""
MINE = "not-yours-to-do"
_MASK = (DEPOSITS + "a_mask_is_set_by_four_and_lifted_by_fewer",)
_HIDING = (DEPOSITS + "hiding_from_representatives_is_for_minors",)
_ANNOUNCING = (DEPOSITS + "an_announcement_is_set_later_only_while_the_holder_has_not_opened_it",)
_TEAM = (TREATING + "he_changes_the_team_but_not_who_treats",)
_TRAITS = (LIFE + "traits_of_a_qualified_ins_are_changed_by_professionals_and_desk_agents",)
_NO_MORE = (HOSTILE + "a_blocked_professional_neither_closes_nor_reopens",)
_WINDOW = (EMERGENCY + "what_refuses_it",)
_WILL = (WILLS + "software_insurer_and_desk_write_no_consent",)
_CLOSING = (LIFE + "closed_nobody_reads_or_writes_and_reopened_it_is_as_it_was",)

ACTS: dict[tuple[Act, str], Nodes] = {
    (Act.DEPOSIT, MINE): (DEPOSITS + "who_may_deposit_and_who_may_not",),
    (Act.DEPOSIT, "reimbursement-only"): (DEPOSITS + "who_may_deposit_and_who_may_not",),
    (Act.DEPOSIT, "holder-type"): (DEPOSITS + "who_may_deposit_and_who_may_not",),
    (Act.DEPOSIT, "record-not-open"): (DEPOSITS + "nothing_is_deposited_in_a_closed_or_unopened_record",),
    (Act.DEPOSIT, "announcement-by-holder"): (ACTED + "the_holder_s_own_document_awaits_no_announcement",),
    (Act.HOLD, MINE): (ACTED + "who_keeps_a_content_that_no_document_cites",),
    (Act.MASK, MINE): _MASK,
    (Act.UNMASK, MINE): _MASK,
    (Act.SET_ANNOUNCEMENT, MINE): _ANNOUNCING,
    (Act.SET_ANNOUNCEMENT, "visibility-cumulation"): (
        ACTED + "what_is_masked_does_not_come_to_await_announcement_beside",
    ),
    (Act.SET_ANNOUNCEMENT, "seen-by-holder"): _ANNOUNCING,
    (Act.SET_ANNOUNCEMENT, "announcement-over"): (DEPOSITS + "an_announcement_is_not_set_after_its_month",),
    (Act.ANNOUNCE, MINE): (ACTED + "nobody_else_announces",),
    (Act.HIDE, MINE): _HIDING,
    (Act.HIDE, "not-a-minor"): (ACTED + "an_adult_s_document_is_not_hidden_later",),
    (Act.SHOW, MINE): (ACTED + "nobody_else_shows_what_is_hidden",),
    (Act.ARCHIVE, MINE): (DEPOSITS + "archive_by_depositor_and_holder",),
    (Act.WITHDRAW, MINE): (DEPOSITS + "a_withdrawn_document_takes_what_it_replaced_with_it",),
    (Act.REVISE, MINE): (ACTED + "only_the_depositor_revises",),
    (Act.REPLACE, MINE): (DEPOSITS + "only_the_depositor_replaces",),
    (Act.REPLACE, "announcement-replaces"): (
        DEPOSITS + "what_the_holder_sees_is_not_replaced_by_what_awaits_announcement",
    ),
    (Act.ERASE, MINE): (DEPOSITS + "the_holders_delete_removes_it_from_every_view_but_the_depositors",),
    (Act.ERASE, "not-yours-to-erase"): (DEPOSITS + "with_holder_deletion_own_he_deletes_no_others",),
    (Act.OPEN, MINE): (ACTED + "who_opens_the_record_of_an_identity",),
    (Act.CLOSE, MINE): (ACTED + "who_closes_and_who_does_not",),
    (Act.CLOSE, "blocked"): _NO_MORE,
    (Act.CLOSE, "record-not-open"): _CLOSING,
    (Act.REOPEN, MINE): _CLOSING,
    (Act.REOPEN, "blocked"): _NO_MORE,
    (Act.DESTROY, MINE): ("tests/test_destroying.py::test_who_destroys_a_record_and_who_does_not",),
    (Act.RETAIN, MINE): ("tests/test_destroying.py::test_nobody_but_the_operator_holds_a_record",),
    (Act.END_WINDOW, MINE): ("tests/test_windows.py::test_nobody_ends_the_window_of_another",),
    (Act.CONTACT, MINE): ("tests/test_notices.py::test_a_contact_is_its_owner_s_alone",),
    (Act.CREATE_IDENTITY, MINE): (ACTED + "who_makes_an_identity",),
    (Act.IDENTIFY, MINE): _TRAITS,
    (Act.CHANGE_TRAITS, "identity-traits"): _TRAITS,
    (Act.RELATE, MINE): (ACTED + "who_relates_somebody_to_the_holder",),
    (Act.NAME_REPRESENTATIVE, MINE): (REPRESENTATIVES + "who_names_a_representative_after_the_opening",),
    (Act.NAME_REPRESENTATIVE, "record-not-open"): (ACTED + "in_a_closed_record_the_operator_names_no_representative",),
    (Act.CHANGE_TEAM, MINE): (ACTED + "who_changes_the_care_team",),
    (Act.NAME_TREATING, MINE): (TREATING + "named_by_the_holder_and_by_nobody_else", *_TEAM),
    (Act.DECLARE_TREATING, MINE): (TREATING + "a_doctor_declares_himself_and_the_former_keeps_nothing",),
    (Act.DECLARE_TREATING, "blocked"): (TREATING + "nobody_blocked_and_nobody_in_a_closed_record",),
    (Act.DECLARE_TREATING, "record-not-open"): (TREATING + "nobody_blocked_and_nobody_in_a_closed_record",),
    (Act.AUTHORISE, MINE): _WILL,
    (Act.AUTHORISE, "blocked"): (
        WILLS + "no_attestation_for_or_by_somebody_blocked",
        WILLS + "no_attestation_for_or_by_a_blocked_profession",
    ),
    (Act.AUTHORISE, "attested-by-name"): (WILLS + "an_attestation_is_for_professionals_by_name",),
    **{
        (act, "record-not-open"): (EXITS + "everything_in_a_closed_record_is_like_absent",)
        for act in (Act.END_AUTHORISATION, Act.RESTORE, Act.ANSWER_RECTIFICATION)
    },  # sight comes first: in a closed record there is no such row for anybody
    (Act.END_AUTHORISATION, MINE): (WILLS + "an_authorisation_is_taken_back_by_the_holder_alone",),
    (Act.GIVE_FULL_ACCESS, MINE): (WILLS + "full_access_is_given_by_the_holder_alone",),
    (Act.BLOCK, MINE): (WILLS + "a_block_is_given_by_holder_or_treating_physician_and_lifted_by_the_holder", *_WILL),
    (Act.OPPOSE, MINE): _WILL,
    (Act.RESTORE, MINE): (
        WILLS + "what_the_holder_took_back_he_alone_gives_again",
        WILLS + "a_block_is_given_by_holder_or_treating_physician_and_lifted_by_the_holder",
    ),
    (Act.BREAK_GLASS, MINE): _WINDOW,
    (Act.BREAK_GLASS, "record-not-open"): _WINDOW,
    (Act.BREAK_GLASS, "blocked"): _WINDOW,
    (Act.BREAK_GLASS, "strong-authentication"): _WINDOW,
    (Act.BREAK_GLASS, "emergency-opposed"): _WINDOW,
    (Act.ASK_RECTIFICATION, MINE): (ACTED + "who_asks_and_who_answers_a_rectification",),
    (Act.ANSWER_RECTIFICATION, MINE): (ACTED + "who_asks_and_who_answers_a_rectification",),
    (Act.IMPORT, MINE): (DIRECTORY + "nobody_with_a_token_writes_the_directory",),
}
