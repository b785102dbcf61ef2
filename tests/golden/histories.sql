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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN (($4::INTEGER & 2048) != 0) THEN true
        WHEN false THEN false
        WHEN (($4::INTEGER & 4096) != 0) THEN true
        WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
        WHEN (($4::INTEGER & 8192) != 0 AND ($4::INTEGER & 4) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN (($4::INTEGER & 131072) != 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 AND ($4::INTEGER & 524288) = 0) THEN true
        WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 OR ($4::INTEGER & 8) != 0) THEN false
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $6::VARCHAR, true
            ), set_config('carnet.structure', $7::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN (($4::INTEGER & 2048) != 0) THEN true
        WHEN false THEN false
        WHEN (($4::INTEGER & 4096) != 0) THEN true
        WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
        WHEN (($4::INTEGER & 8192) != 0 AND ($4::INTEGER & 4) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN (($4::INTEGER & 131072) != 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 AND ($4::INTEGER & 524288) = 0) THEN true
        WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 OR ($4::INTEGER & 8) != 0) THEN false
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $6::VARCHAR, true
            ), set_config('carnet.structure', $7::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN false THEN false
        WHEN false THEN false
        WHEN (($4::INTEGER & 2048) != 0) THEN true
        WHEN false THEN false
        WHEN (($4::INTEGER & 4096) != 0) THEN true
        WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
        WHEN (($4::INTEGER & 8192) != 0 AND ($4::INTEGER & 4) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN false THEN true
        WHEN false THEN false
        WHEN false THEN false
        WHEN (($4::INTEGER & 131072) != 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 AND ($4::INTEGER & 524288) = 0) THEN true
        WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 OR ($4::INTEGER & 8) != 0) THEN false
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $6::VARCHAR, true
            ), set_config('carnet.structure', $7::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN (($4::INTEGER & 2048) != 0) THEN true
        WHEN (($4::INTEGER & 4096) != 0 AND version_1.secret) THEN false
        WHEN (($4::INTEGER & 4096) != 0) THEN true
        WHEN (($4::INTEGER & 8192) != 0 AND ($4::INTEGER & 4) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN ((($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0) AND $5::VARCHAR = any(version_1.names)) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $6::VARCHAR, true), set_config(
                'carnet.subject', $5::VARCHAR, true
            ), set_config('carnet.structure', $7::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN (
            version_1.withdrawn
            AND NOT (version_1.depositor = $5::VARCHAR AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0))
        ) THEN false
        WHEN (
            (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)
            AND version_1.announce_at > carnet.now()
        ) THEN false
        WHEN (($4::INTEGER & 2048) != 0) THEN true
        WHEN (($4::INTEGER & 4096) != 0 AND version_1.hidden) THEN false
        WHEN (($4::INTEGER & 4096) != 0) THEN true
        WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
        WHEN (($4::INTEGER & 8192) != 0 AND ($4::INTEGER & 4) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
        WHEN (version_1.depositor = $5::VARCHAR) THEN true
        WHEN version_1.masked THEN false
        WHEN NOT CASE
            WHEN (version_1.kind < $6::INTEGER) THEN get_bit($7::BYTEA, version_1.kind) = 1
            ELSE false
        END THEN false
        WHEN (($4::INTEGER & 131072) != 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 AND ($4::INTEGER & 524288) = 0) THEN true
        WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
        WHEN (($4::INTEGER & 262144) != 0 AND ($4::INTEGER & 1) != 0 OR ($4::INTEGER & 8) != 0) THEN false
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $8::VARCHAR, true
            ), set_config('carnet.structure', $9::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN (($4::INTEGER & 4096) != 0 AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM "binary" AS binary_1
                WHERE (
                    binary_1.record = version_1.record
                    AND binary_1.id = version_1.id
                    AND (
                        CASE
                            WHEN (binary_1.document = '') THEN CASE
                                WHEN (coalesce(record.status, 'open') != 'open') THEN false
                                WHEN (($4::INTEGER & 240) != 0) THEN false
                                WHEN (($4::INTEGER & 16384) != 0) THEN false
                                WHEN (
                                    binary_1.depositor = $5::VARCHAR
                                    AND (
                                        ($4::INTEGER & 1) != 0
                                        OR ($4::INTEGER & 2) != 0
                                        OR ($4::INTEGER & 2048) != 0
                                        OR ($4::INTEGER & 4096) != 0
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
                                            WHEN (record.status != 'open') THEN false
                                            WHEN (($4::INTEGER & 240) != 0) THEN false
                                            WHEN (
                                                document_reference_1.withdrawn
                                                AND NOT (
                                                    document_reference_1.depositor = $5::VARCHAR
                                                    AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                )
                                            ) THEN false
                                            WHEN (
                                                (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)
                                                AND document_reference_1.announce_at > carnet.now()
                                            ) THEN false
                                            WHEN (($4::INTEGER & 2048) != 0) THEN true
                                            WHEN (($4::INTEGER & 4096) != 0 AND document_reference_1.hidden) THEN false
                                            WHEN (($4::INTEGER & 4096) != 0) THEN true
                                            WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
                                            WHEN (
                                                ($4::INTEGER & 8192) != 0
                                                AND ($4::INTEGER & 4) != 0
                                                AND ($4::INTEGER & 1) != 0
                                            ) THEN true
                                            WHEN (($4::INTEGER & 16384) != 0) THEN false
                                            WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
                                            WHEN (document_reference_1.depositor = $5::VARCHAR) THEN true
                                            WHEN document_reference_1.masked THEN false
                                            WHEN NOT CASE
                                                WHEN (document_reference_1.kind < $6::INTEGER) THEN get_bit(
                                                    $7::BYTEA, document_reference_1.kind
                                                ) = 1
                                                ELSE false
                                            END THEN false
                                            WHEN (($4::INTEGER & 131072) != 0) THEN true
                                            WHEN (
                                                ($4::INTEGER & 262144) != 0
                                                AND ($4::INTEGER & 1) != 0
                                                AND ($4::INTEGER & 524288) = 0
                                            ) THEN true
                                            WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
                                            WHEN (
                                                ($4::INTEGER & 262144) != 0
                                                AND ($4::INTEGER & 1) != 0
                                                OR ($4::INTEGER & 8) != 0
                                            ) THEN false
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
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM "binary" AS binary_1
                    WHERE (binary_1.record = version_1.record AND binary_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $5::VARCHAR
            AND (
                ($4::INTEGER & 1) != 0
                OR ($4::INTEGER & 2) != 0
                OR ($4::INTEGER & 2048) != 0
                OR ($4::INTEGER & 4096) != 0
            )
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $8::VARCHAR, true
            ), set_config('carnet.structure', $9::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN (($4::INTEGER & 4096) != 0 AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM list AS list_1
                WHERE (
                    list_1.record = version_1.record
                    AND list_1.id = version_1.id
                    AND (
                        CASE
                            WHEN (record.status != 'open') THEN false
                            WHEN (($4::INTEGER & 240) != 0) THEN false
                            WHEN (($4::INTEGER & 4096) != 0 AND list_1.secret) THEN false
                            WHEN CASE
                                WHEN list_1.filtered THEN (
                                    EXISTS (
                                        SELECT *
                                        FROM document_reference AS document_reference_1
                                        WHERE (
                                            document_reference_1.record = list_1.record
                                            AND ('DocumentReference/' || document_reference_1.id) = any(
                                                list_1.p_item
                                            )
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN (
                                                        document_reference_1.withdrawn
                                                        AND NOT (
                                                            document_reference_1.depositor = $5::VARCHAR
                                                            AND (
                                                                ($4::INTEGER & 1) != 0
                                                                OR ($4::INTEGER & 2) != 0
                                                            )
                                                        )
                                                    ) THEN false
                                                    WHEN (
                                                        (
                                                            ($4::INTEGER & 2048) != 0
                                                            OR ($4::INTEGER & 4096) != 0
                                                        )
                                                        AND document_reference_1.announce_at > carnet.now()
                                                    ) THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 4096) != 0
                                                        AND document_reference_1.hidden
                                                    ) THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                    ) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 65536) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (document_reference_1.depositor = $5::VARCHAR) THEN true
                                                    WHEN document_reference_1.masked THEN false
                                                    WHEN NOT CASE
                                                        WHEN (document_reference_1.kind < $6::INTEGER) THEN get_bit(
                                                            $7::BYTEA, document_reference_1.kind
                                                        ) = 1
                                                        ELSE false
                                                    END THEN false
                                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        AND ($4::INTEGER & 524288) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8) != 0
                                                        AND ($4::INTEGER & 1048576) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        OR ($4::INTEGER & 8) != 0
                                                    ) THEN false
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
                                            consent_1.record = list_1.record
                                            AND ('Consent/' || consent_1.id) = any(list_1.p_item)
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN (($4::INTEGER & 4096) != 0 AND consent_1.secret) THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (
                                                        (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                        AND $8::VARCHAR = any(consent_1.names)
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
                                            care_team_1.record = list_1.record
                                            AND ('CareTeam/' || care_team_1.id) = any(list_1.p_item)
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                    ) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 65536) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN false THEN true
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        AND ($4::INTEGER & 524288) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8) != 0
                                                        AND ($4::INTEGER & 1048576) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        OR ($4::INTEGER & 8) != 0
                                                    ) THEN false
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
                                            related_person_1.record = list_1.record
                                            AND ('RelatedPerson/' || related_person_1.id) = any(list_1.p_item)
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                    ) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 65536) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN false THEN true
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        AND ($4::INTEGER & 524288) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8) != 0
                                                        AND ($4::INTEGER & 1048576) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        OR ($4::INTEGER & 8) != 0
                                                    ) THEN false
                                                    ELSE false
                                                END
                                            )
                                        )
                                    )
                                )
                                OR CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                    WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
                                    WHEN (
                                        ($4::INTEGER & 8192) != 0
                                        AND ($4::INTEGER & 4) != 0
                                        AND ($4::INTEGER & 1) != 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                    WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        AND ($4::INTEGER & 524288) = 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        OR ($4::INTEGER & 8) != 0
                                    ) THEN false
                                    ELSE false
                                END
                                AND (
                                    EXISTS (
                                        SELECT *
                                        FROM unnest(list_1.p_item) AS anon_1(name)
                                        WHERE (
                                            NOT starts_with(
                                                split_part(anon_1.name, '/', $9::INTEGER),
                                                  list_1.record || '.'
                                            )
                                        )
                                    )
                                )
                                ELSE CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                    WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
                                    WHEN (
                                        ($4::INTEGER & 8192) != 0
                                        AND ($4::INTEGER & 4) != 0
                                        AND ($4::INTEGER & 1) != 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                    WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        AND ($4::INTEGER & 524288) = 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        OR ($4::INTEGER & 8) != 0
                                    ) THEN false
                                    ELSE false
                                END
                            END THEN true
                            WHEN (($4::INTEGER & 16384) != 0) THEN false
                            WHEN (
                                list_1.depositor = $5::VARCHAR
                                AND (
                                    ($4::INTEGER & 1) != 0
                                    OR ($4::INTEGER & 2) != 0
                                    OR ($4::INTEGER & 2048) != 0
                                    OR ($4::INTEGER & 4096) != 0
                                )
                            ) THEN true
                            ELSE false
                        END
                    )
                )
            )
        ) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM list AS list_1
                    WHERE (list_1.record = version_1.record AND list_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $5::VARCHAR
            AND (
                ($4::INTEGER & 1) != 0
                OR ($4::INTEGER & 2) != 0
                OR ($4::INTEGER & 2048) != 0
                OR ($4::INTEGER & 4096) != 0
            )
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $8::VARCHAR, true
            ), set_config('carnet.structure', $10::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN (($4::INTEGER & 4096) != 0 AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM provenance AS provenance_1
                WHERE (
                    provenance_1.record = version_1.record
                    AND provenance_1.id = version_1.id
                    AND (
                        CASE
                            WHEN (record.status != 'open') THEN false
                            WHEN (($4::INTEGER & 240) != 0) THEN false
                            WHEN (($4::INTEGER & 4096) != 0 AND provenance_1.secret) THEN false
                            WHEN CASE
                                WHEN provenance_1.filtered THEN (
                                    EXISTS (
                                        SELECT *
                                        FROM document_reference AS document_reference_1
                                        WHERE (
                                            document_reference_1.record = provenance_1.record
                                            AND ('DocumentReference/' || document_reference_1.id) = any(
                                                provenance_1.p_target
                                            )
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN (
                                                        document_reference_1.withdrawn
                                                        AND NOT (
                                                            document_reference_1.depositor = $5::VARCHAR
                                                            AND (
                                                                ($4::INTEGER & 1) != 0
                                                                OR ($4::INTEGER & 2) != 0
                                                            )
                                                        )
                                                    ) THEN false
                                                    WHEN (
                                                        (
                                                            ($4::INTEGER & 2048) != 0
                                                            OR ($4::INTEGER & 4096) != 0
                                                        )
                                                        AND document_reference_1.announce_at > carnet.now()
                                                    ) THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 4096) != 0
                                                        AND document_reference_1.hidden
                                                    ) THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                    ) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 65536) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (document_reference_1.depositor = $5::VARCHAR) THEN true
                                                    WHEN document_reference_1.masked THEN false
                                                    WHEN NOT CASE
                                                        WHEN (document_reference_1.kind < $6::INTEGER) THEN get_bit(
                                                            $7::BYTEA, document_reference_1.kind
                                                        ) = 1
                                                        ELSE false
                                                    END THEN false
                                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        AND ($4::INTEGER & 524288) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8) != 0
                                                        AND ($4::INTEGER & 1048576) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        OR ($4::INTEGER & 8) != 0
                                                    ) THEN false
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
                                            consent_1.record = provenance_1.record
                                            AND ('Consent/' || consent_1.id) = any(provenance_1.p_target)
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN (($4::INTEGER & 4096) != 0 AND consent_1.secret) THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (
                                                        (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                        AND $8::VARCHAR = any(consent_1.names)
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
                                            care_team_1.record = provenance_1.record
                                            AND ('CareTeam/' || care_team_1.id) = any(provenance_1.p_target)
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                    ) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 65536) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN false THEN true
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        AND ($4::INTEGER & 524288) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8) != 0
                                                        AND ($4::INTEGER & 1048576) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        OR ($4::INTEGER & 8) != 0
                                                    ) THEN false
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
                                            related_person_1.record = provenance_1.record
                                            AND ('RelatedPerson/' || related_person_1.id) = any(
                                                provenance_1.p_target
                                            )
                                            AND (
                                                CASE
                                                    WHEN (record.status != 'open') THEN false
                                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                                    WHEN (
                                                        NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)
                                                    ) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 8192) != 0
                                                        AND ($4::INTEGER & 4) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                                    WHEN (
                                                        ($4::INTEGER & 65536) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                    ) THEN true
                                                    WHEN false THEN true
                                                    WHEN false THEN false
                                                    WHEN false THEN false
                                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        AND ($4::INTEGER & 524288) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 8) != 0
                                                        AND ($4::INTEGER & 1048576) = 0
                                                    ) THEN true
                                                    WHEN (
                                                        ($4::INTEGER & 262144) != 0
                                                        AND ($4::INTEGER & 1) != 0
                                                        OR ($4::INTEGER & 8) != 0
                                                    ) THEN false
                                                    ELSE false
                                                END
                                            )
                                        )
                                    )
                                )
                                OR CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                    WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
                                    WHEN (
                                        ($4::INTEGER & 8192) != 0
                                        AND ($4::INTEGER & 4) != 0
                                        AND ($4::INTEGER & 1) != 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                    WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        AND ($4::INTEGER & 524288) = 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        OR ($4::INTEGER & 8) != 0
                                    ) THEN false
                                    ELSE false
                                END
                                AND (
                                    EXISTS (
                                        SELECT *
                                        FROM unnest(provenance_1.p_target) AS anon_1(name)
                                        WHERE (
                                            NOT starts_with(
                                                split_part(anon_1.name, '/', $9::INTEGER),
                                                  provenance_1.record || '.'
                                            )
                                        )
                                    )
                                )
                                ELSE CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN (($4::INTEGER & 240) != 0) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 2048) != 0) THEN true
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 4096) != 0) THEN true
                                    WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2) != 0)) THEN false
                                    WHEN (
                                        ($4::INTEGER & 8192) != 0
                                        AND ($4::INTEGER & 4) != 0
                                        AND ($4::INTEGER & 1) != 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 16384) != 0) THEN false
                                    WHEN (($4::INTEGER & 65536) != 0 AND ($4::INTEGER & 1) != 0) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (($4::INTEGER & 131072) != 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        AND ($4::INTEGER & 524288) = 0
                                    ) THEN true
                                    WHEN (($4::INTEGER & 8) != 0 AND ($4::INTEGER & 1048576) = 0) THEN true
                                    WHEN (
                                        ($4::INTEGER & 262144) != 0
                                        AND ($4::INTEGER & 1) != 0
                                        OR ($4::INTEGER & 8) != 0
                                    ) THEN false
                                    ELSE false
                                END
                            END THEN true
                            WHEN (($4::INTEGER & 16384) != 0) THEN false
                            WHEN (
                                provenance_1.depositor = $5::VARCHAR
                                AND (
                                    ($4::INTEGER & 1) != 0
                                    OR ($4::INTEGER & 2) != 0
                                    OR ($4::INTEGER & 2048) != 0
                                    OR ($4::INTEGER & 4096) != 0
                                )
                            ) THEN true
                            ELSE false
                        END
                    )
                )
            )
        ) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM provenance AS provenance_1
                    WHERE (provenance_1.record = version_1.record AND provenance_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $5::VARCHAR
            AND (
                ($4::INTEGER & 1) != 0
                OR ($4::INTEGER & 2) != 0
                OR ($4::INTEGER & 2048) != 0
                OR ($4::INTEGER & 4096) != 0
            )
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $5::VARCHAR, true), set_config(
                'carnet.subject', $8::VARCHAR, true
            ), set_config('carnet.structure', $10::VARCHAR, true)
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
        WHEN (($4::INTEGER & 240) != 0) THEN false
        WHEN (($4::INTEGER & 4096) != 0 AND version_1.secret) THEN false
        WHEN (
            EXISTS (
                SELECT *
                FROM task AS task_1
                WHERE (
                    task_1.record = version_1.record
                    AND task_1.id = version_1.id
                    AND (
                        CASE
                            WHEN (record.status != 'open') THEN false
                            WHEN (($4::INTEGER & 240) != 0) THEN false
                            WHEN (
                                (
                                    task_1.requester != ''
                                    AND (task_1.requester = $5::VARCHAR OR task_1.requester = $6::VARCHAR)
                                    OR task_1.owner != ''
                                    AND (task_1.owner = $5::VARCHAR OR task_1.owner = $6::VARCHAR)
                                )
                                AND (
                                    ($4::INTEGER & 1) != 0
                                    OR ($4::INTEGER & 2) != 0
                                    OR ($4::INTEGER & 2048) != 0
                                    OR ($4::INTEGER & 4096) != 0
                                )
                            ) THEN true
                            ELSE false
                        END
                    )
                )
            )
        ) THEN true
        WHEN (($4::INTEGER & 16384) != 0) THEN false
        WHEN (
            NOT (
                EXISTS (
                    SELECT *
                    FROM task AS task_1
                    WHERE (task_1.record = version_1.record AND task_1.id = version_1.id)
                )
            )
            AND version_1.depositor = $7::VARCHAR
            AND (
                ($4::INTEGER & 1) != 0
                OR ($4::INTEGER & 2) != 0
                OR ($4::INTEGER & 2048) != 0
                OR ($4::INTEGER & 4096) != 0
            )
        ) THEN true
        ELSE false
    END
)
AND (
    SELECT CASE
        WHEN (($4::INTEGER & 474248) != 0) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $7::VARCHAR, true), set_config(
                'carnet.subject', $5::VARCHAR, true
            ), set_config('carnet.structure', $6::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY version_1.last_updated DESC
