-- Patient
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
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
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $19::VARCHAR, true), set_config(
                'carnet.subject', $20::VARCHAR, true
            ), set_config('carnet.structure', $21::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- RelatedPerson
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
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
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $19::VARCHAR, true), set_config(
                'carnet.subject', $20::VARCHAR, true
            ), set_config('carnet.structure', $21::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- CareTeam
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
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
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $19::VARCHAR, true), set_config(
                'carnet.subject', $20::VARCHAR, true
            ), set_config('carnet.structure', $21::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- Consent
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&2048]) THEN true
        WHEN ([flags&4096] AND version_1.secret) THEN false
        WHEN ([flags&4096]) THEN true
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN (([flags&1] OR [flags&2]) AND $11::VARCHAR = any(version_1.names)) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $13::VARCHAR, true), set_config(
                'carnet.subject', $11::VARCHAR, true
            ), set_config('carnet.structure', $14::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- DocumentReference
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN (version_1.withdrawn AND NOT (version_1.depositor = $5::VARCHAR AND ([flags&1] OR [flags&2]))) THEN false
        WHEN (([flags&2048] OR [flags&4096]) AND version_1.announce_at > carnet.now()) THEN false
        WHEN ([flags&2048]) THEN true
        WHEN ([flags&4096] AND version_1.hidden) THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN (version_1.depositor = $5::VARCHAR) THEN true
        WHEN version_1.masked THEN false
        WHEN NOT CASE
            WHEN (version_1.kind < $14::INTEGER) THEN get_bit($15::BYTEA, version_1.kind) = 1
            ELSE false
        END THEN false
        WHEN ([flags&131072]) THEN true
        WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
        WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
        WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $22::VARCHAR, true
            ), set_config('carnet.structure', $23::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- Binary
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&4096] AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM "binary" AS binary_1
                WHERE (
                    binary_1.record = $1::VARCHAR
                    AND binary_1.id = version_1.id
                    AND (
                        CASE
                            WHEN (binary_1.document = '') THEN CASE
                                WHEN (coalesce(record.status, 'open') != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN ([flags&16384]) THEN false
                                WHEN (
                                    binary_1.depositor = $7::VARCHAR
                                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                                ) THEN true
                                ELSE false
                            END
                            ELSE EXISTS (
                                SELECT *
                                FROM document_reference AS document_reference_1
                                WHERE (
                                    document_reference_1.record = $1::VARCHAR
                                    AND document_reference_1.id = binary_1.document
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
                )
            )
        ) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM "binary" AS binary_1
                    WHERE (binary_1.record = $1::VARCHAR AND binary_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $7::VARCHAR
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $7::VARCHAR, true), set_config(
                'carnet.subject', $22::VARCHAR, true
            ), set_config('carnet.structure', $23::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- List
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&4096] AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM list AS list_1
                WHERE (
                    list_1.record = $1::VARCHAR
                    AND list_1.id = version_1.id
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
                                            document_reference_1.record = $1::VARCHAR
                                            AND ('DocumentReference/' || document_reference_1.id) = any(
                                                list_1.p_item
                                            )
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
                                )
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM consent AS consent_1
                                        WHERE (
                                            consent_1.record = $1::VARCHAR
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
                                                        AND $21::VARCHAR = any(consent_1.names)
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
                                            care_team_1.record = $1::VARCHAR
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
                                            related_person_1.record = $1::VARCHAR
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
                                                split_part(anon_1.name, '/', $22::INTEGER), $1::VARCHAR || '.'
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
                                list_1.depositor = $6::VARCHAR
                                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                            ) THEN true
                            ELSE false
                        END
                    )
                )
            )
        ) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM list AS list_1
                    WHERE (list_1.record = $1::VARCHAR AND list_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $6::VARCHAR
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $6::VARCHAR, true), set_config(
                'carnet.subject', $21::VARCHAR, true
            ), set_config('carnet.structure', $24::VARCHAR, true)
        )
    END AS anon_2
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- Provenance
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&4096] AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM provenance AS provenance_1
                WHERE (
                    provenance_1.record = $1::VARCHAR
                    AND provenance_1.id = version_1.id
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
                                            document_reference_1.record = $1::VARCHAR
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
                                )
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM consent AS consent_1
                                        WHERE (
                                            consent_1.record = $1::VARCHAR
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
                                                        AND $21::VARCHAR = any(consent_1.names)
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
                                            care_team_1.record = $1::VARCHAR
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
                                            related_person_1.record = $1::VARCHAR
                                            AND ('RelatedPerson/' || related_person_1.id) = any(
                                                provenance_1.p_target
                                            )
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
                                                split_part(anon_1.name, '/', $22::INTEGER), $1::VARCHAR || '.'
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
                                provenance_1.depositor = $6::VARCHAR
                                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                            ) THEN true
                            ELSE false
                        END
                    )
                )
            )
        ) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM provenance AS provenance_1
                    WHERE (provenance_1.record = $1::VARCHAR AND provenance_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $6::VARCHAR
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $6::VARCHAR, true), set_config(
                'carnet.subject', $21::VARCHAR, true
            ), set_config('carnet.structure', $24::VARCHAR, true)
        )
    END AS anon_2
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- Task
SELECT version_1.version_id, version_1.last_updated, version_1.method, version_1.body,
  version_1.filtered, version_1.depositor
