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

-- every DocumentReference
WITH "reach_DocumentReference" AS (
    SELECT array(
        (
            SELECT $3::VARCHAR AS anon_2
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = any($17::TEXT[])
            UNION
            SELECT record.id
            FROM record
            WHERE ($1::INTEGER & 8) != 0
            UNION
            SELECT way.deposit_document_reference.record
            FROM way.deposit_document_reference
            WHERE way.deposit_document_reference.depositor = $2::VARCHAR
        )
    ) AS found
), seen AS (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.method AS method,
      document_reference_1.body AS body, document_reference_1.filtered AS filtered,
      document_reference_1.depositor AS depositor, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (
                    document_reference_1.depositor = $2::VARCHAR
                    AND (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)
                )
            ) THEN 'withdrawn'
            WHEN (
                (
                    document_reference_1.record = $3::VARCHAR
                    OR (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_1
                            WHERE (
                                relation_1.record = document_reference_1.record
                                AND relation_1.kind = 'represents'
                                AND relation_1.starts <= carnet.now()
                                AND relation_1.ends > carnet.now()
                                AND relation_1.subject = $4::VARCHAR
                            )
                        )
                    )
                )
                AND document_reference_1.announce_at > carnet.now()
            ) THEN 'announcement-pending'
            WHEN (document_reference_1.record = $3::VARCHAR) THEN 'holder'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = document_reference_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $4::VARCHAR
                        )
                    )
                )
                AND document_reference_1.hidden
            ) THEN 'hidden-from-representatives'
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = document_reference_1.record
                        AND relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $4::VARCHAR
                    )
                )
            ) THEN 'representative'
            WHEN (NOT (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)) THEN 'not-a-professional'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_2
                        WHERE (
                            relation_2.record = document_reference_1.record
                            AND relation_2.kind = 'treating'
                            AND relation_2.starts <= carnet.now()
                            AND relation_2.ends > carnet.now()
                            AND relation_2.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 4) != 0
                AND ($1::INTEGER & 1) != 0
            ) THEN 'treating-physician'
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_3
                    WHERE (
                        relation_3.record = document_reference_1.record
                        AND relation_3.kind = 'blocked'
                        AND relation_3.starts <= carnet.now()
                        AND relation_3.ends > carnet.now()
                        AND relation_3.subject = $4::VARCHAR
                    )
                )
            ) THEN 'blocked'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_4
                        WHERE (
                            relation_4.record = document_reference_1.record
                            AND relation_4.kind = 'full-access'
                            AND relation_4.starts <= carnet.now()
                            AND relation_4.ends > carnet.now()
                            AND relation_4.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 1) != 0
            ) THEN 'full-access'
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $5::INTEGER) THEN get_bit(
                    $6::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_5
                        WHERE (
                            relation_5.record = document_reference_1.record
                            AND relation_5.kind = 'authorised'
                            AND relation_5.starts <= carnet.now()
                            AND relation_5.ends > carnet.now()
                            AND relation_5.subject = $4::VARCHAR
                            AND (relation_5.within = '' OR relation_5.within = $7::VARCHAR)
                        )
                    )
                )
                OR ($1::INTEGER & 2) = 0
                AND (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_6
                        WHERE (
                            relation_6.record = document_reference_1.record
                            AND relation_6.kind = 'authorised'
                            AND relation_6.starts <= carnet.now()
                            AND relation_6.ends > carnet.now()
                            AND (
                                relation_6.subject = any($8::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_7
                                        WHERE (
                                            relation_7.record = relation_6.record
                                            AND relation_7.kind = 'member'
                                            AND concat(
                                                $9::VARCHAR, split_part(
                                                    relation_7.source, $10::VARCHAR, $11::INTEGER
                                                )
                                            ) = relation_6.subject
                                            AND relation_7.starts <= carnet.now()
                                            AND relation_7.ends > carnet.now()
                                            AND relation_7.subject = $4::VARCHAR
                                            AND (relation_7.within = '' OR relation_7.within = $7::VARCHAR)
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
                        FROM relation AS relation_8
                        WHERE (
                            relation_8.record = document_reference_1.record
                            AND relation_8.kind = 'blocked'
                            AND relation_8.starts <= carnet.now()
                            AND relation_8.ends > carnet.now()
                            AND relation_8.subject = any($8::TEXT[])
                        )
                    )
                )
            ) THEN 'authorised'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_9
                        WHERE (
                            relation_9.record = document_reference_1.record
                            AND relation_9.kind = 'window'
                            AND relation_9.starts <= carnet.now()
                            AND relation_9.ends > carnet.now()
                            AND relation_9.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 1) != 0
                AND NOT (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_10
                        WHERE (
                            relation_10.record = document_reference_1.record
                            AND relation_10.kind = 'opposed'
                            AND relation_10.starts <= carnet.now()
                            AND relation_10.ends > carnet.now()
                            AND relation_10.subject = 'BTG'
                        )
                    )
                )
            ) THEN 'break-glass'
            WHEN (
                ($1::INTEGER & 8) != 0
                AND NOT (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_11
                        WHERE (
                            relation_11.record = document_reference_1.record
                            AND relation_11.kind = 'opposed'
                            AND relation_11.starts <= carnet.now()
                            AND relation_11.ends > carnet.now()
                            AND relation_11.subject = 'ETREAT'
                        )
                    )
                )
            ) THEN 'regulation'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_9
                        WHERE (
                            relation_9.record = document_reference_1.record
                            AND relation_9.kind = 'window'
                            AND relation_9.starts <= carnet.now()
                            AND relation_9.ends > carnet.now()
                            AND relation_9.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 1) != 0
                OR ($1::INTEGER & 8) != 0
            ) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict
    FROM document_reference AS document_reference_1
    LEFT OUTER JOIN record ON record.id = document_reference_1.record
    WHERE (
        SELECT concat(
            set_config(
                'carnet.reach', (
                    SELECT CASE
                        WHEN (($1::INTEGER & 8) != 0) THEN $12::VARCHAR
                        ELSE concat_ws(
                            $13::VARCHAR, current_setting($14::VARCHAR, true),
                              array_to_string(
                                array_remove("reach_DocumentReference".found, $15::VARCHAR), $16::VARCHAR
                            )
                        )
                    END AS anon_1
                    FROM "reach_DocumentReference"
                ), true
            )
        ) AS concat_2
    ) IS NOT NULL
    AND document_reference_1.record = any(
        CAST((SELECT "reach_DocumentReference".found FROM "reach_DocumentReference") AS TEXT[])
    )
    AND $18::VARCHAR IN ('', document_reference_1.record)
    AND document_reference_1.last_updated >= $19::TIMESTAMP WITH TIME ZONE
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN (($1::INTEGER & 240) != 0) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (
                    document_reference_1.depositor = $2::VARCHAR
                    AND (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)
                )
            ) THEN false
            WHEN (
                (
                    document_reference_1.record = $3::VARCHAR
                    OR (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_1
                            WHERE (
                                relation_1.record = document_reference_1.record
                                AND relation_1.kind = 'represents'
                                AND relation_1.starts <= carnet.now()
                                AND relation_1.ends > carnet.now()
                                AND relation_1.subject = $4::VARCHAR
                            )
                        )
                    )
                )
                AND document_reference_1.announce_at > carnet.now()
            ) THEN false
            WHEN (document_reference_1.record = $3::VARCHAR) THEN true
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = document_reference_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $4::VARCHAR
                        )
                    )
                )
                AND document_reference_1.hidden
            ) THEN false
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = document_reference_1.record
                        AND relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $4::VARCHAR
                    )
                )
            ) THEN true
            WHEN (NOT (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)) THEN false
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_2
                        WHERE (
                            relation_2.record = document_reference_1.record
                            AND relation_2.kind = 'treating'
                            AND relation_2.starts <= carnet.now()
                            AND relation_2.ends > carnet.now()
                            AND relation_2.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 4) != 0
                AND ($1::INTEGER & 1) != 0
            ) THEN true
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_3
                    WHERE (
                        relation_3.record = document_reference_1.record
                        AND relation_3.kind = 'blocked'
                        AND relation_3.starts <= carnet.now()
                        AND relation_3.ends > carnet.now()
                        AND relation_3.subject = $4::VARCHAR
                    )
                )
            ) THEN false
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_4
                        WHERE (
                            relation_4.record = document_reference_1.record
                            AND relation_4.kind = 'full-access'
                            AND relation_4.starts <= carnet.now()
                            AND relation_4.ends > carnet.now()
                            AND relation_4.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 1) != 0
            ) THEN true
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $5::INTEGER) THEN get_bit(
                    $6::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN false
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_5
                        WHERE (
                            relation_5.record = document_reference_1.record
                            AND relation_5.kind = 'authorised'
                            AND relation_5.starts <= carnet.now()
                            AND relation_5.ends > carnet.now()
                            AND relation_5.subject = $4::VARCHAR
                            AND (relation_5.within = '' OR relation_5.within = $7::VARCHAR)
                        )
                    )
                )
                OR ($1::INTEGER & 2) = 0
                AND (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_6
                        WHERE (
                            relation_6.record = document_reference_1.record
                            AND relation_6.kind = 'authorised'
                            AND relation_6.starts <= carnet.now()
                            AND relation_6.ends > carnet.now()
                            AND (
                                relation_6.subject = any($8::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_7
                                        WHERE (
                                            relation_7.record = relation_6.record
                                            AND relation_7.kind = 'member'
                                            AND concat(
                                                $9::VARCHAR, split_part(
                                                    relation_7.source, $10::VARCHAR, $11::INTEGER
                                                )
                                            ) = relation_6.subject
                                            AND relation_7.starts <= carnet.now()
                                            AND relation_7.ends > carnet.now()
                                            AND relation_7.subject = $4::VARCHAR
                                            AND (relation_7.within = '' OR relation_7.within = $7::VARCHAR)
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
                        FROM relation AS relation_8
                        WHERE (
                            relation_8.record = document_reference_1.record
                            AND relation_8.kind = 'blocked'
                            AND relation_8.starts <= carnet.now()
                            AND relation_8.ends > carnet.now()
                            AND relation_8.subject = any($8::TEXT[])
                        )
                    )
                )
            ) THEN true
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_9
                        WHERE (
                            relation_9.record = document_reference_1.record
                            AND relation_9.kind = 'window'
                            AND relation_9.starts <= carnet.now()
                            AND relation_9.ends > carnet.now()
                            AND relation_9.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 1) != 0
                AND NOT (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_10
                        WHERE (
                            relation_10.record = document_reference_1.record
                            AND relation_10.kind = 'opposed'
                            AND relation_10.starts <= carnet.now()
                            AND relation_10.ends > carnet.now()
                            AND relation_10.subject = 'BTG'
                        )
                    )
                )
            ) THEN true
            WHEN (
                ($1::INTEGER & 8) != 0
                AND NOT (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_11
                        WHERE (
                            relation_11.record = document_reference_1.record
                            AND relation_11.kind = 'opposed'
                            AND relation_11.starts <= carnet.now()
                            AND relation_11.ends > carnet.now()
                            AND relation_11.subject = 'ETREAT'
                        )
                    )
                )
            ) THEN true
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_9
                        WHERE (
                            relation_9.record = document_reference_1.record
                            AND relation_9.kind = 'window'
                            AND relation_9.starts <= carnet.now()
                            AND relation_9.ends > carnet.now()
                            AND relation_9.subject = $4::VARCHAR
                        )
                    )
                )
                AND ($1::INTEGER & 1) != 0
                OR ($1::INTEGER & 8) != 0
            ) THEN false
            ELSE false
        END
    )
)
SELECT head.newest_matrix, head.fresh, page.id, page.version_id, page.last_updated,
  page.method, page.body, page.filtered, page.depositor, page.record, page.verdict,
  page.name
