-- row of Patient
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&2048]) THEN true
        WHEN false THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&131072]) THEN true
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
        ELSE false
    END
    OR [flags&211]
    OR [flags&2048]
    OR [flags&4096]
) AS visible, (
    CASE
        WHEN CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN false THEN false
            WHEN false THEN false
            WHEN ([flags&2048]) THEN true
            WHEN false THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN false THEN true
            WHEN false THEN false
            WHEN false THEN false
            WHEN ([flags&131072]) THEN true
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
            ELSE false
        END THEN CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN false THEN 'withdrawn'
            WHEN false THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN false THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN false THEN 'depositor'
            WHEN false THEN 'masked'
            WHEN false THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
        WHEN ([flags&211] OR [flags&2048] OR [flags&4096]) THEN 'identity-only'
        ELSE CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN false THEN 'withdrawn'
            WHEN false THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN false THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN false THEN 'depositor'
            WHEN false THEN 'masked'
            WHEN false THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    END
) AS reason, record.status = $19::VARCHAR
AND patient_1.depositor = $20::VARCHAR
AND ([flags&96] OR [flags&16384])
OR [flags&128] AS blind, patient_1.record, patient_1.id, patient_1.version_id,
  patient_1.last_updated, patient_1.method, patient_1.body, patient_1.depositor,
  patient_1.depositor_structure, patient_1.secret, patient_1.filtered, patient_1.ins,
  patient_1.birth_date, patient_1.p_active, patient_1.p_address, patient_1.p_address_city,
  patient_1.p_address_country, patient_1.p_address_postalcode, patient_1.p_address_state,
  patient_1.p_address_use, patient_1.p_birthdate_lo, patient_1.p_birthdate_hi,
  patient_1.p_death_date_lo, patient_1.p_death_date_hi, patient_1.p_deceased,
  patient_1.p_gender, patient_1.p_general_practitioner, patient_1.p_identifier,
  patient_1.p_language, patient_1.p_link, patient_1.p_name, patient_1.p_phonetic,
  patient_1.p_family, patient_1.p_given, patient_1.p_organization, patient_1.p_email,
  patient_1.p_phone, patient_1.p_telecom, patient_1.p__profile, patient_1.p__security,
  patient_1.p__source, patient_1.p__tag
FROM record
JOIN patient AS patient_1 ON patient_1.record = record.id
WHERE record.id = $23::VARCHAR
AND patient_1.id = $24::VARCHAR
AND (SELECT concat(set_config('carnet.record', $23::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF patient_1

-- row of RelatedPerson
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&2048]) THEN true
        WHEN false THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&131072]) THEN true
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (record.status != 'open') THEN 'record-not-open'
        WHEN ([flags&240]) THEN 'excluded-party'
        WHEN false THEN 'withdrawn'
        WHEN false THEN 'announcement-pending'
        WHEN ([flags&2048]) THEN 'holder'
        WHEN false THEN 'hidden-from-representatives'
        WHEN ([flags&4096]) THEN 'representative'
        WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
        WHEN false THEN 'depositor'
        WHEN false THEN 'masked'
        WHEN false THEN 'outside-profession'
        WHEN ([flags&131072]) THEN 'authorised'
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
        ELSE 'not-authorised'
    END
) AS reason, record.status = $18::VARCHAR
AND related_person_1.depositor = $19::VARCHAR
AND ([flags&96] OR [flags&16384])
OR [flags&128] AS blind, related_person_1.record, related_person_1.id, related_person_1.version_id,
  related_person_1.last_updated, related_person_1.method, related_person_1.body,
  related_person_1.depositor, related_person_1.depositor_structure, related_person_1.secret,
  related_person_1.filtered, related_person_1.p_active, related_person_1.p_address,
  related_person_1.p_address_city, related_person_1.p_address_country, related_person_1.p_address_postalcode,
  related_person_1.p_address_state, related_person_1.p_address_use, related_person_1.p_birthdate_lo,
  related_person_1.p_birthdate_hi, related_person_1.p_gender, related_person_1.p_identifier,
  related_person_1.p_name, related_person_1.p_phonetic, related_person_1.p_patient,
  related_person_1.p_relationship, related_person_1.p_email, related_person_1.p_phone,
  related_person_1.p_telecom, related_person_1.p__profile, related_person_1.p__security,
  related_person_1.p__source, related_person_1.p__tag
FROM record
JOIN related_person AS related_person_1 ON related_person_1.record = record.id
WHERE record.id = $22::VARCHAR
AND related_person_1.id = $23::VARCHAR
AND (SELECT concat(set_config('carnet.record', $22::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF related_person_1

-- row of CareTeam
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&2048]) THEN true
        WHEN false THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&131072]) THEN true
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (record.status != 'open') THEN 'record-not-open'
        WHEN ([flags&240]) THEN 'excluded-party'
        WHEN false THEN 'withdrawn'
        WHEN false THEN 'announcement-pending'
        WHEN ([flags&2048]) THEN 'holder'
        WHEN false THEN 'hidden-from-representatives'
        WHEN ([flags&4096]) THEN 'representative'
        WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
        WHEN false THEN 'depositor'
        WHEN false THEN 'masked'
        WHEN false THEN 'outside-profession'
        WHEN ([flags&131072]) THEN 'authorised'
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
        ELSE 'not-authorised'
    END
) AS reason, record.status = $18::VARCHAR
AND care_team_1.depositor = $19::VARCHAR
AND ([flags&96] OR [flags&16384]) AS blind, care_team_1.record, care_team_1.id,
  care_team_1.version_id, care_team_1.last_updated, care_team_1.method, care_team_1.body,
  care_team_1.depositor, care_team_1.depositor_structure, care_team_1.secret,
  care_team_1.filtered, care_team_1.p_category, care_team_1.p_date_lo, care_team_1.p_date_hi,
  care_team_1.p_encounter, care_team_1.p_identifier, care_team_1.p_participant,
  care_team_1.p_patient, care_team_1.p_status, care_team_1.p_subject, care_team_1.p__profile,
  care_team_1.p__security, care_team_1.p__source, care_team_1.p__tag
