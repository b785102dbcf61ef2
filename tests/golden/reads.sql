-- Patient
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
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
            OR [flags&211]
            OR [flags&2048]
            OR [flags&4096]
        )
    ) THEN patient_1.body
    ELSE NULL
END AS body, patient_1.version_id, patient_1.last_updated, patient_1.method,
  patient_1.filtered, $19::VARCHAR AS document, false AS unopened, $20::INTEGER AS "of"
FROM record
LEFT OUTER JOIN patient AS patient_1 ON patient_1.record = record.id
AND patient_1.id = $21::VARCHAR
WHERE record.id = $22::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $20::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_1
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $22::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $22::VARCHAR, true),
                  set_config('carnet.depositor', $24::VARCHAR, true), set_config(
                    'carnet.subject', $25::VARCHAR, true
                ), set_config('carnet.structure', $26::VARCHAR, true)
            )
        END AS anon_2
    ) IS NOT NULL
    ELSE false
END

-- RelatedPerson
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
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
    ) THEN related_person_1.body
    ELSE NULL
END AS body, related_person_1.version_id, related_person_1.last_updated, related_person_1.method,
  related_person_1.filtered, $18::VARCHAR AS document, false AS unopened, $19::INTEGER AS "of"
FROM record
LEFT OUTER JOIN related_person AS related_person_1 ON related_person_1.record = record.id
AND related_person_1.id = $20::VARCHAR
WHERE record.id = $21::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $19::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_1
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $21::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $21::VARCHAR, true),
                  set_config('carnet.depositor', $23::VARCHAR, true), set_config(
                    'carnet.subject', $24::VARCHAR, true
                ), set_config('carnet.structure', $25::VARCHAR, true)
            )
        END AS anon_2
    ) IS NOT NULL
    ELSE false
END

-- CareTeam
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
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
    ) THEN care_team_1.body
    ELSE NULL
END AS body, care_team_1.version_id, care_team_1.last_updated, care_team_1.method,
  care_team_1.filtered, $18::VARCHAR AS document, false AS unopened, $19::INTEGER AS "of"
FROM record
LEFT OUTER JOIN care_team AS care_team_1 ON care_team_1.record = record.id
AND care_team_1.id = $20::VARCHAR
WHERE record.id = $21::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $19::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_1
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $21::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $21::VARCHAR, true),
                  set_config('carnet.depositor', $23::VARCHAR, true), set_config(
                    'carnet.subject', $24::VARCHAR, true
                ), set_config('carnet.structure', $25::VARCHAR, true)
            )
        END AS anon_2
    ) IS NOT NULL
    ELSE false
END

-- Consent
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
        AND (
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
        )
    ) THEN consent_1.body
    ELSE NULL
END AS body, consent_1.version_id, consent_1.last_updated, consent_1.method,
  consent_1.filtered, $12::VARCHAR AS document, false AS unopened, $13::INTEGER AS "of"
FROM record
LEFT OUTER JOIN consent AS consent_1 ON consent_1.record = record.id
AND consent_1.id = $14::VARCHAR
WHERE record.id = $15::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $13::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_1
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $15::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $15::VARCHAR, true),
                  set_config('carnet.depositor', $17::VARCHAR, true), set_config(
                    'carnet.subject', $11::VARCHAR, true
                ), set_config('carnet.structure', $18::VARCHAR, true)
            )
        END AS anon_2
    ) IS NOT NULL
    ELSE false
END

-- DocumentReference
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
        AND (
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
        )
    ) THEN document_reference_1.body
    ELSE NULL
END AS body, document_reference_1.version_id, document_reference_1.last_updated,
  document_reference_1.method, document_reference_1.filtered, $21::VARCHAR AS document,
  NOT document_reference_1.seen_by_holder AS unopened, $22::INTEGER AS "of"
FROM record
LEFT OUTER JOIN document_reference AS document_reference_1 ON document_reference_1.record = record.id
AND document_reference_1.id = $23::VARCHAR
WHERE record.id = $24::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $22::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_1
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $24::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $24::VARCHAR, true),
                  set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                    'carnet.subject', $26::VARCHAR, true
                ), set_config('carnet.structure', $27::VARCHAR, true)
            )
        END AS anon_2
    ) IS NOT NULL
    ELSE false
END

-- Binary
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
                ) AS anon_1
                FROM document_reference AS document_reference_1
                WHERE document_reference_1.record = $21::VARCHAR
                AND document_reference_1.id = binary_1.document
            ), 'not-authorised'
        )
    END
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
        AND (
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
                        document_reference_1.record = $21::VARCHAR
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
                        )
                    )
                )
            END
        )
    ) THEN binary_1.body
    ELSE NULL
END AS body, binary_1.version_id, binary_1.last_updated, binary_1.method, binary_1.filtered,
  binary_1.document AS document, EXISTS (
    SELECT *
    FROM document_reference AS document_reference_2
    WHERE (document_reference_2.record = $21::VARCHAR)
    AND document_reference_2.id = binary_1.document
    AND NOT document_reference_2.seen_by_holder
) AS unopened, $22::INTEGER AS "of"
FROM record
LEFT OUTER JOIN "binary" AS binary_1 ON binary_1.record = record.id
AND binary_1.id = $23::VARCHAR
WHERE record.id = $21::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $22::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_2
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $21::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $21::VARCHAR, true),
                  set_config('carnet.depositor', $6::VARCHAR, true), set_config(
                    'carnet.subject', $25::VARCHAR, true
                ), set_config('carnet.structure', $26::VARCHAR, true)
            )
        END AS anon_3
    ) IS NOT NULL
    ELSE false