FROM version AS version_1
JOIN record ON record.id = version_1.record
WHERE version_1.record = $1::VARCHAR
AND version_1.type = $2::VARCHAR
AND version_1.id = $3::VARCHAR
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&4096] AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM task AS task_1
                WHERE (
                    task_1.record = $1::VARCHAR
                    AND task_1.id = version_1.id
                    AND (
                        CASE
                            WHEN (record.status != 'open') THEN false
                            WHEN ([flags&240]) THEN false
                            WHEN (
                                (
                                    task_1.requester != ''
                                    AND (task_1.requester = $6::VARCHAR OR task_1.requester = $7::VARCHAR)
                                    OR task_1.owner != ''
                                    AND (task_1.owner = $6::VARCHAR OR task_1.owner = $7::VARCHAR)
                                )
                                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                            ) THEN true
                            ELSE false
                        END
                    )
                )
            )
        ) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM task AS task_1
                    WHERE (task_1.record = $1::VARCHAR AND task_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $12::VARCHAR
            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $12::VARCHAR, true), set_config(
                'carnet.subject', $6::VARCHAR, true
            ), set_config('carnet.structure', $7::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC

-- every DocumentReference
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $9::VARCHAR AS anon_1
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($10::TEXT[])
                    UNION
                    SELECT record.id
                    FROM record
                    WHERE [flags&8]
                    UNION
                    SELECT way.deposit_document_reference.record
                    FROM way.deposit_document_reference
                    WHERE way.deposit_document_reference.depositor BETWEEN $2::VARCHAR
                    AND $2::VARCHAR
                    UNION
                    SELECT way.deposit_list.record
                    FROM way.deposit_list
                    WHERE way.deposit_list.depositor BETWEEN $2::VARCHAR
                    AND $2::VARCHAR
                    UNION
                    SELECT way.consent.record
                    FROM way.consent
                    WHERE way.consent.names @> CAST(ARRAY[$11::VARCHAR] AS TEXT[])
                    UNION
                    SELECT way.deposit_provenance.record
                    FROM way.deposit_provenance
                    WHERE way.deposit_provenance.depositor BETWEEN $2::VARCHAR
                    AND $2::VARCHAR
                )
            )
        ) AS id
    ) AS key
    JOIN record ON record.id = key.id
    JOIN LATERAL (
        SELECT CAST(
            CASE WHEN (record.id = $9::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $11::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $11::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $11::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($12::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $11::VARCHAR
                    ), false
                ) THEN 65536
                ELSE 0
            END + CASE
                WHEN (
                    coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $11::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $13::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($12::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $14::VARCHAR, split_part(
                                                    relation_2.source, $15::VARCHAR, $16::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $11::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $13::VARCHAR)
                                        )
                                    )
                                )
                            )
                        ), false
                    )
                    AND NOT coalesce(
                        bool_or(
                            relation_1.kind = 'blocked'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = any($12::TEXT[])
                        ), false
                    )
                ) THEN 131072
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'window'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $11::VARCHAR
                    ), false
                ) THEN 262144
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'opposed'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = 'BTG'
                    ), false
                ) THEN 524288
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'opposed'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = 'ETREAT'
                    ), false
                ) THEN 1048576
                ELSE 0
            END AS INTEGER
        ) AS relations
        FROM relation AS relation_1
        WHERE relation_1.record = record.id
    ) AS toward ON true
), "reach_DocumentReference" AS (
    SELECT array(
        (
            SELECT $9::VARCHAR AS anon_1
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = any($10::TEXT[])
            UNION
            SELECT record.id
            FROM record
            WHERE [flags&8]
            UNION
            SELECT way.deposit_document_reference.record
            FROM way.deposit_document_reference
            WHERE way.deposit_document_reference.depositor BETWEEN $2::VARCHAR
            AND $2::VARCHAR
        )
    ) AS found
), seen AS (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.method AS method,
      document_reference_1.body AS body, document_reference_1.filtered AS filtered,
      document_reference_1.depositor AS depositor, document_reference_1.secret AS secret,
      document_reference_1.record AS record, (
        CASE
            WHEN (near.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (
                ((near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
                AND document_reference_1.announce_at > carnet.now()
            ) THEN 'announcement-pending'
            WHEN ((near.relations & 2048) != 0) THEN 'holder'
            WHEN ((near.relations & 4096) != 0 AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ((near.relations & 4096) != 0) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ((near.relations & 16384) != 0) THEN 'blocked'
            WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $6::INTEGER) THEN get_bit(
                    $7::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ((near.relations & 131072) != 0) THEN 'authorised'
            WHEN ((near.relations & 262144) != 0 AND [flags&1] AND (near.relations & 524288) = 0) THEN 'break-glass'
            WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN 'regulation'
            WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict
    FROM near
    JOIN document_reference AS document_reference_1 ON document_reference_1.record = near.id
    WHERE (
        SELECT concat(
            set_config(
                'carnet.reach', (
                    SELECT CASE
                        WHEN ([flags&8]) THEN $17::VARCHAR
                        ELSE concat_ws(
                            $18::VARCHAR, current_setting($19::VARCHAR, true),
                              array_to_string(
                                array_remove("reach_DocumentReference".found, $20::VARCHAR), $21::VARCHAR
                            )
                        )
                    END AS anon_2
                    FROM "reach_DocumentReference"
                ), true
            )
        ) AS concat_2
    ) IS NOT NULL
    AND $22::VARCHAR IN ('', document_reference_1.record)
    AND document_reference_1.last_updated >= $23::TIMESTAMP WITH TIME ZONE
    AND (
        CASE
            WHEN (near.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (
                ((near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
                AND document_reference_1.announce_at > carnet.now()
            ) THEN false
            WHEN ((near.relations & 2048) != 0) THEN true
            WHEN ((near.relations & 4096) != 0 AND document_reference_1.hidden) THEN false
            WHEN ((near.relations & 4096) != 0) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN true
            WHEN ((near.relations & 16384) != 0) THEN false
            WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $6::INTEGER) THEN get_bit(
                    $7::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN false
            WHEN ((near.relations & 131072) != 0) THEN true
            WHEN ((near.relations & 262144) != 0 AND [flags&1] AND (near.relations & 524288) = 0) THEN true
            WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN true
            WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN false
            ELSE false
        END
    )
)
SELECT head.newest_matrix, head.fresh, page.id, page.version_id, page.last_updated,
  page.method, page.body, page.filtered, page.depositor, page.secret, page.record,
  page.verdict, page.name
FROM (
    SELECT (SELECT max(matrix_version.version) AS max_1 FROM matrix_version) AS newest_matrix, true AS fresh
) AS head
LEFT OUTER JOIN LATERAL (
    SELECT one.id AS id, one.version_id AS version_id, one.last_updated AS last_updated,
      one.method AS method, one.body AS body, one.filtered AS filtered, one.depositor AS depositor,
      one.secret AS secret, one.record AS record, one.verdict AS verdict, one.id || '/' || one.version_id COLLATE "C" AS name
    FROM (
        SELECT seen.id AS id, seen.version_id AS version_id, seen.last_updated AS last_updated,
          seen.method AS method, seen.body AS body, seen.filtered AS filtered,
          seen.depositor AS depositor, seen.secret AS secret, seen.record AS record,
          seen.verdict AS verdict
        FROM seen
        WHERE seen.last_updated <= $24::TIMESTAMP WITH TIME ZONE
        UNION ALL
        SELECT version_1.id AS id, version_1.version_id AS version_id, version_1.last_updated AS last_updated,
          version_1.method AS method, version_1.body AS body, version_1.filtered AS filtered,
          version_1.depositor AS depositor, version_1.secret AS secret, version_1.record AS record,
          (
            CASE
                WHEN (near.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN (
                    version_1.withdrawn
                    AND NOT (version_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
                ) THEN 'withdrawn'
                WHEN (
                    ((near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
                    AND version_1.announce_at > carnet.now()
                ) THEN 'announcement-pending'
                WHEN ((near.relations & 2048) != 0) THEN 'holder'
                WHEN ((near.relations & 4096) != 0 AND version_1.hidden) THEN 'hidden-from-representatives'
                WHEN ((near.relations & 4096) != 0) THEN 'representative'
                WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
                WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
                WHEN ((near.relations & 16384) != 0) THEN 'blocked'
                WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN 'full-access'
                WHEN (version_1.depositor = $2::VARCHAR) THEN 'depositor'
                WHEN version_1.masked THEN 'masked'
                WHEN NOT CASE
                    WHEN (version_1.kind < $6::INTEGER) THEN get_bit($7::BYTEA, version_1.kind) = 1
                    ELSE false
                END THEN 'outside-profession'
                WHEN ((near.relations & 131072) != 0) THEN 'authorised'
                WHEN ((near.relations & 262144) != 0 AND [flags&1] AND (near.relations & 524288) = 0) THEN 'break-glass'
                WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN 'regulation'
                WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
                ELSE 'not-authorised'
            END
        ) AS verdict
        FROM near
        JOIN version AS version_1 ON version_1.record = near.id
        WHERE (
            SELECT concat(
                set_config(
                    'carnet.reach', (
                        SELECT CASE
                            WHEN ([flags&8]) THEN $25::VARCHAR
                            ELSE concat_ws(
                                $26::VARCHAR, current_setting($27::VARCHAR, true),
                                  array_to_string(
                                    array_remove("reach_DocumentReference".found, $28::VARCHAR), $29::VARCHAR
                                )
                            )
                        END AS anon_3
                        FROM "reach_DocumentReference"
                    ), true
                )
            ) AS concat_3
        ) IS NOT NULL
        AND $22::VARCHAR IN ('', version_1.record)
        AND version_1.type = 'DocumentReference'
        AND version_1.last_updated >= $23::TIMESTAMP WITH TIME ZONE
        AND version_1.last_updated <= $24::TIMESTAMP WITH TIME ZONE
        AND (
            CASE
                WHEN (near.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN (
                    version_1.withdrawn
                    AND NOT (version_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
                ) THEN false
                WHEN (
                    ((near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
                    AND version_1.announce_at > carnet.now()
                ) THEN false
                WHEN ((near.relations & 2048) != 0) THEN true
                WHEN ((near.relations & 4096) != 0 AND version_1.hidden) THEN false
                WHEN ((near.relations & 4096) != 0) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN true
                WHEN ((near.relations & 16384) != 0) THEN false
                WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN true
                WHEN (version_1.depositor = $2::VARCHAR) THEN true
                WHEN version_1.masked THEN false
                WHEN NOT CASE
                    WHEN (version_1.kind < $6::INTEGER) THEN get_bit($7::BYTEA, version_1.kind) = 1
                    ELSE false
                END THEN false
                WHEN ((near.relations & 131072) != 0) THEN true
                WHEN ((near.relations & 262144) != 0 AND [flags&1] AND (near.relations & 524288) = 0) THEN true
                WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN true
                WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN false
                ELSE false
            END
        )
        AND (
            (EXISTS (SELECT * FROM seen WHERE seen.record = version_1.record AND seen.id = version_1.id))
            OR NOT (
                EXISTS (
                    SELECT *
                    FROM document_reference AS document_reference_2
                    WHERE (
                        document_reference_2.record = version_1.record
                        AND document_reference_2.id = version_1.id
                    )
                )
            )
            AND (
                EXISTS (
                    SELECT *
                    FROM version AS version_2
                    WHERE (
                        version_2.record = version_1.record
                        AND version_2.type = version_1.type
                        AND version_2.id = version_1.id
                        AND version_2.method = 'DELETE'
                        AND (
                            CASE
                                WHEN (near.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN (
                                    version_2.withdrawn
                                    AND NOT (version_2.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
                                ) THEN false
                                WHEN (
                                    ((near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
                                    AND version_2.announce_at > carnet.now()
                                ) THEN false
                                WHEN ((near.relations & 2048) != 0) THEN true
                                WHEN ((near.relations & 4096) != 0 AND version_2.hidden) THEN false
                                WHEN ((near.relations & 4096) != 0) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN true
                                WHEN ((near.relations & 16384) != 0) THEN false
                                WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN true
                                WHEN (version_2.depositor = $2::VARCHAR) THEN true
                                WHEN version_2.masked THEN false
                                WHEN NOT CASE
                                    WHEN (version_2.kind < $6::INTEGER) THEN get_bit(
                                        $7::BYTEA, version_2.kind
                                    ) = 1
                                    ELSE false
                                END THEN false
                                WHEN ((near.relations & 131072) != 0) THEN true
                                WHEN (
                                    (near.relations & 262144) != 0
                                    AND [flags&1]
                                    AND (near.relations & 524288) = 0
                                ) THEN true
                                WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN true
                                WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
        )
    ) AS one
    WHERE one.last_updated < $24::TIMESTAMP WITH TIME ZONE
    OR one.last_updated = $24::TIMESTAMP WITH TIME ZONE
    AND (one.id || '/' || one.version_id COLLATE "C") > $30::VARCHAR
    ORDER BY one.last_updated DESC, name
    LIMIT $31::INTEGER
) AS page ON true

-- every Practitioner
SELECT head.newest_matrix, head.fresh, page.id, page.version_id, page.last_updated,
  page.method, page.body, page.filtered, page.depositor, page.secret, page.record,
  page.verdict, page.name
FROM (
    SELECT (SELECT max(matrix_version.version) AS max_1 FROM matrix_version) AS newest_matrix,
      (
        SELECT record.policy_version = $1::BIGINT
        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_2 FROM matrix_version)
        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS anon_1
        FROM record
        WHERE record.id = $4::VARCHAR
    ) AS fresh
) AS head
LEFT OUTER JOIN LATERAL (
    SELECT one.id AS id, one.version_id AS version_id, one.last_updated AS last_updated,
      one.method AS method, one.body AS body, one.filtered AS filtered, one.depositor AS depositor,
      one.secret AS secret, one.record AS record, one.verdict AS verdict, one.id || '/' || one.version_id COLLATE "C" AS name
    FROM (
        SELECT practitioner.id AS id, practitioner.version_id AS version_id,
          practitioner.last_updated AS last_updated, practitioner.method AS method,
          practitioner.body AS body, practitioner.filtered AS filtered, practitioner.depositor AS depositor,
          practitioner.secret AS secret, '' AS record, '' AS verdict
        FROM practitioner
        WHERE practitioner.last_updated >= $5::TIMESTAMP WITH TIME ZONE
        AND practitioner.last_updated <= $6::TIMESTAMP WITH TIME ZONE
        UNION ALL
        SELECT version_1.id AS id, version_1.version_id AS version_id, version_1.last_updated AS last_updated,
          version_1.method AS method, version_1.body AS body, version_1.filtered AS filtered,
          version_1.depositor AS depositor, version_1.secret AS secret, '' AS record,
          '' AS verdict
        FROM version AS version_1
        WHERE version_1.last_updated >= $5::TIMESTAMP WITH TIME ZONE
        AND version_1.last_updated <= $6::TIMESTAMP WITH TIME ZONE
        AND version_1.record = ''
        AND version_1.type = 'Practitioner'
    ) AS one
    WHERE one.last_updated < $6::TIMESTAMP WITH TIME ZONE
    OR one.last_updated = $6::TIMESTAMP WITH TIME ZONE
    AND (one.id || '/' || one.version_id COLLATE "C") > $7::VARCHAR
    ORDER BY one.last_updated DESC, name
    LIMIT $8::INTEGER
) AS page ON true
WHERE (SELECT concat(set_config('carnet.record', $4::VARCHAR, true)) AS concat_1) IS NOT NULL