FROM record
JOIN care_team AS care_team_1 ON care_team_1.record = record.id
WHERE record.id = $21::VARCHAR
AND care_team_1.id = $22::VARCHAR
AND (SELECT concat(set_config('carnet.record', $21::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF care_team_1

-- row of Consent
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&2048]) THEN true
        WHEN ([flags&4096] AND consent_1.secret) THEN false
        WHEN ([flags&4096]) THEN true
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN (([flags&1] OR [flags&2]) AND $11::VARCHAR = any(consent_1.names)) THEN true
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (record.status != 'open') THEN 'record-not-open'
        WHEN ([flags&240]) THEN 'excluded-party'
        WHEN ([flags&2048]) THEN 'holder'
        WHEN ([flags&4096] AND consent_1.secret) THEN 'secret-connection'
        WHEN ([flags&4096]) THEN 'representative'
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
        WHEN (([flags&1] OR [flags&2]) AND $11::VARCHAR = any(consent_1.names)) THEN 'named'
        ELSE 'not-authorised'
    END
) AS reason, record.status = $12::VARCHAR
AND consent_1.depositor = $13::VARCHAR
AND ([flags&96] OR [flags&16384])
OR [flags&128] AS blind, consent_1.record, consent_1.id, consent_1.version_id,
  consent_1.last_updated, consent_1.method, consent_1.body, consent_1.depositor,
  consent_1.depositor_structure, consent_1.secret, consent_1.filtered, consent_1.category,
  consent_1.active, consent_1.names, consent_1.p_action, consent_1.p_actor,
  consent_1.p_category, consent_1.p_consentor, consent_1.p_data, consent_1.p_date_lo,
  consent_1.p_date_hi, consent_1.p_identifier, consent_1.p_organization, consent_1.p_patient,
  consent_1.p_period_lo, consent_1.p_period_hi, consent_1.p_purpose, consent_1.p_scope,
  consent_1.p_security_label, consent_1.p_source_reference, consent_1.p_status,
  consent_1.p__profile, consent_1.p__security, consent_1.p__source, consent_1.p__tag