END

-- List
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
        AND (
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
                END THEN true
                WHEN ([flags&16384]) THEN false
                WHEN (
                    list_1.depositor = $7::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN true
                ELSE false
            END
        )
    ) THEN list_1.body
    ELSE NULL
END AS body, list_1.version_id, list_1.last_updated, list_1.method, list_1.filtered,
  $24::VARCHAR AS document, false AS unopened, $25::INTEGER AS "of"
FROM record
LEFT OUTER JOIN list AS list_1 ON list_1.record = record.id
AND list_1.id = $26::VARCHAR
WHERE record.id = $6::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $25::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_2
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $6::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $6::VARCHAR, true),
                  set_config('carnet.depositor', $7::VARCHAR, true), set_config(
                    'carnet.subject', $22::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_3
    ) IS NOT NULL
    ELSE false
END

-- Provenance
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
        AND (
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
                END THEN true
                WHEN ([flags&16384]) THEN false
                WHEN (
                    provenance_1.depositor = $7::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN true
                ELSE false
            END
        )
    ) THEN provenance_1.body
    ELSE NULL
END AS body, provenance_1.version_id, provenance_1.last_updated, provenance_1.method,
  provenance_1.filtered, $24::VARCHAR AS document, false AS unopened, $25::INTEGER AS "of"
FROM record
LEFT OUTER JOIN provenance AS provenance_1 ON provenance_1.record = record.id
AND provenance_1.id = $26::VARCHAR
WHERE record.id = $6::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $25::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_2
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $6::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $6::VARCHAR, true),
                  set_config('carnet.depositor', $7::VARCHAR, true), set_config(
                    'carnet.subject', $22::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_3
    ) IS NOT NULL
    ELSE false
END

-- Task
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, (
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
) AS reason, CASE
    WHEN (
        record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
        AND (
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
        )
    ) THEN task_1.body
    ELSE NULL
END AS body, task_1.version_id, task_1.last_updated, task_1.method, task_1.filtered,
  $11::VARCHAR AS document, false AS unopened, $12::INTEGER AS "of"
FROM record
LEFT OUTER JOIN task AS task_1 ON task_1.record = record.id
AND task_1.id = $13::VARCHAR
WHERE record.id = $14::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $12::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_1
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $14::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $14::VARCHAR, true),
                  set_config('carnet.depositor', $16::VARCHAR, true), set_config(
                    'carnet.subject', $5::VARCHAR, true
                ), set_config('carnet.structure', $6::VARCHAR, true)
            )
        END AS anon_2
    ) IS NOT NULL
    ELSE false
END

-- documents hidden in an event
SELECT array(
    (
        SELECT document_reference_1.id
        FROM document_reference AS document_reference_1
        WHERE (document_reference_1.record = $1::VARCHAR)
        AND (
            [flags&6144]
            AND document_reference_1.announce_at > carnet.now()
            OR [flags&4096]
            AND document_reference_1.hidden
        )
        AND document_reference_1.id = any(audit_event_1.documents)
        UNION ALL
        SELECT document_reference_1.id
        FROM document_reference AS document_reference_1
        WHERE (document_reference_1.record = $1::VARCHAR)
        AND (
            [flags&6144]
            AND document_reference_1.announce_at > carnet.now()
            OR [flags&4096]
            AND document_reference_1.hidden
        )
        AND strpos(audit_event_1.query, $1::VARCHAR || '.') > 0
        AND strpos(audit_event_1.query, document_reference_1.id) > 0
        UNION ALL
        SELECT binary_1.id
        FROM "binary" AS binary_1, document_reference AS document_reference_1
        WHERE (document_reference_1.record = $1::VARCHAR)
        AND (
            [flags&6144]
            AND document_reference_1.announce_at > carnet.now()
            OR [flags&4096]
            AND document_reference_1.hidden
        )
        AND (binary_1.record = $1::VARCHAR)
        AND binary_1.document = document_reference_1.id
        AND strpos(audit_event_1.query, $1::VARCHAR || '.') > 0
        AND strpos(audit_event_1.query, binary_1.id) > 0
        UNION ALL
        SELECT 'identifier:' || unnest(document_reference_1.p_identifier) AS anon_1
        FROM document_reference AS document_reference_1
        WHERE (document_reference_1.record = $1::VARCHAR)
        AND (
            [flags&6144]
            AND document_reference_1.announce_at > carnet.now()
            OR [flags&4096]
            AND document_reference_1.hidden
        )
        AND strpos(audit_event_1.query, 'identifier') > 0
        UNION ALL
        SELECT consent_1.id
        FROM consent AS consent_1
        WHERE (consent_1.record = $1::VARCHAR)
        AND consent_1.secret
        AND [flags&4096]
        AND strpos(audit_event_1.query, $1::VARCHAR || '.') > 0
        AND strpos(audit_event_1.query, consent_1.id) > 0
    )
) AS array_1
FROM audit_event AS audit_event_1
WHERE audit_event_1.record = $1::VARCHAR
AND audit_event_1.recorded = $4::TIMESTAMP WITH TIME ZONE
AND audit_event_1.id = $5::VARCHAR
AND (SELECT concat(set_config('carnet.record', $1::VARCHAR, true)) AS concat_1) IS NOT NULL