FROM (
    SELECT (SELECT max(matrix_version.version) AS max_1 FROM matrix_version) AS newest_matrix, true AS fresh
) AS head
LEFT OUTER JOIN LATERAL (
    SELECT one.id AS id, one.version_id AS version_id, one.last_updated AS last_updated,
      one.method AS method, one.body AS body, one.filtered AS filtered, one.depositor AS depositor,
      one.record AS record, one.verdict AS verdict, one.id || '/' || one.version_id COLLATE "C" AS name
    FROM (
        SELECT seen.id AS id, seen.version_id AS version_id, seen.last_updated AS last_updated,
          seen.method AS method, seen.body AS body, seen.filtered AS filtered,
          seen.depositor AS depositor, seen.record AS record, seen.verdict AS verdict
        FROM seen
        WHERE seen.last_updated <= $20::TIMESTAMP WITH TIME ZONE
        UNION ALL
        SELECT version_1.id AS id, version_1.version_id AS version_id, version_1.last_updated AS last_updated,
          version_1.method AS method, version_1.body AS body, version_1.filtered AS filtered,
          version_1.depositor AS depositor, version_1.record AS record, (
            CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
                WHEN (
                    version_1.withdrawn
                    AND NOT (
                        version_1.depositor = $2::VARCHAR
                        AND (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)
                    )
                ) THEN 'withdrawn'
                WHEN (
                    (
                        version_1.record = $3::VARCHAR
                        OR (
                            EXISTS (
                                SELECT *
                                FROM relation AS relation_12
                                WHERE (
                                    relation_12.record = version_1.record
                                    AND relation_12.kind = 'represents'
                                    AND relation_12.starts <= carnet.now()
                                    AND relation_12.ends > carnet.now()
                                    AND relation_12.subject = $4::VARCHAR
                                )
                            )
                        )
                    )
                    AND version_1.announce_at > carnet.now()
                ) THEN 'announcement-pending'
                WHEN (version_1.record = $3::VARCHAR) THEN 'holder'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_12
                            WHERE (
                                relation_12.record = version_1.record
                                AND relation_12.kind = 'represents'
                                AND relation_12.starts <= carnet.now()
                                AND relation_12.ends > carnet.now()
                                AND relation_12.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND version_1.hidden
                ) THEN 'hidden-from-representatives'
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_12
                        WHERE (
                            relation_12.record = version_1.record
                            AND relation_12.kind = 'represents'
                            AND relation_12.starts <= carnet.now()
                            AND relation_12.ends > carnet.now()
                            AND relation_12.subject = $4::VARCHAR
                        )
                    )
                ) THEN 'representative'
                WHEN (NOT (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)) THEN 'not-a-professional'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_13
                            WHERE (
                                relation_13.record = version_1.record
                                AND relation_13.kind = 'treating'
                                AND relation_13.starts <= carnet.now()
                                AND relation_13.ends > carnet.now()
                                AND relation_13.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 4) != 0
                    AND ($1::INTEGER & 1) != 0
                ) THEN 'treating-physician'
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_14
                        WHERE (
                            relation_14.record = version_1.record
                            AND relation_14.kind = 'blocked'
                            AND relation_14.starts <= carnet.now()
                            AND relation_14.ends > carnet.now()
                            AND relation_14.subject = $4::VARCHAR
                        )
                    )
                ) THEN 'blocked'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_15
                            WHERE (
                                relation_15.record = version_1.record
                                AND relation_15.kind = 'full-access'
                                AND relation_15.starts <= carnet.now()
                                AND relation_15.ends > carnet.now()
                                AND relation_15.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 1) != 0
                ) THEN 'full-access'
                WHEN (version_1.depositor = $2::VARCHAR) THEN 'depositor'
                WHEN version_1.masked THEN 'masked'
                WHEN NOT CASE
                    WHEN (version_1.kind < $5::INTEGER) THEN get_bit($6::BYTEA, version_1.kind) = 1
                    ELSE false
                END THEN 'outside-profession'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_16
                            WHERE (
                                relation_16.record = version_1.record
                                AND relation_16.kind = 'authorised'
                                AND relation_16.starts <= carnet.now()
                                AND relation_16.ends > carnet.now()
                                AND relation_16.subject = $4::VARCHAR
                                AND (relation_16.within = '' OR relation_16.within = $7::VARCHAR)
                            )
                        )
                    )
                    OR ($1::INTEGER & 2) = 0
                    AND (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_17
                            WHERE (
                                relation_17.record = version_1.record
                                AND relation_17.kind = 'authorised'
                                AND relation_17.starts <= carnet.now()
                                AND relation_17.ends > carnet.now()
                                AND (
                                    relation_17.subject = any($8::TEXT[])
                                    OR (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_18
                                            WHERE (
                                                relation_18.record = relation_17.record
                                                AND relation_18.kind = 'member'
                                                AND concat(
                                                    $21::VARCHAR, split_part(
                                                        relation_18.source, $22::VARCHAR, $23::INTEGER
                                                    )
                                                ) = relation_17.subject
                                                AND relation_18.starts <= carnet.now()
                                                AND relation_18.ends > carnet.now()
                                                AND relation_18.subject = $4::VARCHAR
                                                AND (
                                                    relation_18.within = ''
                                                    OR relation_18.within = $7::VARCHAR
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
                            FROM relation AS relation_19
                            WHERE (
                                relation_19.record = version_1.record
                                AND relation_19.kind = 'blocked'
                                AND relation_19.starts <= carnet.now()
                                AND relation_19.ends > carnet.now()
                                AND relation_19.subject = any($8::TEXT[])
                            )
                        )
                    )
                ) THEN 'authorised'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_20
                            WHERE (
                                relation_20.record = version_1.record
                                AND relation_20.kind = 'window'
                                AND relation_20.starts <= carnet.now()
                                AND relation_20.ends > carnet.now()
                                AND relation_20.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 1) != 0
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_21
                            WHERE (
                                relation_21.record = version_1.record
                                AND relation_21.kind = 'opposed'
                                AND relation_21.starts <= carnet.now()
                                AND relation_21.ends > carnet.now()
                                AND relation_21.subject = 'BTG'
                            )
                        )
                    )
                ) THEN 'break-glass'
                WHEN (
                    ($1::INTEGER & 8) != 0
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_22
                            WHERE (
                                relation_22.record = version_1.record
                                AND relation_22.kind = 'opposed'
                                AND relation_22.starts <= carnet.now()
                                AND relation_22.ends > carnet.now()
                                AND relation_22.subject = 'ETREAT'
                            )
                        )
                    )
                ) THEN 'regulation'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_20
                            WHERE (
                                relation_20.record = version_1.record
                                AND relation_20.kind = 'window'
                                AND relation_20.starts <= carnet.now()
                                AND relation_20.ends > carnet.now()
                                AND relation_20.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 1) != 0
                    OR ($1::INTEGER & 8) != 0
                ) THEN 'emergency-opposed'
                ELSE 'not-authorised'
            END
        ) AS verdict
        FROM version AS version_1
        JOIN record ON record.id = version_1.record
        WHERE (
            SELECT concat(
                set_config(
                    'carnet.reach', (
                        SELECT CASE
                            WHEN (($1::INTEGER & 8) != 0) THEN $24::VARCHAR
                            ELSE concat_ws(
                                $25::VARCHAR, current_setting($26::VARCHAR, true),
                                  array_to_string(
                                    array_remove("reach_DocumentReference".found, $27::VARCHAR), $28::VARCHAR
                                )
                            )
                        END AS anon_3
                        FROM "reach_DocumentReference"
                    ), true
                )
            ) AS concat_4
        ) IS NOT NULL
        AND version_1.record = any(
            CAST((SELECT "reach_DocumentReference".found FROM "reach_DocumentReference") AS TEXT[])
        )
        AND $18::VARCHAR IN ('', version_1.record)
        AND version_1.type = 'DocumentReference'
        AND version_1.last_updated >= $19::TIMESTAMP WITH TIME ZONE
        AND version_1.last_updated <= $20::TIMESTAMP WITH TIME ZONE
        AND (
            CASE
                WHEN (record.status != 'open') THEN false
                WHEN (($1::INTEGER & 240) != 0) THEN false
                WHEN (
                    version_1.withdrawn
                    AND NOT (
                        version_1.depositor = $2::VARCHAR
                        AND (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)
                    )
                ) THEN false
                WHEN (
                    (
                        version_1.record = $3::VARCHAR
                        OR (
                            EXISTS (
                                SELECT *
                                FROM relation AS relation_12
                                WHERE (
                                    relation_12.record = version_1.record
                                    AND relation_12.kind = 'represents'
                                    AND relation_12.starts <= carnet.now()
                                    AND relation_12.ends > carnet.now()
                                    AND relation_12.subject = $4::VARCHAR
                                )
                            )
                        )
                    )
                    AND version_1.announce_at > carnet.now()
                ) THEN false
                WHEN (version_1.record = $3::VARCHAR) THEN true
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_12
                            WHERE (
                                relation_12.record = version_1.record
                                AND relation_12.kind = 'represents'
                                AND relation_12.starts <= carnet.now()
                                AND relation_12.ends > carnet.now()
                                AND relation_12.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND version_1.hidden
                ) THEN false
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_12
                        WHERE (
                            relation_12.record = version_1.record
                            AND relation_12.kind = 'represents'
                            AND relation_12.starts <= carnet.now()
                            AND relation_12.ends > carnet.now()
                            AND relation_12.subject = $4::VARCHAR
                        )
                    )
                ) THEN true
                WHEN (NOT (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)) THEN false
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_13
                            WHERE (
                                relation_13.record = version_1.record
                                AND relation_13.kind = 'treating'
                                AND relation_13.starts <= carnet.now()
                                AND relation_13.ends > carnet.now()
                                AND relation_13.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 4) != 0
                    AND ($1::INTEGER & 1) != 0
                ) THEN true
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_14
                        WHERE (
                            relation_14.record = version_1.record
                            AND relation_14.kind = 'blocked'
                            AND relation_14.starts <= carnet.now()
                            AND relation_14.ends > carnet.now()
                            AND relation_14.subject = $4::VARCHAR
                        )
                    )
                ) THEN false
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_15
                            WHERE (
                                relation_15.record = version_1.record
                                AND relation_15.kind = 'full-access'
                                AND relation_15.starts <= carnet.now()
                                AND relation_15.ends > carnet.now()
                                AND relation_15.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 1) != 0
                ) THEN true
                WHEN (version_1.depositor = $2::VARCHAR) THEN true
                WHEN version_1.masked THEN false
                WHEN NOT CASE
                    WHEN (version_1.kind < $5::INTEGER) THEN get_bit($6::BYTEA, version_1.kind) = 1
                    ELSE false
                END THEN false
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_16
                            WHERE (
                                relation_16.record = version_1.record
                                AND relation_16.kind = 'authorised'
                                AND relation_16.starts <= carnet.now()
                                AND relation_16.ends > carnet.now()
                                AND relation_16.subject = $4::VARCHAR
                                AND (relation_16.within = '' OR relation_16.within = $7::VARCHAR)
                            )
                        )
                    )
                    OR ($1::INTEGER & 2) = 0
                    AND (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_17
                            WHERE (
                                relation_17.record = version_1.record
                                AND relation_17.kind = 'authorised'
                                AND relation_17.starts <= carnet.now()
                                AND relation_17.ends > carnet.now()
                                AND (
                                    relation_17.subject = any($8::TEXT[])
                                    OR (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_18
                                            WHERE (
                                                relation_18.record = relation_17.record
                                                AND relation_18.kind = 'member'
                                                AND concat(
                                                    $21::VARCHAR, split_part(
                                                        relation_18.source, $22::VARCHAR, $23::INTEGER
                                                    )
                                                ) = relation_17.subject
                                                AND relation_18.starts <= carnet.now()
                                                AND relation_18.ends > carnet.now()
                                                AND relation_18.subject = $4::VARCHAR
                                                AND (
                                                    relation_18.within = ''
                                                    OR relation_18.within = $7::VARCHAR
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
                            FROM relation AS relation_19
                            WHERE (
                                relation_19.record = version_1.record
                                AND relation_19.kind = 'blocked'
                                AND relation_19.starts <= carnet.now()
                                AND relation_19.ends > carnet.now()
                                AND relation_19.subject = any($8::TEXT[])
                            )
                        )
                    )
                ) THEN true
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_20
                            WHERE (
                                relation_20.record = version_1.record
                                AND relation_20.kind = 'window'
                                AND relation_20.starts <= carnet.now()
                                AND relation_20.ends > carnet.now()
                                AND relation_20.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 1) != 0
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_21
                            WHERE (
                                relation_21.record = version_1.record
                                AND relation_21.kind = 'opposed'
                                AND relation_21.starts <= carnet.now()
                                AND relation_21.ends > carnet.now()
                                AND relation_21.subject = 'BTG'
                            )
                        )
                    )
                ) THEN true
                WHEN (
                    ($1::INTEGER & 8) != 0
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_22
                            WHERE (
                                relation_22.record = version_1.record
                                AND relation_22.kind = 'opposed'
                                AND relation_22.starts <= carnet.now()
                                AND relation_22.ends > carnet.now()
                                AND relation_22.subject = 'ETREAT'
                            )
                        )
                    )
                ) THEN true
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_20
                            WHERE (
                                relation_20.record = version_1.record
                                AND relation_20.kind = 'window'
                                AND relation_20.starts <= carnet.now()
                                AND relation_20.ends > carnet.now()
                                AND relation_20.subject = $4::VARCHAR
                            )
                        )
                    )
                    AND ($1::INTEGER & 1) != 0
                    OR ($1::INTEGER & 8) != 0
                ) THEN false
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
                                WHEN (record.status != 'open') THEN false
                                WHEN (($1::INTEGER & 240) != 0) THEN false
                                WHEN (
                                    version_2.withdrawn
                                    AND NOT (
                                        version_2.depositor = $2::VARCHAR
                                        AND (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)
                                    )
                                ) THEN false
                                WHEN (
                                    (
                                        version_2.record = $3::VARCHAR
                                        OR (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_23
                                                WHERE (
                                                    relation_23.record = version_2.record
                                                    AND relation_23.kind = 'represents'
                                                    AND relation_23.starts <= carnet.now()
                                                    AND relation_23.ends > carnet.now()
                                                    AND relation_23.subject = $4::VARCHAR
                                                )
                                            )
                                        )
                                    )
                                    AND version_2.announce_at > carnet.now()
                                ) THEN false
                                WHEN (version_2.record = $3::VARCHAR) THEN true
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_23
                                            WHERE (
                                                relation_23.record = version_2.record
                                                AND relation_23.kind = 'represents'
                                                AND relation_23.starts <= carnet.now()
                                                AND relation_23.ends > carnet.now()
                                                AND relation_23.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND version_2.hidden
                                ) THEN false
                                WHEN (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_23
                                        WHERE (
                                            relation_23.record = version_2.record
                                            AND relation_23.kind = 'represents'
                                            AND relation_23.starts <= carnet.now()
                                            AND relation_23.ends > carnet.now()
                                            AND relation_23.subject = $4::VARCHAR
                                        )
                                    )
                                ) THEN true
                                WHEN (NOT (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)) THEN false
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_24
                                            WHERE (
                                                relation_24.record = version_2.record
                                                AND relation_24.kind = 'treating'
                                                AND relation_24.starts <= carnet.now()
                                                AND relation_24.ends > carnet.now()
                                                AND relation_24.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 4) != 0
                                    AND ($1::INTEGER & 1) != 0
                                ) THEN true
                                WHEN (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_25
                                        WHERE (
                                            relation_25.record = version_2.record
                                            AND relation_25.kind = 'blocked'
                                            AND relation_25.starts <= carnet.now()
                                            AND relation_25.ends > carnet.now()
                                            AND relation_25.subject = $4::VARCHAR
                                        )
                                    )
                                ) THEN false
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_26
                                            WHERE (
                                                relation_26.record = version_2.record
                                                AND relation_26.kind = 'full-access'
                                                AND relation_26.starts <= carnet.now()
                                                AND relation_26.ends > carnet.now()
                                                AND relation_26.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                ) THEN true
                                WHEN (version_2.depositor = $2::VARCHAR) THEN true
                                WHEN version_2.masked THEN false
                                WHEN NOT CASE
                                    WHEN (version_2.kind < $5::INTEGER) THEN get_bit(
                                        $6::BYTEA, version_2.kind
                                    ) = 1
                                    ELSE false
                                END THEN false
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_27
                                            WHERE (
                                                relation_27.record = version_2.record
                                                AND relation_27.kind = 'authorised'
                                                AND relation_27.starts <= carnet.now()
                                                AND relation_27.ends > carnet.now()
                                                AND relation_27.subject = $4::VARCHAR
                                                AND (
                                                    relation_27.within = ''
                                                    OR relation_27.within = $7::VARCHAR
                                                )
                                            )
                                        )
                                    )
                                    OR ($1::INTEGER & 2) = 0
                                    AND (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_28
                                            WHERE (
                                                relation_28.record = version_2.record
                                                AND relation_28.kind = 'authorised'
                                                AND relation_28.starts <= carnet.now()
                                                AND relation_28.ends > carnet.now()
                                                AND (
                                                    relation_28.subject = any($8::TEXT[])
                                                    OR (
                                                        EXISTS (
                                                            SELECT *
                                                            FROM relation AS relation_29
                                                            WHERE (
                                                                relation_29.record = relation_28.record
                                                                AND relation_29.kind = 'member'
                                                                AND concat(
                                                                    $29::VARCHAR,
                                                                      split_part(
                                                                        relation_29.source,
                                                                          $30::VARCHAR,
                                                                          $31::INTEGER
                                                                    )
                                                                ) = relation_28.subject
                                                                AND relation_29.starts <= carnet.now()
                                                                AND relation_29.ends > carnet.now()
                                                                AND relation_29.subject = $4::VARCHAR
                                                                AND (
                                                                    relation_29.within = ''
                                                                    OR relation_29.within = $7::VARCHAR
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
                                            FROM relation AS relation_30
                                            WHERE (
                                                relation_30.record = version_2.record
                                                AND relation_30.kind = 'blocked'
                                                AND relation_30.starts <= carnet.now()
                                                AND relation_30.ends > carnet.now()
                                                AND relation_30.subject = any($8::TEXT[])
                                            )
                                        )
                                    )
                                ) THEN true
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_31
                                            WHERE (
                                                relation_31.record = version_2.record
                                                AND relation_31.kind = 'window'
                                                AND relation_31.starts <= carnet.now()
                                                AND relation_31.ends > carnet.now()
                                                AND relation_31.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                    AND NOT (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_32
                                            WHERE (
                                                relation_32.record = version_2.record
                                                AND relation_32.kind = 'opposed'
                                                AND relation_32.starts <= carnet.now()
                                                AND relation_32.ends > carnet.now()
                                                AND relation_32.subject = 'BTG'
                                            )
                                        )
                                    )
                                ) THEN true
                                WHEN (
                                    ($1::INTEGER & 8) != 0
                                    AND NOT (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_33
                                            WHERE (
                                                relation_33.record = version_2.record
                                                AND relation_33.kind = 'opposed'
                                                AND relation_33.starts <= carnet.now()
                                                AND relation_33.ends > carnet.now()
                                                AND relation_33.subject = 'ETREAT'
                                            )
                                        )
                                    )
                                ) THEN true
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_31
                                            WHERE (
                                                relation_31.record = version_2.record
                                                AND relation_31.kind = 'window'
                                                AND relation_31.starts <= carnet.now()
                                                AND relation_31.ends > carnet.now()
                                                AND relation_31.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                    OR ($1::INTEGER & 8) != 0
                                ) THEN false
                                ELSE false
                            END
                        )
                    )
                )
            )
        )
    ) AS one
    WHERE one.last_updated < $20::TIMESTAMP WITH TIME ZONE
    OR one.last_updated = $20::TIMESTAMP WITH TIME ZONE
    AND (one.id || '/' || one.version_id COLLATE "C") > $32::VARCHAR
    ORDER BY one.last_updated DESC, name
    LIMIT $33::INTEGER
) AS page ON true

-- every Practitioner
SELECT head.newest_matrix, head.fresh, page.id, page.version_id, page.last_updated,
  page.method, page.body, page.filtered, page.depositor, page.record, page.verdict,
  page.name
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
      one.record AS record, one.verdict AS verdict, one.id || '/' || one.version_id COLLATE "C" AS name
    FROM (
        SELECT practitioner.id AS id, practitioner.version_id AS version_id,
          practitioner.last_updated AS last_updated, practitioner.method AS method,
          practitioner.body AS body, practitioner.filtered AS filtered, practitioner.depositor AS depositor,
          '' AS record, '' AS verdict
        FROM practitioner
        WHERE practitioner.last_updated >= $5::TIMESTAMP WITH TIME ZONE
        AND practitioner.last_updated <= $6::TIMESTAMP WITH TIME ZONE
        UNION ALL
        SELECT version_1.id AS id, version_1.version_id AS version_id, version_1.last_updated AS last_updated,
          version_1.method AS method, version_1.body AS body, version_1.filtered AS filtered,
          version_1.depositor AS depositor, '' AS record, '' AS verdict
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