FROM record
JOIN consent AS consent_1 ON consent_1.record = record.id
WHERE record.id = $17::VARCHAR
AND consent_1.id = $18::VARCHAR
AND (SELECT concat(set_config('carnet.record', $17::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF consent_1

-- row of DocumentReference
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN (
            document_reference_1.withdrawn
            AND NOT (document_reference_1.depositor = $5::VARCHAR AND ([flags&1] OR [flags&2]))
        ) THEN false
        WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
        WHEN ([flags&2048]) THEN true
        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN (document_reference_1.depositor = $5::VARCHAR) THEN true
        WHEN document_reference_1.masked THEN false
        WHEN NOT CASE
            WHEN (document_reference_1.kind < $14::INTEGER) THEN get_bit(
                $15::BYTEA, document_reference_1.kind
            ) = 1
            ELSE false
        END THEN false
        WHEN ([flags&131072]) THEN true
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (record.status != 'open') THEN 'record-not-open'
        WHEN ([flags&240]) THEN 'excluded-party'
        WHEN (
            document_reference_1.withdrawn
            AND NOT (document_reference_1.depositor = $5::VARCHAR AND ([flags&1] OR [flags&2]))
        ) THEN 'withdrawn'
        WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
        WHEN ([flags&2048]) THEN 'holder'
        WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
        WHEN ([flags&4096]) THEN 'representative'
        WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
        WHEN (document_reference_1.depositor = $5::VARCHAR) THEN 'depositor'
        WHEN document_reference_1.masked THEN 'masked'
        WHEN NOT CASE
            WHEN (document_reference_1.kind < $14::INTEGER) THEN get_bit(
                $15::BYTEA, document_reference_1.kind
            ) = 1
            ELSE false
        END THEN 'outside-profession'
        WHEN ([flags&131072]) THEN 'authorised'
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
        ELSE 'not-authorised'
    END
) AS reason, record.status = $21::VARCHAR
AND document_reference_1.depositor = $5::VARCHAR
AND ([flags&96] OR [flags&16384]) AS blind, document_reference_1.record, document_reference_1.id,
  document_reference_1.version_id, document_reference_1.last_updated, document_reference_1.method,
  document_reference_1.body, document_reference_1.depositor, document_reference_1.depositor_structure,
  document_reference_1.secret, document_reference_1.filtered, document_reference_1.masked,
  document_reference_1.masked_by, document_reference_1.announce_at, document_reference_1.deposited_at,
  document_reference_1.hidden, document_reference_1.withdrawn, document_reference_1.seen_by_holder,
  document_reference_1.kind, document_reference_1.master_identifier, document_reference_1.digest,
  document_reference_1.p_authenticator, document_reference_1.p_author, document_reference_1.p_category,
  document_reference_1.p_contenttype, document_reference_1.p_creation_lo, document_reference_1.p_creation_hi,
  document_reference_1.p_custodian, document_reference_1.p_date_lo, document_reference_1.p_date_hi,
  document_reference_1.p_description, document_reference_1.p_encounter, document_reference_1.p_event,
  document_reference_1.p_facility, document_reference_1.p_format, document_reference_1.p_identifier,
  document_reference_1.p_isarchived, document_reference_1.p_language, document_reference_1.p_location,
  document_reference_1.p_patient, document_reference_1.p_period_lo, document_reference_1.p_period_hi,
  document_reference_1.p_period_end_lo, document_reference_1.p_period_end_hi,
  document_reference_1.p_period_start_lo, document_reference_1.p_period_start_hi,
  document_reference_1.p_related, document_reference_1.p_relatesto, document_reference_1.p_relation,
  document_reference_1.p_relationship, document_reference_1.p_security_label,
  document_reference_1.p_setting, document_reference_1.p_status, document_reference_1.p_subject,
  document_reference_1.p_type, document_reference_1.p__profile, document_reference_1.p__security,
  document_reference_1.p__source, document_reference_1.p__tag
FROM record
JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
WHERE record.id = $23::VARCHAR
AND document_reference_1.id = $24::VARCHAR
AND (SELECT concat(set_config('carnet.record', $23::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF document_reference_1

-- row of Binary
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (binary_1.document = '') THEN CASE
            WHEN (coalesce(record.status, 'open') != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN ([flags&16384]) THEN false
            WHEN (
                binary_1.depositor = $6::VARCHAR
                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
            ) THEN true
            ELSE false
        END
        ELSE EXISTS (
            SELECT *
            FROM document_reference AS document_reference_1
            WHERE (
                document_reference_1.record = $11::VARCHAR
                AND document_reference_1.id = binary_1.document
                AND (
                    CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN (
                            document_reference_1.withdrawn
                            AND NOT (
                                document_reference_1.depositor = $6::VARCHAR
                                AND ([flags&1] OR [flags&2])
                            )
                        ) THEN false
                        WHEN (
                            ([flags&2048] OR [flags&4096])
                            AND document_reference_1.announce_at > carnet.now()
                        ) THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN (document_reference_1.depositor = $6::VARCHAR) THEN true
                        WHEN document_reference_1.masked THEN false
                        WHEN NOT CASE
                            WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                $16::BYTEA, document_reference_1.kind
                            ) = 1
                            ELSE false
                        END THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                )
            )
        )
    END
) AS visible, (
    CASE
        WHEN (binary_1.document = '') THEN CASE
            WHEN (coalesce(record.status, 'open') != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN (
                binary_1.depositor = $6::VARCHAR
                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
            ) THEN 'depositor'
            ELSE 'not-authorised'
        END
        ELSE coalesce(
            (
                SELECT (
                    CASE
                        WHEN (record.status != 'open') THEN 'record-not-open'
                        WHEN ([flags&240]) THEN 'excluded-party'
                        WHEN (
                            document_reference_1.withdrawn
                            AND NOT (
                                document_reference_1.depositor = $6::VARCHAR
                                AND ([flags&1] OR [flags&2])
                            )
                        ) THEN 'withdrawn'
                        WHEN (
                            ([flags&2048] OR [flags&4096])
                            AND document_reference_1.announce_at > carnet.now()
                        ) THEN 'announcement-pending'
                        WHEN ([flags&2048]) THEN 'holder'
                        WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
                        WHEN ([flags&4096]) THEN 'representative'
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
                        WHEN ([flags&16384]) THEN 'blocked'
                        WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
                        WHEN (document_reference_1.depositor = $6::VARCHAR) THEN 'depositor'
                        WHEN document_reference_1.masked THEN 'masked'
                        WHEN NOT CASE
                            WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                $16::BYTEA, document_reference_1.kind
                            ) = 1
                            ELSE false
                        END THEN 'outside-profession'
                        WHEN ([flags&131072]) THEN 'authorised'
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
                        ELSE 'not-authorised'
                    END
                ) AS anon_1
                FROM document_reference AS document_reference_1
                WHERE document_reference_1.record = $11::VARCHAR
                AND document_reference_1.id = binary_1.document
            ), 'not-authorised'
        )
    END
) AS reason, record.status = $22::VARCHAR
AND binary_1.depositor = $6::VARCHAR
AND ([flags&96] OR [flags&16384]) AS blind, binary_1.record, binary_1.id, binary_1.version_id,
  binary_1.last_updated, binary_1.method, binary_1.body, binary_1.depositor,
  binary_1.depositor_structure, binary_1.secret, binary_1.filtered, binary_1.document,
  binary_1.content, binary_1.content_type, binary_1.size, binary_1.sha1, binary_1.sha256,
  binary_1.security_context, binary_1.p__profile, binary_1.p__security, binary_1.p__source,
  binary_1.p__tag
FROM record
JOIN "binary" AS binary_1 ON binary_1.record = record.id
WHERE record.id = $11::VARCHAR
AND binary_1.id = $24::VARCHAR
AND (SELECT concat(set_config('carnet.record', $11::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF binary_1

-- row of List
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&4096] AND list_1.secret) THEN false
        WHEN CASE
            WHEN list_1.filtered THEN (
                EXISTS (
                    SELECT *
                    FROM document_reference AS document_reference_1
                    WHERE (
                        document_reference_1.record = $6::VARCHAR
                        AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN (
                                    document_reference_1.withdrawn
                                    AND NOT (
                                        document_reference_1.depositor = $7::VARCHAR
                                        AND ([flags&1] OR [flags&2])
                                    )
                                ) THEN false
                                WHEN (
                                    ([flags&2048] OR [flags&4096])
                                    AND document_reference_1.announce_at > carnet.now()
                                ) THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN ([flags&16384]) THEN false
                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                WHEN document_reference_1.masked THEN false
                                WHEN NOT CASE
                                    WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                        $16::BYTEA, document_reference_1.kind
                                    ) = 1
                                    ELSE false
                                END THEN false
                                WHEN ([flags&131072]) THEN true
                                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR (
                EXISTS (
                    SELECT *
                    FROM consent AS consent_1
                    WHERE (
                        consent_1.record = $6::VARCHAR
                        AND ('Consent/' || consent_1.id) = any(list_1.p_item)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN ([flags&4096] AND consent_1.secret) THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN (([flags&1] OR [flags&2]) AND $22::VARCHAR = any(consent_1.names)) THEN true
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR (
                EXISTS (
                    SELECT *
                    FROM care_team AS care_team_1
                    WHERE (
                        care_team_1.record = $6::VARCHAR
                        AND ('CareTeam/' || care_team_1.id) = any(list_1.p_item)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN false THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN ([flags&16384]) THEN false
                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&131072]) THEN true
                                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR (
                EXISTS (
                    SELECT *
                    FROM related_person AS related_person_1
                    WHERE (
                        related_person_1.record = $6::VARCHAR
                        AND ('RelatedPerson/' || related_person_1.id) = any(list_1.p_item)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN false THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN ([flags&16384]) THEN false
                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&131072]) THEN true
                                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&2048]) THEN true
                WHEN false THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
            AND (
                EXISTS (
                    SELECT *
                    FROM unnest(list_1.p_item) AS anon_1(name)
                    WHERE (NOT starts_with(split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.'))
                )
            )
            ELSE CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&2048]) THEN true
                WHEN false THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
        END THEN true
        WHEN ([flags&16384]) THEN false
        WHEN (list_1.depositor = $7::VARCHAR AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])) THEN true
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (
            CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN ([flags&4096] AND list_1.secret) THEN 'secret-connection'
                WHEN CASE
                    WHEN list_1.filtered THEN (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_1
                            WHERE (
                                document_reference_1.record = $6::VARCHAR
                                AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_1.withdrawn
                                            AND NOT (
                                                document_reference_1.depositor = $7::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_1.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                        WHEN document_reference_1.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                                $16::BYTEA, document_reference_1.kind
                                            ) = 1
                                            ELSE false
                                        END THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM consent AS consent_1
                            WHERE (
                                consent_1.record = $6::VARCHAR
                                AND ('Consent/' || consent_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND consent_1.secret) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN (
                                            ([flags&1] OR [flags&2])
                                            AND $22::VARCHAR = any(consent_1.names)
                                        ) THEN true
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM care_team AS care_team_1
                            WHERE (
                                care_team_1.record = $6::VARCHAR
                                AND ('CareTeam/' || care_team_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM related_person AS related_person_1
                            WHERE (
                                related_person_1.record = $6::VARCHAR
                                AND ('RelatedPerson/' || related_person_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                    AND (
                        EXISTS (
                            SELECT *
                            FROM unnest(list_1.p_item) AS anon_1(name)
                            WHERE (
                                NOT starts_with(
                                    split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.'
                                )
                            )
                        )
                    )
                    ELSE CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                END THEN 'entries'
                WHEN ([flags&16384]) THEN 'blocked'
                WHEN (
                    list_1.depositor = $7::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN 'depositor'
                ELSE 'nothing-visible'
            END = 'entries'
            AND CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&2048]) THEN true
                WHEN false THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
        ) THEN CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN false THEN 'withdrawn'
            WHEN false THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN false THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN false THEN 'depositor'
            WHEN false THEN 'masked'
            WHEN false THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
        WHEN (
            CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN ([flags&4096] AND list_1.secret) THEN 'secret-connection'
                WHEN CASE
                    WHEN list_1.filtered THEN (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_1
                            WHERE (
                                document_reference_1.record = $6::VARCHAR
                                AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_1.withdrawn
                                            AND NOT (
                                                document_reference_1.depositor = $7::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_1.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                        WHEN document_reference_1.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                                $16::BYTEA, document_reference_1.kind
                                            ) = 1
                                            ELSE false
                                        END THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM consent AS consent_1
                            WHERE (
                                consent_1.record = $6::VARCHAR
                                AND ('Consent/' || consent_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND consent_1.secret) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN (
                                            ([flags&1] OR [flags&2])
                                            AND $22::VARCHAR = any(consent_1.names)
                                        ) THEN true
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM care_team AS care_team_1
                            WHERE (
                                care_team_1.record = $6::VARCHAR
                                AND ('CareTeam/' || care_team_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM related_person AS related_person_1
                            WHERE (
                                related_person_1.record = $6::VARCHAR
                                AND ('RelatedPerson/' || related_person_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                    AND (
                        EXISTS (
                            SELECT *
                            FROM unnest(list_1.p_item) AS anon_1(name)
                            WHERE (
                                NOT starts_with(
                                    split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.'
                                )
                            )
                        )
                    )
                    ELSE CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                END THEN 'entries'
                WHEN ([flags&16384]) THEN 'blocked'
                WHEN (
                    list_1.depositor = $7::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN 'depositor'
                ELSE 'nothing-visible'
            END = 'entries'
            AND list_1.depositor = $7::VARCHAR
        ) THEN 'depositor'
        ELSE CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN ([flags&4096] AND list_1.secret) THEN 'secret-connection'
            WHEN CASE
                WHEN list_1.filtered THEN (
                    EXISTS (
                        SELECT *
                        FROM document_reference AS document_reference_1
                        WHERE (
                            document_reference_1.record = $6::VARCHAR
                            AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN (
                                        document_reference_1.withdrawn
                                        AND NOT (
                                            document_reference_1.depositor = $7::VARCHAR
                                            AND ([flags&1] OR [flags&2])
                                        )
                                    ) THEN false
                                    WHEN (
                                        ([flags&2048] OR [flags&4096])
                                        AND document_reference_1.announce_at > carnet.now()
                                    ) THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ([flags&16384]) THEN false
                                    WHEN ([flags&65536] AND [flags&1]) THEN true
                                    WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                    WHEN document_reference_1.masked THEN false
                                    WHEN NOT CASE
                                        WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                            $16::BYTEA, document_reference_1.kind
                                        ) = 1
                                        ELSE false
                                    END THEN false
                                    WHEN ([flags&131072]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR (
                    EXISTS (
                        SELECT *
                        FROM consent AS consent_1
                        WHERE (
                            consent_1.record = $6::VARCHAR
                            AND ('Consent/' || consent_1.id) = any(list_1.p_item)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN ([flags&4096] AND consent_1.secret) THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN (([flags&1] OR [flags&2]) AND $22::VARCHAR = any(consent_1.names)) THEN true
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR (
                    EXISTS (
                        SELECT *
                        FROM care_team AS care_team_1
                        WHERE (
                            care_team_1.record = $6::VARCHAR
                            AND ('CareTeam/' || care_team_1.id) = any(list_1.p_item)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN false THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ([flags&16384]) THEN false
                                    WHEN ([flags&65536] AND [flags&1]) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&131072]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR (
                    EXISTS (
                        SELECT *
                        FROM related_person AS related_person_1
                        WHERE (
                            related_person_1.record = $6::VARCHAR
                            AND ('RelatedPerson/' || related_person_1.id) = any(list_1.p_item)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN false THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ([flags&16384]) THEN false
                                    WHEN ([flags&65536] AND [flags&1]) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&131072]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR CASE
                    WHEN (record.status != 'open') THEN false
                    WHEN ([flags&240]) THEN false
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&2048]) THEN true
                    WHEN false THEN false
                    WHEN ([flags&4096]) THEN true
                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                    WHEN ([flags&16384]) THEN false
                    WHEN ([flags&65536] AND [flags&1]) THEN true
                    WHEN false THEN true
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&131072]) THEN true
                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                    ELSE false
                END
                AND (
                    EXISTS (
                        SELECT *
                        FROM unnest(list_1.p_item) AS anon_1(name)
                        WHERE (
                            NOT starts_with(split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.')
                        )
                    )
                )
                ELSE CASE
                    WHEN (record.status != 'open') THEN false
                    WHEN ([flags&240]) THEN false
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&2048]) THEN true
                    WHEN false THEN false
                    WHEN ([flags&4096]) THEN true
                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                    WHEN ([flags&16384]) THEN false
                    WHEN ([flags&65536] AND [flags&1]) THEN true
                    WHEN false THEN true
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&131072]) THEN true
                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                    ELSE false
                END
            END THEN 'entries'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN (list_1.depositor = $7::VARCHAR AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])) THEN 'depositor'
            ELSE 'nothing-visible'
        END
    END
) AS reason, record.status = $24::VARCHAR
AND list_1.depositor = $7::VARCHAR
AND ([flags&96] OR [flags&16384]) AS blind, list_1.record, list_1.id, list_1.version_id,
  list_1.last_updated, list_1.method, list_1.body, list_1.depositor, list_1.depositor_structure,
  list_1.secret, list_1.filtered, list_1.master_identifier, list_1.digest,
  list_1.p_authororg, list_1.p_code, list_1.p_date_lo, list_1.p_date_hi, list_1.p_designationtype,
  list_1.p_empty_reason, list_1.p_encounter, list_1.p_identifier, list_1.p_isarchived,
  list_1.p_item, list_1.p_notes, list_1.p_patient, list_1.p_source, list_1.p_sourceid,
  list_1.p_status, list_1.p_subject, list_1.p_title, list_1.p__profile, list_1.p__security,
  list_1.p__source, list_1.p__tag
FROM record
JOIN list AS list_1 ON list_1.record = record.id
WHERE record.id = $6::VARCHAR
AND list_1.id = $26::VARCHAR
AND (SELECT concat(set_config('carnet.record', $6::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF list_1

-- row of Provenance
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&4096] AND provenance_1.secret) THEN false
        WHEN CASE
            WHEN provenance_1.filtered THEN (
                EXISTS (
                    SELECT *
                    FROM document_reference AS document_reference_1
                    WHERE (
                        document_reference_1.record = $6::VARCHAR
                        AND ('DocumentReference/' || document_reference_1.id) = any(provenance_1.p_target)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN (
                                    document_reference_1.withdrawn
                                    AND NOT (
                                        document_reference_1.depositor = $7::VARCHAR
                                        AND ([flags&1] OR [flags&2])
                                    )
                                ) THEN false
                                WHEN (
                                    ([flags&2048] OR [flags&4096])
                                    AND document_reference_1.announce_at > carnet.now()
                                ) THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN ([flags&16384]) THEN false
                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                WHEN document_reference_1.masked THEN false
                                WHEN NOT CASE
                                    WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                        $16::BYTEA, document_reference_1.kind
                                    ) = 1
                                    ELSE false
                                END THEN false
                                WHEN ([flags&131072]) THEN true
                                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR (
                EXISTS (
                    SELECT *
                    FROM consent AS consent_1
                    WHERE (
                        consent_1.record = $6::VARCHAR
                        AND ('Consent/' || consent_1.id) = any(provenance_1.p_target)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN ([flags&4096] AND consent_1.secret) THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN (([flags&1] OR [flags&2]) AND $22::VARCHAR = any(consent_1.names)) THEN true
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR (
                EXISTS (
                    SELECT *
                    FROM care_team AS care_team_1
                    WHERE (
                        care_team_1.record = $6::VARCHAR
                        AND ('CareTeam/' || care_team_1.id) = any(provenance_1.p_target)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN false THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN ([flags&16384]) THEN false
                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&131072]) THEN true
                                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR (
                EXISTS (
                    SELECT *
                    FROM related_person AS related_person_1
                    WHERE (
                        related_person_1.record = $6::VARCHAR
                        AND ('RelatedPerson/' || related_person_1.id) = any(provenance_1.p_target)
                        AND (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&2048]) THEN true
                                WHEN false THEN false
                                WHEN ([flags&4096]) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                WHEN ([flags&16384]) THEN false
                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ([flags&131072]) THEN true
                                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
            OR CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&2048]) THEN true
                WHEN false THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
            AND (
                EXISTS (
                    SELECT *
                    FROM unnest(provenance_1.p_target) AS anon_1(name)
                    WHERE (NOT starts_with(split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.'))
                )
            )
            ELSE CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&2048]) THEN true
                WHEN false THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
        END THEN true
        WHEN ([flags&16384]) THEN false
        WHEN (
            provenance_1.depositor = $7::VARCHAR
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN true
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (
            CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN ([flags&4096] AND provenance_1.secret) THEN 'secret-connection'
                WHEN CASE
                    WHEN provenance_1.filtered THEN (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_1
                            WHERE (
                                document_reference_1.record = $6::VARCHAR
                                AND ('DocumentReference/' || document_reference_1.id) = any(
                                    provenance_1.p_target
                                )
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_1.withdrawn
                                            AND NOT (
                                                document_reference_1.depositor = $7::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_1.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                        WHEN document_reference_1.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                                $16::BYTEA, document_reference_1.kind
                                            ) = 1
                                            ELSE false
                                        END THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM consent AS consent_1
                            WHERE (
                                consent_1.record = $6::VARCHAR
                                AND ('Consent/' || consent_1.id) = any(provenance_1.p_target)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND consent_1.secret) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN (
                                            ([flags&1] OR [flags&2])
                                            AND $22::VARCHAR = any(consent_1.names)
                                        ) THEN true
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM care_team AS care_team_1
                            WHERE (
                                care_team_1.record = $6::VARCHAR
                                AND ('CareTeam/' || care_team_1.id) = any(provenance_1.p_target)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM related_person AS related_person_1
                            WHERE (
                                related_person_1.record = $6::VARCHAR
                                AND ('RelatedPerson/' || related_person_1.id) = any(provenance_1.p_target)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                    AND (
                        EXISTS (
                            SELECT *
                            FROM unnest(provenance_1.p_target) AS anon_1(name)
                            WHERE (
                                NOT starts_with(
                                    split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.'
                                )
                            )
                        )
                    )
                    ELSE CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                END THEN 'entries'
                WHEN ([flags&16384]) THEN 'blocked'
                WHEN (
                    provenance_1.depositor = $7::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN 'depositor'
                ELSE 'nothing-visible'
            END = 'entries'
            AND CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&2048]) THEN true
                WHEN false THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
        ) THEN CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN false THEN 'withdrawn'
            WHEN false THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN false THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN false THEN 'depositor'
            WHEN false THEN 'masked'
            WHEN false THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
        WHEN (
            CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN ([flags&4096] AND provenance_1.secret) THEN 'secret-connection'
                WHEN CASE
                    WHEN provenance_1.filtered THEN (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_1
                            WHERE (
                                document_reference_1.record = $6::VARCHAR
                                AND ('DocumentReference/' || document_reference_1.id) = any(
                                    provenance_1.p_target
                                )
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_1.withdrawn
                                            AND NOT (
                                                document_reference_1.depositor = $7::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_1.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                        WHEN document_reference_1.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                                $16::BYTEA, document_reference_1.kind
                                            ) = 1
                                            ELSE false
                                        END THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM consent AS consent_1
                            WHERE (
                                consent_1.record = $6::VARCHAR
                                AND ('Consent/' || consent_1.id) = any(provenance_1.p_target)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND consent_1.secret) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN (
                                            ([flags&1] OR [flags&2])
                                            AND $22::VARCHAR = any(consent_1.names)
                                        ) THEN true
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM care_team AS care_team_1
                            WHERE (
                                care_team_1.record = $6::VARCHAR
                                AND ('CareTeam/' || care_team_1.id) = any(provenance_1.p_target)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM related_person AS related_person_1
                            WHERE (
                                related_person_1.record = $6::VARCHAR
                                AND ('RelatedPerson/' || related_person_1.id) = any(provenance_1.p_target)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN false THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN false THEN true
                                        WHEN false THEN false
                                        WHEN false THEN false
                                        WHEN ([flags&131072]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                    OR CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                    AND (
                        EXISTS (
                            SELECT *
                            FROM unnest(provenance_1.p_target) AS anon_1(name)
                            WHERE (
                                NOT starts_with(
                                    split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.'
                                )
                            )
                        )
                    )
                    ELSE CASE
                        WHEN (record.status != 'open') THEN false
                        WHEN ([flags&240]) THEN false
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&2048]) THEN true
                        WHEN false THEN false
                        WHEN ([flags&4096]) THEN true
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                        WHEN ([flags&16384]) THEN false
                        WHEN ([flags&65536] AND [flags&1]) THEN true
                        WHEN false THEN true
                        WHEN false THEN false
                        WHEN false THEN false
                        WHEN ([flags&131072]) THEN true
                        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                        ELSE false
                    END
                END THEN 'entries'
                WHEN ([flags&16384]) THEN 'blocked'
                WHEN (
                    provenance_1.depositor = $7::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN 'depositor'
                ELSE 'nothing-visible'
            END = 'entries'
            AND provenance_1.depositor = $7::VARCHAR
        ) THEN 'depositor'
        ELSE CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN ([flags&4096] AND provenance_1.secret) THEN 'secret-connection'
            WHEN CASE
                WHEN provenance_1.filtered THEN (
                    EXISTS (
                        SELECT *
                        FROM document_reference AS document_reference_1
                        WHERE (
                            document_reference_1.record = $6::VARCHAR
                            AND ('DocumentReference/' || document_reference_1.id) = any(provenance_1.p_target)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN (
                                        document_reference_1.withdrawn
                                        AND NOT (
                                            document_reference_1.depositor = $7::VARCHAR
                                            AND ([flags&1] OR [flags&2])
                                        )
                                    ) THEN false
                                    WHEN (
                                        ([flags&2048] OR [flags&4096])
                                        AND document_reference_1.announce_at > carnet.now()
                                    ) THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ([flags&16384]) THEN false
                                    WHEN ([flags&65536] AND [flags&1]) THEN true
                                    WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                                    WHEN document_reference_1.masked THEN false
                                    WHEN NOT CASE
                                        WHEN (document_reference_1.kind < $15::INTEGER) THEN get_bit(
                                            $16::BYTEA, document_reference_1.kind
                                        ) = 1
                                        ELSE false
                                    END THEN false
                                    WHEN ([flags&131072]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR (
                    EXISTS (
                        SELECT *
                        FROM consent AS consent_1
                        WHERE (
                            consent_1.record = $6::VARCHAR
                            AND ('Consent/' || consent_1.id) = any(provenance_1.p_target)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN ([flags&4096] AND consent_1.secret) THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN (([flags&1] OR [flags&2]) AND $22::VARCHAR = any(consent_1.names)) THEN true
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR (
                    EXISTS (
                        SELECT *
                        FROM care_team AS care_team_1
                        WHERE (
                            care_team_1.record = $6::VARCHAR
                            AND ('CareTeam/' || care_team_1.id) = any(provenance_1.p_target)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN false THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ([flags&16384]) THEN false
                                    WHEN ([flags&65536] AND [flags&1]) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&131072]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR (
                    EXISTS (
                        SELECT *
                        FROM related_person AS related_person_1
                        WHERE (
                            related_person_1.record = $6::VARCHAR
                            AND ('RelatedPerson/' || related_person_1.id) = any(provenance_1.p_target)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN false THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ([flags&16384]) THEN false
                                    WHEN ([flags&65536] AND [flags&1]) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ([flags&131072]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END
                            )
                        )
                    )
                )
                OR CASE
                    WHEN (record.status != 'open') THEN false
                    WHEN ([flags&240]) THEN false
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&2048]) THEN true
                    WHEN false THEN false
                    WHEN ([flags&4096]) THEN true
                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                    WHEN ([flags&16384]) THEN false
                    WHEN ([flags&65536] AND [flags&1]) THEN true
                    WHEN false THEN true
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&131072]) THEN true
                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                    ELSE false
                END
                AND (
                    EXISTS (
                        SELECT *
                        FROM unnest(provenance_1.p_target) AS anon_1(name)
                        WHERE (
                            NOT starts_with(split_part(anon_1.name, '/', $23::INTEGER), $6::VARCHAR || '.')
                        )
                    )
                )
                ELSE CASE
                    WHEN (record.status != 'open') THEN false
                    WHEN ([flags&240]) THEN false
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&2048]) THEN true
                    WHEN false THEN false
                    WHEN ([flags&4096]) THEN true
                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                    WHEN ([flags&16384]) THEN false
                    WHEN ([flags&65536] AND [flags&1]) THEN true
                    WHEN false THEN true
                    WHEN false THEN false
                    WHEN false THEN false
                    WHEN ([flags&131072]) THEN true
                    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                    WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                    ELSE false
                END
            END THEN 'entries'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN (
                provenance_1.depositor = $7::VARCHAR
                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
            ) THEN 'depositor'
            ELSE 'nothing-visible'
        END
    END
) AS reason, record.status = $24::VARCHAR
AND provenance_1.depositor = $7::VARCHAR
AND ([flags&96] OR [flags&16384]) AS blind, provenance_1.record, provenance_1.id,
  provenance_1.version_id, provenance_1.last_updated, provenance_1.method,
  provenance_1.body, provenance_1.depositor, provenance_1.depositor_structure,
  provenance_1.secret, provenance_1.filtered, provenance_1.p_agent, provenance_1.p_agent_role,
  provenance_1.p_agent_type, provenance_1.p_entity, provenance_1.p_location,
  provenance_1.p_patient, provenance_1.p_recorded_lo, provenance_1.p_recorded_hi,
  provenance_1.p_signature_type, provenance_1.p_target, provenance_1.p_when_lo,
  provenance_1.p_when_hi, provenance_1.p__profile, provenance_1.p__security,
  provenance_1.p__source, provenance_1.p__tag
FROM record
JOIN provenance AS provenance_1 ON provenance_1.record = record.id
WHERE record.id = $6::VARCHAR
AND provenance_1.id = $26::VARCHAR
AND (SELECT concat(set_config('carnet.record', $6::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF provenance_1

-- row of Task
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, carnet.now() AS now, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN (
            (
                task_1.requester != ''
                AND (task_1.requester = $5::VARCHAR OR task_1.requester = $6::VARCHAR)
                OR task_1.owner != ''
                AND (task_1.owner = $5::VARCHAR OR task_1.owner = $6::VARCHAR)
            )
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN true
        ELSE false
    END
) AS visible, (
    CASE
        WHEN (record.status != 'open') THEN 'record-not-open'
        WHEN ([flags&240]) THEN 'excluded-party'
        WHEN (
            (
                task_1.requester != ''
                AND (task_1.requester = $5::VARCHAR OR task_1.requester = $6::VARCHAR)
                OR task_1.owner != ''
                AND (task_1.owner = $5::VARCHAR OR task_1.owner = $6::VARCHAR)
            )
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN 'named'
        ELSE 'not-authorised'
    END
) AS reason, record.status = $11::VARCHAR
AND task_1.depositor = $12::VARCHAR
AND ([flags&96] OR [flags&16384]) AS blind, task_1.record, task_1.id, task_1.version_id,
  task_1.last_updated, task_1.method, task_1.body, task_1.depositor, task_1.depositor_structure,
  task_1.secret, task_1.filtered, task_1.requester, task_1.owner, task_1.p_authored_on_lo,
  task_1.p_authored_on_hi, task_1.p_based_on, task_1.p_business_status, task_1.p_code,
  task_1.p_encounter, task_1.p_focus, task_1.p_group_identifier, task_1.p_identifier,
  task_1.p_intent, task_1.p_modified_lo, task_1.p_modified_hi, task_1.p_owner,
  task_1.p_part_of, task_1.p_patient, task_1.p_performer, task_1.p_period_lo,
  task_1.p_period_hi, task_1.p_priority, task_1.p_requester, task_1.p_status,
  task_1.p_subject, task_1.p__profile, task_1.p__security, task_1.p__source,
  task_1.p__tag
FROM record
JOIN task AS task_1 ON task_1.record = record.id
WHERE record.id = $15::VARCHAR
AND task_1.id = $16::VARCHAR
AND (SELECT concat(set_config('carnet.record', $15::VARCHAR, true)) AS concat_1) IS NOT NULL
FOR UPDATE OF task_1

-- mask of a document
SELECT CASE
    WHEN (
        NOT (
            [flags&2048]
            OR [flags&4096]
            OR document_reference_1.depositor = $3::VARCHAR
            OR [flags&8192]
            AND [flags&4]
            AND [flags&1]
        )
    ) THEN 'not-yours-to-do'
    WHEN document_reference_1.withdrawn THEN 'withdrawn'
    WHEN ($7::BOOLEAN AND $8::BOOLEAN AND NOT $9::BOOLEAN) THEN 'visibility-cumulation'
    ELSE ''
END AS refusal
FROM record
JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
WHERE record.id = $10::VARCHAR
AND document_reference_1.id = $11::VARCHAR
AND (SELECT concat(set_config('carnet.record', $10::VARCHAR, true)) AS concat_1) IS NOT NULL

-- unmask of a document
SELECT CASE
    WHEN (
        NOT (
            [flags&2048]
            OR [flags&4096]
            OR document_reference_1.depositor = $3::VARCHAR
            AND document_reference_1.masked_by = $3::VARCHAR
        )
    ) THEN 'not-yours-to-do'
    WHEN document_reference_1.withdrawn THEN 'withdrawn'
    ELSE ''
END AS refusal
FROM record
JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
WHERE record.id = $4::VARCHAR
AND document_reference_1.id = $5::VARCHAR
AND (SELECT concat(set_config('carnet.record', $4::VARCHAR, true)) AS concat_1) IS NOT NULL

-- set-announcement of a document
SELECT CASE
    WHEN (NOT (document_reference_1.depositor = $1::VARCHAR AND NOT [flags&2048] AND NOT [flags&4096])) THEN 'not-yours-to-do'
    WHEN document_reference_1.withdrawn THEN 'withdrawn'
    WHEN document_reference_1.seen_by_holder THEN 'seen-by-holder'
    WHEN (
        CAST(
            document_reference_1.deposited_at + make_interval($4::INTEGER, $5::INTEGER) AS TIMESTAMP WITH TIME ZONE
        ) <= carnet.now()
    ) THEN 'announcement-over'
    WHEN ($6::BOOLEAN AND $7::BOOLEAN AND NOT $8::BOOLEAN) THEN 'visibility-cumulation'
    ELSE ''
END AS refusal
FROM record
JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
WHERE record.id = $9::VARCHAR
AND document_reference_1.id = $10::VARCHAR
AND (SELECT concat(set_config('carnet.record', $9::VARCHAR, true)) AS concat_1) IS NOT NULL

-- withdraw of a document
SELECT CASE WHEN (document_reference_1.depositor != $1::VARCHAR) THEN 'not-yours-to-do' ELSE '' END AS refusal
FROM record
JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
WHERE record.id = $2::VARCHAR
AND document_reference_1.id = $3::VARCHAR
AND (SELECT concat(set_config('carnet.record', $2::VARCHAR, true)) AS concat_1) IS NOT NULL

-- erase of a document
SELECT CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN ($3::BOOLEAN AND document_reference_1.depositor != $4::VARCHAR) THEN 'not-yours-to-erase'
    ELSE ''
END AS refusal
FROM record
JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
WHERE record.id = $5::VARCHAR
AND document_reference_1.id = $6::VARCHAR
AND (SELECT concat(set_config('carnet.record', $5::VARCHAR, true)) AS concat_1) IS NOT NULL

-- answer-rectification
SELECT CASE
    WHEN (NOT (task_1.owner != '' AND (task_1.owner = $1::VARCHAR OR task_1.owner = $2::VARCHAR))) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
JOIN task AS task_1 ON task_1.record = record.id
WHERE record.id = $3::VARCHAR
AND task_1.id = $4::VARCHAR
AND (SELECT concat(set_config('carnet.record', $3::VARCHAR, true)) AS concat_1) IS NOT NULL

-- shows
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&2048]) THEN true
        WHEN false THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN ([flags&131072]) THEN true
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
        ELSE false
    END
    OR [flags&211]
    OR [flags&2048]
    OR [flags&4096]
) AS shown
FROM record
JOIN patient AS patient_1 ON patient_1.record = record.id
WHERE record.id = $19::VARCHAR
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
              set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                'carnet.subject', $22::VARCHAR, true
            ), set_config('carnet.structure', $23::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL

-- lock
SELECT record.status, record.policy_version, carnet.now() AS now
FROM record
WHERE record.id = $1::VARCHAR
FOR NO KEY UPDATE OF record

-- reference
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, EXISTS (
    SELECT *
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = $4::VARCHAR
    AND document_reference_1.id = $5::VARCHAR
    AND (
        (
            CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN (
                    document_reference_1.withdrawn
                    AND NOT (document_reference_1.depositor = $7::VARCHAR AND ([flags&1] OR [flags&2]))
                ) THEN false
                WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
                WHEN ([flags&2048]) THEN true
                WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
                WHEN ([flags&4096]) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                WHEN ([flags&16384]) THEN false
                WHEN ([flags&65536] AND [flags&1]) THEN true
                WHEN (document_reference_1.depositor = $7::VARCHAR) THEN true
                WHEN document_reference_1.masked THEN false
                WHEN NOT CASE
                    WHEN (document_reference_1.kind < $16::INTEGER) THEN get_bit(
                        $17::BYTEA, document_reference_1.kind
                    ) = 1
                    ELSE false
                END THEN false
                WHEN ([flags&131072]) THEN true
                WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
        )
        OR (document_reference_1.depositor = $7::VARCHAR)
    )
) AS there
FROM record
WHERE record.id = $4::VARCHAR
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $4::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $4::VARCHAR, true),
              set_config('carnet.depositor', $7::VARCHAR, true), set_config(
                'carnet.subject', $24::VARCHAR, true
            ), set_config('carnet.structure', $25::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL

-- left out
SELECT anon_1.id
FROM (
    SELECT document_reference_1.record AS record, document_reference_1.id AS id,
      document_reference_1.version_id AS version_id, document_reference_1.last_updated AS last_updated,
      document_reference_1.method AS method, document_reference_1.body AS body,
      document_reference_1.depositor AS depositor, document_reference_1.depositor_structure AS depositor_structure,
      document_reference_1.secret AS secret, document_reference_1.filtered AS filtered,
      document_reference_1.masked AS masked, document_reference_1.masked_by AS masked_by,
      document_reference_1.announce_at AS announce_at, document_reference_1.deposited_at AS deposited_at,
      document_reference_1.hidden AS hidden, document_reference_1.withdrawn AS withdrawn,
      document_reference_1.seen_by_holder AS seen_by_holder, document_reference_1.kind AS kind,
      document_reference_1.master_identifier AS master_identifier, document_reference_1.digest AS digest,
      document_reference_1.p_authenticator AS p_authenticator, document_reference_1.p_author AS p_author,
      document_reference_1.p_category AS p_category, document_reference_1.p_contenttype AS p_contenttype,
      document_reference_1.p_creation_lo AS p_creation_lo, document_reference_1.p_creation_hi AS p_creation_hi,
      document_reference_1.p_custodian AS p_custodian, document_reference_1.p_date_lo AS p_date_lo,
      document_reference_1.p_date_hi AS p_date_hi, document_reference_1.p_description AS p_description,
      document_reference_1.p_encounter AS p_encounter, document_reference_1.p_event AS p_event,
      document_reference_1.p_facility AS p_facility, document_reference_1.p_format AS p_format,
      document_reference_1.p_identifier AS p_identifier, document_reference_1.p_isarchived AS p_isarchived,
      document_reference_1.p_language AS p_language, document_reference_1.p_location AS p_location,
      document_reference_1.p_patient AS p_patient, document_reference_1.p_period_lo AS p_period_lo,
      document_reference_1.p_period_hi AS p_period_hi, document_reference_1.p_period_end_lo AS p_period_end_lo,
      document_reference_1.p_period_end_hi AS p_period_end_hi, document_reference_1.p_period_start_lo AS p_period_start_lo,
      document_reference_1.p_period_start_hi AS p_period_start_hi, document_reference_1.p_related AS p_related,
      document_reference_1.p_relatesto AS p_relatesto, document_reference_1.p_relation AS p_relation,
      document_reference_1.p_relationship AS p_relationship, document_reference_1.p_security_label AS p_security_label,
      document_reference_1.p_setting AS p_setting, document_reference_1.p_status AS p_status,
      document_reference_1.p_subject AS p_subject, document_reference_1.p_type AS p_type,
      document_reference_1.p__profile AS p__profile, document_reference_1.p__security AS p__security,
      document_reference_1.p__source AS p__source, document_reference_1.p__tag AS p__tag,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $11::INTEGER) THEN get_bit(
                    $12::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict
    FROM document_reference AS document_reference_1
    LEFT OUTER JOIN record ON record.id = document_reference_1.record
    WHERE (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $11::INTEGER) THEN get_bit(
                    $12::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN false
            WHEN ([flags&131072]) THEN true
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
            ELSE false
        END
    )
    AND document_reference_1.record = $18::VARCHAR
    AND record.policy_version = $19::BIGINT
    AND $20::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $21::TIMESTAMP WITH TIME ZONE > carnet.now()
) AS anon_1
WHERE anon_1.id = any($22::TEXT[])
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $18::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $18::VARCHAR, true),
              set_config('carnet.depositor', $2::VARCHAR, true), set_config(
                'carnet.subject', $24::VARCHAR, true
            ), set_config('carnet.structure', $25::VARCHAR, true)
        )
    END AS anon_2
) IS NOT NULL