-- Binary of no record
SELECT binary_1.version_id, binary_1.last_updated, (
    CASE
        WHEN (binary_1.document = '') THEN CASE
            WHEN (coalesce(CAST(NULL AS TEXT), 'open') != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = binary_1.record
                        AND relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $2::VARCHAR
                    )
                )
            ) THEN 'blocked'
            WHEN (
                binary_1.depositor = $3::VARCHAR
                AND (
                    [flags&1]
                    OR [flags&2]
                    OR binary_1.record = $6::VARCHAR
                    OR (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_2
                            WHERE (
                                relation_2.record = binary_1.record
                                AND relation_2.kind = 'represents'
                                AND relation_2.starts <= carnet.now()
                                AND relation_2.ends > carnet.now()
                                AND relation_2.subject = $2::VARCHAR
                            )
                        )
                    )
                )
            ) THEN 'depositor'
            ELSE 'not-authorised'
        END
        ELSE coalesce(
            (
                SELECT (
                    CASE
                        WHEN (CAST(NULL AS TEXT) != 'open') THEN 'record-not-open'
                        WHEN ([flags&240]) THEN 'excluded-party'
                        WHEN (
                            document_reference_1.withdrawn
                            AND NOT (
                                document_reference_1.depositor = $3::VARCHAR
                                AND ([flags&1] OR [flags&2])
                            )
                        ) THEN 'withdrawn'
                        WHEN (
                            (
                                document_reference_1.record = $6::VARCHAR
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_3
                                        WHERE (
                                            relation_3.record = document_reference_1.record
                                            AND relation_3.kind = 'represents'
                                            AND relation_3.starts <= carnet.now()
                                            AND relation_3.ends > carnet.now()
                                            AND relation_3.subject = $2::VARCHAR
                                        )
                                    )
                                )
                            )
                            AND document_reference_1.announce_at > carnet.now()
                        ) THEN 'announcement-pending'
                        WHEN (document_reference_1.record = $6::VARCHAR) THEN 'holder'
                        WHEN (
                            (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_3
                                    WHERE (
                                        relation_3.record = document_reference_1.record
                                        AND relation_3.kind = 'represents'
                                        AND relation_3.starts <= carnet.now()
                                        AND relation_3.ends > carnet.now()
                                        AND relation_3.subject = $2::VARCHAR
                                    )
                                )
                            )
                            AND document_reference_1.hidden
                        ) THEN 'hidden-from-representatives'
                        WHEN (
                            EXISTS (
                                SELECT *
                                FROM relation AS relation_3
                                WHERE (
                                    relation_3.record = document_reference_1.record
                                    AND relation_3.kind = 'represents'
                                    AND relation_3.starts <= carnet.now()
                                    AND relation_3.ends > carnet.now()
                                    AND relation_3.subject = $2::VARCHAR
                                )
                            )
                        ) THEN 'representative'
                        WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
                        WHEN (
                            (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_4
                                    WHERE (
                                        relation_4.record = document_reference_1.record
                                        AND relation_4.kind = 'treating'
                                        AND relation_4.starts <= carnet.now()
                                        AND relation_4.ends > carnet.now()
                                        AND relation_4.subject = $2::VARCHAR
                                    )
                                )
                            )
                            AND [flags&4]
                            AND [flags&1]
                        ) THEN 'treating-physician'
                        WHEN (
                            EXISTS (
                                SELECT *
                                FROM relation AS relation_5
                                WHERE (
                                    relation_5.record = document_reference_1.record
                                    AND relation_5.kind = 'blocked'
                                    AND relation_5.starts <= carnet.now()
                                    AND relation_5.ends > carnet.now()
                                    AND relation_5.subject = $2::VARCHAR
                                )
                            )
                        ) THEN 'blocked'
                        WHEN (
                            (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_6
                                    WHERE (
                                        relation_6.record = document_reference_1.record
                                        AND relation_6.kind = 'full-access'
                                        AND relation_6.starts <= carnet.now()
                                        AND relation_6.ends > carnet.now()
                                        AND relation_6.subject = $2::VARCHAR
                                    )
                                )
                            )
                            AND [flags&1]
                        ) THEN 'full-access'
                        WHEN (document_reference_1.depositor = $3::VARCHAR) THEN 'depositor'
                        WHEN document_reference_1.masked THEN 'masked'
                        WHEN NOT CASE
                            WHEN (document_reference_1.kind < $8::INTEGER) THEN get_bit(
                                $9::BYTEA, document_reference_1.kind
                            ) = 1
                            ELSE false
                        END THEN 'outside-profession'
                        WHEN (
                            (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_7
                                    WHERE (
                                        relation_7.record = document_reference_1.record
                                        AND relation_7.kind = 'authorised'
                                        AND relation_7.starts <= carnet.now()
                                        AND relation_7.ends > carnet.now()
                                        AND relation_7.subject = $2::VARCHAR
                                        AND (relation_7.within = '' OR relation_7.within = $10::VARCHAR)
                                    )
                                )
                            )
                            OR NOT [flags&2]
                            AND (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_8
                                    WHERE (
                                        relation_8.record = document_reference_1.record
                                        AND relation_8.kind = 'authorised'
                                        AND relation_8.starts <= carnet.now()
                                        AND relation_8.ends > carnet.now()
                                        AND (
                                            relation_8.subject = any($11::TEXT[])
                                            OR (
                                                EXISTS (
                                                    SELECT *
                                                    FROM relation AS relation_9
                                                    WHERE (
                                                        relation_9.record = document_reference_1.record
                                                        AND relation_9.kind = 'member'
                                                        AND concat(
                                                            $12::VARCHAR, split_part(
                                                                relation_9.source, $13::VARCHAR, $14::INTEGER
                                                            )
                                                        ) = relation_8.subject
                                                        AND relation_9.starts <= carnet.now()
                                                        AND relation_9.ends > carnet.now()
                                                        AND relation_9.subject = $2::VARCHAR
                                                        AND (
                                                            relation_9.within = ''
                                                            OR relation_9.within = $10::VARCHAR
                                                        )
                                                    )
                                                )
                                            )
                                        )
                                    )
                                )
                            )
                            AND NOT (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_10
                                    WHERE (
                                        relation_10.record = document_reference_1.record
                                        AND relation_10.kind = 'blocked'
                                        AND relation_10.starts <= carnet.now()
                                        AND relation_10.ends > carnet.now()
                                        AND relation_10.subject = any($11::TEXT[])
                                    )
                                )
                            )
                        ) THEN 'authorised'
                        WHEN (
                            (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_11
                                    WHERE (
                                        relation_11.record = document_reference_1.record
                                        AND relation_11.kind = 'window'
                                        AND relation_11.starts <= carnet.now()
                                        AND relation_11.ends > carnet.now()
                                        AND relation_11.subject = $2::VARCHAR
                                    )
                                )
                            )
                            AND [flags&1]
                            AND NOT (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_12
                                    WHERE (
                                        relation_12.record = document_reference_1.record
                                        AND relation_12.kind = 'opposed'
                                        AND relation_12.starts <= carnet.now()
                                        AND relation_12.ends > carnet.now()
                                        AND relation_12.subject = 'BTG'
                                    )
                                )
                            )
                        ) THEN 'break-glass'
                        WHEN (
                            [flags&8]
                            AND NOT (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_13
                                    WHERE (
                                        relation_13.record = document_reference_1.record
                                        AND relation_13.kind = 'opposed'
                                        AND relation_13.starts <= carnet.now()
                                        AND relation_13.ends > carnet.now()
                                        AND relation_13.subject = 'ETREAT'
                                    )
                                )
                            )
                        ) THEN 'regulation'
                        WHEN (
                            (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_11
                                    WHERE (
                                        relation_11.record = document_reference_1.record
                                        AND relation_11.kind = 'window'
                                        AND relation_11.starts <= carnet.now()
                                        AND relation_11.ends > carnet.now()
                                        AND relation_11.subject = $2::VARCHAR
                                    )
                                )
                            )
                            AND [flags&1]
                            OR [flags&8]
                        ) THEN 'emergency-opposed'
                        ELSE 'not-authorised'
                    END
                ) AS anon_1
                FROM document_reference AS document_reference_1
                WHERE document_reference_1.record = binary_1.record
                AND document_reference_1.id = binary_1.document
            ), 'not-authorised'
        )
    END
) AS reason, CASE
    WHEN (
        CASE
            WHEN (binary_1.document = '') THEN CASE
                WHEN (coalesce(CAST(NULL AS TEXT), 'open') != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = binary_1.record
                            AND relation_1.kind = 'blocked'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $2::VARCHAR
                        )
                    )
                ) THEN false
                WHEN (
                    binary_1.depositor = $3::VARCHAR
                    AND (
                        [flags&1]
                        OR [flags&2]
                        OR binary_1.record = $6::VARCHAR
                        OR (
                            EXISTS (
                                SELECT *
                                FROM relation AS relation_2
                                WHERE (
                                    relation_2.record = binary_1.record
                                    AND relation_2.kind = 'represents'
                                    AND relation_2.starts <= carnet.now()
                                    AND relation_2.ends > carnet.now()
                                    AND relation_2.subject = $2::VARCHAR
                                )
                            )
                        )
                    )
                ) THEN true
                ELSE false
            END
            ELSE EXISTS (
                SELECT *
                FROM document_reference AS document_reference_1
                WHERE (
                    document_reference_1.record = binary_1.record
                    AND document_reference_1.id = binary_1.document
                    AND (
                        CASE
                            WHEN (CAST(NULL AS TEXT) != 'open') THEN false
                            WHEN ([flags&240]) THEN false
                            WHEN (
                                document_reference_1.withdrawn
                                AND NOT (
                                    document_reference_1.depositor = $3::VARCHAR
                                    AND ([flags&1] OR [flags&2])
                                )
                            ) THEN false
                            WHEN (
                                (
                                    document_reference_1.record = $6::VARCHAR
                                    OR (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_3
                                            WHERE (
                                                relation_3.record = document_reference_1.record
                                                AND relation_3.kind = 'represents'
                                                AND relation_3.starts <= carnet.now()
                                                AND relation_3.ends > carnet.now()
                                                AND relation_3.subject = $2::VARCHAR
                                            )
                                        )
                                    )
                                )
                                AND document_reference_1.announce_at > carnet.now()
                            ) THEN false
                            WHEN (document_reference_1.record = $6::VARCHAR) THEN true
                            WHEN (
                                (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_3
                                        WHERE (
                                            relation_3.record = document_reference_1.record
                                            AND relation_3.kind = 'represents'
                                            AND relation_3.starts <= carnet.now()
                                            AND relation_3.ends > carnet.now()
                                            AND relation_3.subject = $2::VARCHAR
                                        )
                                    )
                                )
                                AND document_reference_1.hidden
                            ) THEN false
                            WHEN (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_3
                                    WHERE (
                                        relation_3.record = document_reference_1.record
                                        AND relation_3.kind = 'represents'
                                        AND relation_3.starts <= carnet.now()
                                        AND relation_3.ends > carnet.now()
                                        AND relation_3.subject = $2::VARCHAR
                                    )
                                )
                            ) THEN true
                            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                            WHEN (
                                (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_4
                                        WHERE (
                                            relation_4.record = document_reference_1.record
                                            AND relation_4.kind = 'treating'
                                            AND relation_4.starts <= carnet.now()
                                            AND relation_4.ends > carnet.now()
                                            AND relation_4.subject = $2::VARCHAR
                                        )
                                    )
                                )
                                AND [flags&4]
                                AND [flags&1]
                            ) THEN true
                            WHEN (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_5
                                    WHERE (
                                        relation_5.record = document_reference_1.record
                                        AND relation_5.kind = 'blocked'
                                        AND relation_5.starts <= carnet.now()
                                        AND relation_5.ends > carnet.now()
                                        AND relation_5.subject = $2::VARCHAR
                                    )
                                )
                            ) THEN false
                            WHEN (
                                (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_6
                                        WHERE (
                                            relation_6.record = document_reference_1.record
                                            AND relation_6.kind = 'full-access'
                                            AND relation_6.starts <= carnet.now()
                                            AND relation_6.ends > carnet.now()
                                            AND relation_6.subject = $2::VARCHAR
                                        )
                                    )
                                )
                                AND [flags&1]
                            ) THEN true
                            WHEN (document_reference_1.depositor = $3::VARCHAR) THEN true
                            WHEN document_reference_1.masked THEN false
                            WHEN NOT CASE
                                WHEN (document_reference_1.kind < $8::INTEGER) THEN get_bit(
                                    $9::BYTEA, document_reference_1.kind
                                ) = 1
                                ELSE false
                            END THEN false
                            WHEN (
                                (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_7
                                        WHERE (
                                            relation_7.record = document_reference_1.record
                                            AND relation_7.kind = 'authorised'
                                            AND relation_7.starts <= carnet.now()
                                            AND relation_7.ends > carnet.now()
                                            AND relation_7.subject = $2::VARCHAR
                                            AND (relation_7.within = '' OR relation_7.within = $10::VARCHAR)
                                        )
                                    )
                                )
                                OR NOT [flags&2]
                                AND (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_8
                                        WHERE (
                                            relation_8.record = document_reference_1.record
                                            AND relation_8.kind = 'authorised'
                                            AND relation_8.starts <= carnet.now()
                                            AND relation_8.ends > carnet.now()
                                            AND (
                                                relation_8.subject = any($11::TEXT[])
                                                OR (
                                                    EXISTS (
                                                        SELECT *
                                                        FROM relation AS relation_9
                                                        WHERE (
                                                            relation_9.record = document_reference_1.record
                                                            AND relation_9.kind = 'member'
                                                            AND concat(
                                                                $12::VARCHAR,
                                                                  split_part(
                                                                    relation_9.source,
                                                                      $13::VARCHAR,
                                                                      $14::INTEGER
                                                                )
                                                            ) = relation_8.subject
                                                            AND relation_9.starts <= carnet.now()
                                                            AND relation_9.ends > carnet.now()
                                                            AND relation_9.subject = $2::VARCHAR
                                                            AND (
                                                                relation_9.within = ''
                                                                OR relation_9.within = $10::VARCHAR
                                                            )
                                                        )
                                                    )
                                                )
                                            )
                                        )
                                    )
                                )
                                AND NOT (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_10
                                        WHERE (
                                            relation_10.record = document_reference_1.record
                                            AND relation_10.kind = 'blocked'
                                            AND relation_10.starts <= carnet.now()
                                            AND relation_10.ends > carnet.now()
                                            AND relation_10.subject = any($11::TEXT[])
                                        )
                                    )
                                )
                            ) THEN true
                            WHEN (
                                (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_11
                                        WHERE (
                                            relation_11.record = document_reference_1.record
                                            AND relation_11.kind = 'window'
                                            AND relation_11.starts <= carnet.now()
                                            AND relation_11.ends > carnet.now()
                                            AND relation_11.subject = $2::VARCHAR
                                        )
                                    )
                                )
                                AND [flags&1]
                                AND NOT (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_12
                                        WHERE (
                                            relation_12.record = document_reference_1.record
                                            AND relation_12.kind = 'opposed'
                                            AND relation_12.starts <= carnet.now()
                                            AND relation_12.ends > carnet.now()
                                            AND relation_12.subject = 'BTG'
                                        )
                                    )
                                )
                            ) THEN true
                            WHEN (
                                [flags&8]
                                AND NOT (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_13
                                        WHERE (
                                            relation_13.record = document_reference_1.record
                                            AND relation_13.kind = 'opposed'
                                            AND relation_13.starts <= carnet.now()
                                            AND relation_13.ends > carnet.now()
                                            AND relation_13.subject = 'ETREAT'
                                        )
                                    )
                                )
                            ) THEN true
                            WHEN (
                                (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_11
                                        WHERE (
                                            relation_11.record = document_reference_1.record
                                            AND relation_11.kind = 'window'
                                            AND relation_11.starts <= carnet.now()
                                            AND relation_11.ends > carnet.now()
                                            AND relation_11.subject = $2::VARCHAR
                                        )
                                    )
                                )
                                AND [flags&1]
                                OR [flags&8]
                            ) THEN false
                            ELSE false
                        END
                    )
                )
            )
        END
    ) THEN binary_1.body
    ELSE NULL
END AS body
FROM "binary" AS binary_1
WHERE (SELECT concat(set_config('carnet.depositor', $3::VARCHAR, true)) AS concat_2) IS NOT NULL
AND binary_1.record = ''
AND binary_1.id = $16::VARCHAR

-- Practitioner
SELECT practitioner.id, practitioner.version_id, practitioner.last_updated, practitioner.body
FROM practitioner
WHERE practitioner.id = $1::VARCHAR

-- standing
SELECT record.status, record.policy_version, CAST(
    CASE WHEN ($1::VARCHAR = $2::VARCHAR) THEN 2048 ELSE 0 END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_1
                WHERE (
                    relation_1.record = $1::VARCHAR
                    AND relation_1.kind = 'represents'
                    AND relation_1.starts <= carnet.now()
                    AND relation_1.ends > carnet.now()
                    AND relation_1.subject = $3::VARCHAR
                )
            )
        ) THEN 4096
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_2
                WHERE (
                    relation_2.record = $1::VARCHAR
                    AND relation_2.kind = 'treating'
                    AND relation_2.starts <= carnet.now()
                    AND relation_2.ends > carnet.now()
                    AND relation_2.subject = $3::VARCHAR
                )
            )
        ) THEN 8192
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_3
                WHERE (
                    relation_3.record = $1::VARCHAR
                    AND relation_3.kind = 'blocked'
                    AND relation_3.starts <= carnet.now()
                    AND relation_3.ends > carnet.now()
                    AND relation_3.subject = $3::VARCHAR
                )
            )
        ) THEN 16384
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_4
                WHERE (
                    relation_4.record = $1::VARCHAR
                    AND relation_4.kind = 'blocked'
                    AND relation_4.starts <= carnet.now()
                    AND relation_4.ends > carnet.now()
                    AND relation_4.subject = any($4::TEXT[])
                )
            )
        ) THEN 32768
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_5
                WHERE (
                    relation_5.record = $1::VARCHAR
                    AND relation_5.kind = 'full-access'
                    AND relation_5.starts <= carnet.now()
                    AND relation_5.ends > carnet.now()
                    AND relation_5.subject = $3::VARCHAR
                )
            )
        ) THEN 65536
        ELSE 0
    END + CASE
        WHEN (
            (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_6
                    WHERE (
                        relation_6.record = $1::VARCHAR
                        AND relation_6.kind = 'authorised'
                        AND relation_6.starts <= carnet.now()
                        AND relation_6.ends > carnet.now()
                        AND relation_6.subject = $3::VARCHAR
                        AND (relation_6.within = '' OR relation_6.within = $5::VARCHAR)
                    )
                )
            )
            OR NOT [flags&2]
            AND (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_7
                    WHERE (
                        relation_7.record = $1::VARCHAR
                        AND relation_7.kind = 'authorised'
                        AND relation_7.starts <= carnet.now()
                        AND relation_7.ends > carnet.now()
                        AND (
                            relation_7.subject = any($4::TEXT[])
                            OR (
                                EXISTS (
                                    SELECT *
                                    FROM relation AS relation_8
                                    WHERE (
                                        relation_8.record = $1::VARCHAR
                                        AND relation_8.kind = 'member'
                                        AND concat(
                                            $7::VARCHAR, split_part(
                                                relation_8.source, $8::VARCHAR, $9::INTEGER
                                            )
                                        ) = relation_7.subject
                                        AND relation_8.starts <= carnet.now()
                                        AND relation_8.ends > carnet.now()
                                        AND relation_8.subject = $3::VARCHAR
                                        AND (relation_8.within = '' OR relation_8.within = $5::VARCHAR)
                                    )
                                )
                            )
                        )
                    )
                )
            )
            AND NOT (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_4
                    WHERE (
                        relation_4.record = $1::VARCHAR
                        AND relation_4.kind = 'blocked'
                        AND relation_4.starts <= carnet.now()
                        AND relation_4.ends > carnet.now()
                        AND relation_4.subject = any($4::TEXT[])
                    )
                )
            )
        ) THEN 131072
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_9
                WHERE (
                    relation_9.record = $1::VARCHAR
                    AND relation_9.kind = 'window'
                    AND relation_9.starts <= carnet.now()
                    AND relation_9.ends > carnet.now()
                    AND relation_9.subject = $3::VARCHAR
                )
            )
        ) THEN 262144
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_10
                WHERE (
                    relation_10.record = $1::VARCHAR
                    AND relation_10.kind = 'opposed'
                    AND relation_10.starts <= carnet.now()
                    AND relation_10.ends > carnet.now()
                    AND relation_10.subject = 'BTG'
                )
            )
        ) THEN 524288
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM relation AS relation_11
                WHERE (
                    relation_11.record = $1::VARCHAR
                    AND relation_11.kind = 'opposed'
                    AND relation_11.starts <= carnet.now()
                    AND relation_11.ends > carnet.now()
                    AND relation_11.subject = 'ETREAT'
                )
            )
        ) THEN 1048576
        ELSE 0
    END + CASE
        WHEN (
            EXISTS (
                SELECT *
                FROM patient
                WHERE (
                    patient.record = $1::VARCHAR
                    AND patient.birth_date IS NOT NULL
                    AND CAST(patient.birth_date + make_interval($10::INTEGER) AS TIMESTAMP WITH TIME ZONE) > carnet.now(
                    )
                )
            )
        ) THEN 2097152
        ELSE 0
    END AS INTEGER
) AS relations, least(
    (
        SELECT min(relation.starts) AS min_1
        FROM relation
        WHERE relation.record = $1::VARCHAR
        AND relation.starts > carnet.now()
    ), (
        SELECT min(relation.ends) AS min_2
        FROM relation
        WHERE relation.record = $1::VARCHAR
        AND relation.ends > carnet.now()
    ), (
        SELECT min(CAST(patient.birth_date + make_interval($10::INTEGER) AS TIMESTAMP WITH TIME ZONE)) AS min_3
        FROM patient
        WHERE patient.record = $1::VARCHAR
        AND CAST(patient.birth_date + make_interval($10::INTEGER) AS TIMESTAMP WITH TIME ZONE) > carnet.now()
    )
) AS expiry, coalesce(
    (
        SELECT bit_or(
            (
                1 | CASE
                    WHEN (
                        EXISTS (
                            SELECT *
                            FROM told
                            WHERE told.record = $1::VARCHAR
                            AND told.party = contact.party
                            AND told.kind = 'access'
                            AND told.subject = $3::VARCHAR
                        )
                    ) THEN 0
                    ELSE 2
                END
            ) | CASE WHEN ('access' = any(contact.choices)) THEN 4 ELSE 0 END
        ) AS bit_or_1
        FROM contact
        WHERE contact.record = $1::VARCHAR
        AND (
            contact.party = ''
            OR (
                EXISTS (
                    SELECT *
                    FROM relation
                    WHERE relation.record = $1::VARCHAR
                    AND relation.kind = 'represents'
                    AND relation.subject = concat($11::VARCHAR, contact.party)
                    AND relation.starts <= carnet.now()
                    AND relation.ends > carnet.now()
                )
            )
        )
    ), 0
) AS ears, CASE
    WHEN (
        EXISTS (
            SELECT 'Consent/' || consent_1.id AS anon_1
            FROM consent AS consent_1
            WHERE (consent_1.record = $1::VARCHAR)
            AND consent_1.secret
        )
    ) THEN CAST(
        CASE
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_12
                    WHERE (
                        relation_12.record = $1::VARCHAR
                        AND relation_12.kind = 'blocked'
                        AND relation_12.starts <= carnet.now()
                        AND relation_12.ends > carnet.now()
                        AND relation_12.subject = $3::VARCHAR
                        AND NOT (
                            relation_12.source = any(
                                array(
                                    (
                                        SELECT 'Consent/' || consent_2.id AS anon_2
                                        FROM consent AS consent_2
                                        WHERE (consent_2.record = $1::VARCHAR)
                                        AND consent_2.secret
                                    )
                                )
                            )
                        )
                    )
                )
            ) THEN 16384
            ELSE 0
        END + CASE
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_13
                    WHERE (
                        relation_13.record = $1::VARCHAR
                        AND relation_13.kind = 'blocked'
                        AND relation_13.starts <= carnet.now()
                        AND relation_13.ends > carnet.now()
                        AND relation_13.subject = any($4::TEXT[])
                        AND NOT (
                            relation_13.source = any(
                                array(
                                    (
                                        SELECT 'Consent/' || consent_3.id AS anon_3
                                        FROM consent AS consent_3
                                        WHERE (consent_3.record = $1::VARCHAR)
                                        AND consent_3.secret
                                    )
                                )
                            )
                        )
                    )
                )
            ) THEN 32768
            ELSE 0
        END + CASE
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_14
                    WHERE (
                        relation_14.record = $1::VARCHAR
                        AND relation_14.kind = 'full-access'
                        AND relation_14.starts <= carnet.now()
                        AND relation_14.ends > carnet.now()
                        AND relation_14.subject = $3::VARCHAR
                        AND NOT (
                            relation_14.source = any(
                                array(
                                    (
                                        SELECT 'Consent/' || consent_4.id AS anon_4
                                        FROM consent AS consent_4
                                        WHERE (consent_4.record = $1::VARCHAR)
                                        AND consent_4.secret
                                    )
                                )
                            )
                        )
                    )
                )
            ) THEN 65536
            ELSE 0
        END + CASE
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_15
                        WHERE (
                            relation_15.record = $1::VARCHAR
                            AND relation_15.kind = 'authorised'
                            AND relation_15.starts <= carnet.now()
                            AND relation_15.ends > carnet.now()
                            AND relation_15.subject = $3::VARCHAR
                            AND (relation_15.within = '' OR relation_15.within = $5::VARCHAR)
                            AND NOT (
                                relation_15.source = any(
                                    array(
                                        (
                                            SELECT 'Consent/' || consent_5.id AS anon_5
                                            FROM consent AS consent_5
                                            WHERE (consent_5.record = $1::VARCHAR)
                                            AND consent_5.secret
                                        )
                                    )
                                )
                            )
                        )
                    )
                )
                OR NOT [flags&2]
                AND (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_16
                        WHERE (
                            relation_16.record = $1::VARCHAR
                            AND relation_16.kind = 'authorised'
                            AND relation_16.starts <= carnet.now()
                            AND relation_16.ends > carnet.now()
                            AND (
                                relation_16.subject = any($4::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_17
                                        WHERE (
                                            relation_17.record = $1::VARCHAR
                                            AND relation_17.kind = 'member'
                                            AND concat(
                                                $12::VARCHAR, split_part(
                                                    relation_17.source, $13::VARCHAR, $14::INTEGER
                                                )
                                            ) = relation_16.subject
                                            AND relation_17.starts <= carnet.now()
                                            AND relation_17.ends > carnet.now()
                                            AND relation_17.subject = $3::VARCHAR
                                            AND (relation_17.within = '' OR relation_17.within = $5::VARCHAR)
                                        )
                                    )
                                )
                            )
                            AND NOT (
                                relation_16.source = any(
                                    array(
                                        (
                                            SELECT 'Consent/' || consent_6.id AS anon_6
                                            FROM consent AS consent_6
                                            WHERE (consent_6.record = $1::VARCHAR)
                                            AND consent_6.secret
                                        )
                                    )
                                )
                            )
                        )
                    )
                )
                AND NOT (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_13
                        WHERE (
                            relation_13.record = $1::VARCHAR
                            AND relation_13.kind = 'blocked'
                            AND relation_13.starts <= carnet.now()
                            AND relation_13.ends > carnet.now()
                            AND relation_13.subject = any($4::TEXT[])
                            AND NOT (
                                relation_13.source = any(
                                    array(
                                        (
                                            SELECT 'Consent/' || consent_3.id AS anon_3
                                            FROM consent AS consent_3
                                            WHERE (consent_3.record = $1::VARCHAR)
                                            AND consent_3.secret
                                        )
                                    )
                                )
                            )
                        )
                    )
                )
            ) THEN 131072
            ELSE 0
        END + CASE
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_18
                    WHERE (
                        relation_18.record = $1::VARCHAR
                        AND relation_18.kind = 'opposed'
                        AND relation_18.starts <= carnet.now()
                        AND relation_18.ends > carnet.now()
                        AND relation_18.subject = 'BTG'
                        AND NOT (
                            relation_18.source = any(
                                array(
                                    (
                                        SELECT 'Consent/' || consent_7.id AS anon_7
                                        FROM consent AS consent_7
                                        WHERE (consent_7.record = $1::VARCHAR)
                                        AND consent_7.secret
                                    )
                                )
                            )
                        )
                    )
                )
            ) THEN 524288
            ELSE 0
        END + CASE
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_19
                    WHERE (
                        relation_19.record = $1::VARCHAR
                        AND relation_19.kind = 'opposed'
                        AND relation_19.starts <= carnet.now()
                        AND relation_19.ends > carnet.now()
                        AND relation_19.subject = 'ETREAT'
                        AND NOT (
                            relation_19.source = any(
                                array(
                                    (
                                        SELECT 'Consent/' || consent_8.id AS anon_8
                                        FROM consent AS consent_8
                                        WHERE (consent_8.record = $1::VARCHAR)
                                        AND consent_8.secret
                                    )
                                )
                            )
                        )
                    )
                )
            ) THEN 1048576
            ELSE 0
        END AS INTEGER
    )
    ELSE -1
END AS known
FROM record
WHERE record.id = $1::VARCHAR
AND (SELECT concat(set_config('carnet.record', $1::VARCHAR, true)) AS concat_4) IS NOT NULL
