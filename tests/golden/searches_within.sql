-- all
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND true
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $24::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $26::VARCHAR, true
                ), set_config('carnet.structure', $27::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- token
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (document_reference_1.p_type && $24::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $27::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- token not
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND NOT (document_reference_1.p_type && $24::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $27::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- string
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (
        EXISTS (
            SELECT *
            FROM unnest(document_reference_1.p_description) AS entry
            WHERE entry LIKE ANY ($24::TEXT[])
        )
    )
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $27::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- date
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (
        document_reference_1.p_date_hi > $24::TIMESTAMP WITH TIME ZONE
        OR document_reference_1.p_date_hi IS NULL
        AND document_reference_1.p_date_lo IS NOT NULL
        OR document_reference_1.p_date_lo >= $25::TIMESTAMP WITH TIME ZONE
        AND document_reference_1.p_date_hi <= $24::TIMESTAMP WITH TIME ZONE
    )
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $26::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $28::VARCHAR, true
                ), set_config('carnet.structure', $29::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- reference
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (document_reference_1.p_author && $24::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $27::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- uri
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (document_reference_1.p__source && $24::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $27::VARCHAR, true
                ), set_config('carnet.structure', $28::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- composite
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT anon_3.id AS id, anon_3.version_id AS version_id, anon_3.last_updated AS last_updated,
      anon_3.body AS body, anon_3.filtered AS filtered, anon_3.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (anon_3.withdrawn AND NOT (anon_3.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND anon_3.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND anon_3.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (anon_3.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN anon_3.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (anon_3.kind < $22::INTEGER) THEN get_bit($23::BYTEA, anon_3.kind) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, anon_3.last_updated AS k0, anon_3.record AS k1, anon_3.id AS k2
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
          document_reference_1.p_period_start_hi AS p_period_start_hi, CASE
            WHEN document_reference_1.filtered THEN array(
                (
                    SELECT entry
                    FROM unnest(document_reference_1.p_related) AS entry
                    WHERE NOT starts_with(split_part(entry, '/', $24::INTEGER), $19::VARCHAR || '.')
                    OR (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_2
                            WHERE (
                                document_reference_2.record = $19::VARCHAR
                                AND ('DocumentReference/' || document_reference_2.id) = entry
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_2.withdrawn
                                            AND NOT (
                                                document_reference_2.depositor = $21::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_2.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_2.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_2.depositor = $21::VARCHAR) THEN true
                                        WHEN document_reference_2.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_2.kind < $22::INTEGER) THEN get_bit(
                                                $23::BYTEA, document_reference_2.kind
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
                                consent_1.record = $19::VARCHAR
                                AND ('Consent/' || consent_1.id) = entry
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
                                            AND $25::VARCHAR = any(consent_1.names)
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
                                care_team_1.record = $19::VARCHAR
                                AND ('CareTeam/' || care_team_1.id) = entry
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
                                related_person_1.record = $19::VARCHAR
                                AND ('RelatedPerson/' || related_person_1.id) = entry
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
                            FROM "binary" AS binary_1
                            WHERE (
                                binary_1.record = $19::VARCHAR
                                AND ('Binary/' || binary_1.id) = entry
                                AND (
                                    CASE
                                        WHEN (binary_1.document = '') THEN CASE
                                            WHEN (coalesce(record.status, 'open') != 'open') THEN false
                                            WHEN ([flags&240]) THEN false
                                            WHEN ([flags&16384]) THEN false
                                            WHEN (
                                                binary_1.depositor = $21::VARCHAR
                                                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                                            ) THEN true
                                            ELSE false
                                        END
                                        ELSE EXISTS (
                                            SELECT *
                                            FROM document_reference AS document_reference_3
                                            WHERE (
                                                document_reference_3.record = $19::VARCHAR
                                                AND document_reference_3.id = binary_1.document
                                                AND (
                                                    CASE
                                                        WHEN (record.status != 'open') THEN false
                                                        WHEN ([flags&240]) THEN false
                                                        WHEN (
                                                            document_reference_3.withdrawn
                                                            AND NOT (
                                                                document_reference_3.depositor = $21::VARCHAR
                                                                AND ([flags&1] OR [flags&2])
                                                            )
                                                        ) THEN false
                                                        WHEN (
                                                            ([flags&2048] OR [flags&4096])
                                                            AND document_reference_3.announce_at > carnet.now(
                                                            )
                                                        ) THEN false
                                                        WHEN ([flags&2048]) THEN true
                                                        WHEN ([flags&4096] AND document_reference_3.hidden) THEN false
                                                        WHEN ([flags&4096]) THEN true
                                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                                        WHEN ([flags&16384]) THEN false
                                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                                        WHEN (document_reference_3.depositor = $21::VARCHAR) THEN true
                                                        WHEN document_reference_3.masked THEN false
                                                        WHEN NOT CASE
                                                            WHEN (document_reference_3.kind < $22::INTEGER) THEN get_bit(
                                                                $23::BYTEA, document_reference_3.kind
                                                            ) = 1
                                                            ELSE false
                                                        END THEN false
                                                        WHEN ([flags&131072]) THEN true
                                                        WHEN (
                                                            [flags&262144]
                                                            AND [flags&1]
                                                            AND NOT [flags&524288]
                                                        ) THEN true
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
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM list AS list_1
                            WHERE (
                                list_1.record = $19::VARCHAR
                                AND ('List/' || list_1.id) = entry
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN ([flags&4096] AND list_1.secret) THEN false
                                        WHEN CASE
                                            WHEN list_1.filtered THEN (
                                                EXISTS (
                                                    SELECT *
                                                    FROM document_reference AS document_reference_4
                                                    WHERE (
                                                        document_reference_4.record = $19::VARCHAR
                                                        AND ('DocumentReference/' || document_reference_4.id) = any(
                                                            list_1.p_item
                                                        )
                                                        AND (
                                                            CASE
                                                                WHEN (record.status != 'open') THEN false
                                                                WHEN ([flags&240]) THEN false
                                                                WHEN (
                                                                    document_reference_4.withdrawn
                                                                    AND NOT (
                                                                        document_reference_4.depositor = $21::VARCHAR
                                                                        AND ([flags&1] OR [flags&2])
                                                                    )
                                                                ) THEN false
                                                                WHEN (
                                                                    ([flags&2048] OR [flags&4096])
                                                                    AND document_reference_4.announce_at > carnet.now(
                                                                    )
                                                                ) THEN false
                                                                WHEN ([flags&2048]) THEN true
                                                                WHEN (
                                                                    [flags&4096]
                                                                    AND document_reference_4.hidden
                                                                ) THEN false
                                                                WHEN ([flags&4096]) THEN true
                                                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                                                WHEN (
                                                                    [flags&8192]
                                                                    AND [flags&4]
                                                                    AND [flags&1]
                                                                ) THEN true
                                                                WHEN ([flags&16384]) THEN false
                                                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                                                WHEN (
                                                                    document_reference_4.depositor = $21::VARCHAR
                                                                ) THEN true
                                                                WHEN document_reference_4.masked THEN false
                                                                WHEN NOT CASE
                                                                    WHEN (
                                                                        document_reference_4.kind < $22::INTEGER
                                                                    ) THEN get_bit(
                                                                        $23::BYTEA, document_reference_4.kind
                                                                    ) = 1
                                                                    ELSE false
                                                                END THEN false
                                                                WHEN ([flags&131072]) THEN true
                                                                WHEN (
                                                                    [flags&262144]
                                                                    AND [flags&1]
                                                                    AND NOT [flags&524288]
                                                                ) THEN true
                                                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                                                WHEN (
                                                                    [flags&262144]
                                                                    AND [flags&1]
                                                                    OR [flags&8]
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
                                                    FROM consent AS consent_2
                                                    WHERE (
                                                        consent_2.record = $19::VARCHAR
                                                        AND ('Consent/' || consent_2.id) = any(list_1.p_item)
                                                        AND (
                                                            CASE
                                                                WHEN (record.status != 'open') THEN false
                                                                WHEN ([flags&240]) THEN false
                                                                WHEN ([flags&2048]) THEN true
                                                                WHEN ([flags&4096] AND consent_2.secret) THEN false
                                                                WHEN ([flags&4096]) THEN true
                                                                WHEN (
                                                                    [flags&8192]
                                                                    AND [flags&4]
                                                                    AND [flags&1]
                                                                ) THEN true
                                                                WHEN (
                                                                    ([flags&1] OR [flags&2])
                                                                    AND $25::VARCHAR = any(consent_2.names)
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
                                                    FROM care_team AS care_team_2
                                                    WHERE (
                                                        care_team_2.record = $19::VARCHAR
                                                        AND ('CareTeam/' || care_team_2.id) = any(
                                                            list_1.p_item
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
                                                                WHEN (
                                                                    [flags&8192]
                                                                    AND [flags&4]
                                                                    AND [flags&1]
                                                                ) THEN true
                                                                WHEN ([flags&16384]) THEN false
                                                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                                                WHEN false THEN true
                                                                WHEN false THEN false
                                                                WHEN false THEN false
                                                                WHEN ([flags&131072]) THEN true
                                                                WHEN (
                                                                    [flags&262144]
                                                                    AND [flags&1]
                                                                    AND NOT [flags&524288]
                                                                ) THEN true
                                                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                                                WHEN (
                                                                    [flags&262144]
                                                                    AND [flags&1]
                                                                    OR [flags&8]
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
                                                    FROM related_person AS related_person_2
                                                    WHERE (
                                                        related_person_2.record = $19::VARCHAR
                                                        AND ('RelatedPerson/' || related_person_2.id) = any(
                                                            list_1.p_item
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
                                                                WHEN (
                                                                    [flags&8192]
                                                                    AND [flags&4]
                                                                    AND [flags&1]
                                                                ) THEN true
                                                                WHEN ([flags&16384]) THEN false
                                                                WHEN ([flags&65536] AND [flags&1]) THEN true
                                                                WHEN false THEN true
                                                                WHEN false THEN false
                                                                WHEN false THEN false
                                                                WHEN ([flags&131072]) THEN true
                                                                WHEN (
                                                                    [flags&262144]
                                                                    AND [flags&1]
                                                                    AND NOT [flags&524288]
                                                                ) THEN true
                                                                WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
                                                                WHEN (
                                                                    [flags&262144]
                                                                    AND [flags&1]
                                                                    OR [flags&8]
                                                                ) THEN false
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
                                                    FROM unnest(list_1.p_item) AS anon_4(name)
                                                    WHERE (
                                                        NOT starts_with(
                                                            split_part(anon_4.name, '/', $26::INTEGER),
                                                              $19::VARCHAR || '.'
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
                                            list_1.depositor = $21::VARCHAR
                                            AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                                        ) THEN true
                                        ELSE false
                                    END
                                )
                            )
                        )
                    )
                )
            )
            ELSE document_reference_1.p_related
        END AS p_related, document_reference_1.p_related AS raw_p_related,
          CASE
            WHEN document_reference_1.filtered THEN array(
                (
                    SELECT entry
                    FROM unnest(document_reference_1.p_relatesto) AS entry
                    WHERE NOT starts_with(split_part(entry, '/', $27::INTEGER), $19::VARCHAR || '.')
                    OR (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_5
                            WHERE (
                                document_reference_5.record = $19::VARCHAR
                                AND ('DocumentReference/' || document_reference_5.id) = entry
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_5.withdrawn
                                            AND NOT (
                                                document_reference_5.depositor = $21::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_5.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_5.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_5.depositor = $21::VARCHAR) THEN true
                                        WHEN document_reference_5.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_5.kind < $22::INTEGER) THEN get_bit(
                                                $23::BYTEA, document_reference_5.kind
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
                )
            )
            ELSE document_reference_1.p_relatesto
        END AS p_relatesto, document_reference_1.p_relatesto AS raw_p_relatesto,
          CASE
            WHEN document_reference_1.filtered THEN array(
                (
                    SELECT CASE
                        WHEN (split_part(entry, $28::VARCHAR, $29::INTEGER) LIKE $30::VARCHAR) THEN split_part(
                            entry, $31::VARCHAR, $32::INTEGER
                        )
                        ELSE split_part(entry, $28::VARCHAR, $29::INTEGER)
                    END AS anon_5
                    FROM unnest(document_reference_1.p_relationship) AS entry
                    WHERE NOT starts_with(
                        split_part(
                            CASE
                                WHEN (split_part(entry, $28::VARCHAR, $29::INTEGER) LIKE $30::VARCHAR) THEN split_part(
                                    entry, $28::VARCHAR, $29::INTEGER
                                )
                                ELSE split_part(entry, $31::VARCHAR, $32::INTEGER)
                            END, '/', $33::INTEGER
                        ), $19::VARCHAR || '.'
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_6
                            WHERE (
                                document_reference_6.record = $19::VARCHAR
                                AND ('DocumentReference/' || document_reference_6.id) = CASE
                                    WHEN (split_part(entry, $28::VARCHAR, $29::INTEGER) LIKE $30::VARCHAR) THEN split_part(
                                        entry, $28::VARCHAR, $29::INTEGER
                                    )
                                    ELSE split_part(entry, $31::VARCHAR, $32::INTEGER)
                                END
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_6.withdrawn
                                            AND NOT (
                                                document_reference_6.depositor = $21::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_6.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_6.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_6.depositor = $21::VARCHAR) THEN true
                                        WHEN document_reference_6.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_6.kind < $22::INTEGER) THEN get_bit(
                                                $23::BYTEA, document_reference_6.kind
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
                )
            )
            ELSE document_reference_1.p_relation
        END AS p_relation, document_reference_1.p_relation AS raw_p_relation,
          CASE
            WHEN document_reference_1.filtered THEN array(
                (
                    SELECT entry
                    FROM unnest(document_reference_1.p_relationship) AS entry
                    WHERE NOT starts_with(
                        split_part(
                            CASE
                                WHEN (split_part(entry, $34::VARCHAR, $35::INTEGER) LIKE $36::VARCHAR) THEN split_part(
                                    entry, $34::VARCHAR, $35::INTEGER
                                )
                                ELSE split_part(entry, $37::VARCHAR, $38::INTEGER)
                            END, '/', $39::INTEGER
                        ), $19::VARCHAR || '.'
                    )
                    OR (
                        EXISTS (
                            SELECT *
                            FROM document_reference AS document_reference_7
                            WHERE (
                                document_reference_7.record = $19::VARCHAR
                                AND ('DocumentReference/' || document_reference_7.id) = CASE
                                    WHEN (split_part(entry, $34::VARCHAR, $35::INTEGER) LIKE $36::VARCHAR) THEN split_part(
                                        entry, $34::VARCHAR, $35::INTEGER
                                    )
                                    ELSE split_part(entry, $37::VARCHAR, $38::INTEGER)
                                END
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_7.withdrawn
                                            AND NOT (
                                                document_reference_7.depositor = $21::VARCHAR
                                                AND ([flags&1] OR [flags&2])
                                            )
                                        ) THEN false
                                        WHEN (
                                            ([flags&2048] OR [flags&4096])
                                            AND document_reference_7.announce_at > carnet.now()
                                        ) THEN false
                                        WHEN ([flags&2048]) THEN true
                                        WHEN ([flags&4096] AND document_reference_7.hidden) THEN false
                                        WHEN ([flags&4096]) THEN true
                                        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                        WHEN ([flags&16384]) THEN false
                                        WHEN ([flags&65536] AND [flags&1]) THEN true
                                        WHEN (document_reference_7.depositor = $21::VARCHAR) THEN true
                                        WHEN document_reference_7.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_7.kind < $22::INTEGER) THEN get_bit(
                                                $23::BYTEA, document_reference_7.kind
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
                )
            )
            ELSE document_reference_1.p_relationship
        END AS p_relationship, document_reference_1.p_relationship AS raw_p_relationship,
          document_reference_1.p_security_label AS p_security_label, document_reference_1.p_setting AS p_setting,
          document_reference_1.p_status AS p_status, document_reference_1.p_subject AS p_subject,
          document_reference_1.p_type AS p_type, document_reference_1.p__profile AS p__profile,
          document_reference_1.p__security AS p__security, document_reference_1.p__source AS p__source,
          document_reference_1.p__tag AS p__tag
        FROM document_reference AS document_reference_1
        LEFT OUTER JOIN record ON record.id = document_reference_1.record
        WHERE document_reference_1.record = $19::VARCHAR
    ) AS anon_3
    WHERE anon_3.record = record.id
    AND anon_3.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (anon_3.p_relationship && $40::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (anon_3.withdrawn AND NOT (anon_3.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND anon_3.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND anon_3.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (anon_3.depositor = $21::VARCHAR) THEN true
            WHEN anon_3.masked THEN false
            WHEN NOT CASE
                WHEN (anon_3.kind < $22::INTEGER) THEN get_bit($23::BYTEA, anon_3.kind) = 1
                ELSE false
            END THEN false
            WHEN ([flags&131072]) THEN true
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN true
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN true
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN false
            ELSE false
        END
    )
    ORDER BY anon_3.last_updated DESC, anon_3.record ASC, anon_3.id ASC
    LIMIT $41::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_6
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $25::VARCHAR, true
                ), set_config('carnet.structure', $43::VARCHAR, true)
            )
        END AS anon_7
    ) IS NOT NULL
    ELSE false
END

-- missing
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND document_reference_1.p_period_lo IS NULL
    AND document_reference_1.p_period_hi IS NULL
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $24::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $26::VARCHAR, true
                ), set_config('carnet.structure', $27::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- sorted
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2, page.k3
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, coalesce(document_reference_1.p_date_hi, document_reference_1.p_date_lo) AS k0,
      (
        SELECT min(entry COLLATE "C") AS min_1
        FROM unnest(document_reference_1.p_type) AS entry
        WHERE entry NOT LIKE $24::VARCHAR
        AND entry NOT LIKE $25::VARCHAR
    ) AS k1, document_reference_1.record AS k2, document_reference_1.id AS k3
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND true
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY coalesce(document_reference_1.p_date_hi, document_reference_1.p_date_lo) DESC NULLS LAST,
      (
        SELECT min(entry COLLATE "C") AS min_2
        FROM unnest(document_reference_1.p_type) AS entry
        WHERE entry NOT LIKE $26::VARCHAR
        AND entry NOT LIKE $27::VARCHAR
    ) ASC NULLS LAST, document_reference_1.record ASC, document_reference_1.id ASC
    LIMIT $28::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $30::VARCHAR, true
                ), set_config('carnet.structure', $31::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- chain
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN 'withdrawn'
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN ([flags&16384]) THEN 'blocked'
            WHEN ([flags&65536] AND [flags&1]) THEN 'full-access'
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN 'depositor'
            WHEN document_reference_1.masked THEN 'masked'
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
                ) = 1
                ELSE false
            END THEN 'outside-profession'
            WHEN ([flags&131072]) THEN 'authorised'
            WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
            WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
            WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
            ELSE 'not-authorised'
        END
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
    FROM document_reference AS document_reference_1
    WHERE document_reference_1.record = record.id
    AND document_reference_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (
        (
            EXISTS (
                SELECT *
                FROM (
                    SELECT practitioner_1.id AS id, practitioner_1.version_id AS version_id,
                      practitioner_1.last_updated AS last_updated, practitioner_1.method AS method,
                      practitioner_1.body AS body, practitioner_1.depositor AS depositor,
                      practitioner_1.depositor_structure AS depositor_structure,
                      practitioner_1.secret AS secret, practitioner_1.filtered AS filtered,
                      practitioner_1.p_active AS p_active, practitioner_1.p_address AS p_address,
                      practitioner_1.p_address_city AS p_address_city, practitioner_1.p_address_country AS p_address_country,
                      practitioner_1.p_address_postalcode AS p_address_postalcode,
                      practitioner_1.p_address_state AS p_address_state, practitioner_1.p_address_use AS p_address_use,
                      practitioner_1.p_communication AS p_communication, practitioner_1.p_gender AS p_gender,
                      practitioner_1.p_identifier AS p_identifier, practitioner_1.p_name AS p_name,
                      practitioner_1.p_phonetic AS p_phonetic, practitioner_1.p_family AS p_family,
                      practitioner_1.p_given AS p_given, practitioner_1.p_email AS p_email,
                      practitioner_1.p_phone AS p_phone, practitioner_1.p_telecom AS p_telecom,
                      practitioner_1.p__profile AS p__profile, practitioner_1.p__security AS p__security,
                      practitioner_1.p__source AS p__source, practitioner_1.p__tag AS p__tag
                    FROM practitioner AS practitioner_1
                ) AS anon_3
                WHERE anon_3.id = ANY (
                    array(
                        (
                            SELECT substr(entry, 14) AS substr_1
                            FROM unnest(document_reference_1.p_author) AS entry
                            WHERE starts_with(entry, 'Practitioner/')
                        )
                    )
                )
                AND carnet.joined(anon_3.p_name) LIKE ANY ($24::TEXT[])
            )
        )
        OR (
            EXISTS (
                SELECT *
                FROM (
                    SELECT organization_1.id AS id, organization_1.version_id AS version_id,
                      organization_1.last_updated AS last_updated, organization_1.method AS method,
                      organization_1.body AS body, organization_1.depositor AS depositor,
                      organization_1.depositor_structure AS depositor_structure,
                      organization_1.secret AS secret, organization_1.filtered AS filtered,
                      organization_1.p_active AS p_active, organization_1.p_address AS p_address,
                      organization_1.p_address_city AS p_address_city, organization_1.p_address_country AS p_address_country,
                      organization_1.p_address_postalcode AS p_address_postalcode,
                      organization_1.p_address_state AS p_address_state, organization_1.p_address_use AS p_address_use,
                      organization_1.p_endpoint AS p_endpoint, organization_1.p_identifier AS p_identifier,
                      organization_1.p_name AS p_name, organization_1.p_partof AS p_partof,
                      organization_1.p_phonetic AS p_phonetic, organization_1.p_type AS p_type,
                      organization_1.p__profile AS p__profile, organization_1.p__security AS p__security,
                      organization_1.p__source AS p__source, organization_1.p__tag AS p__tag
                    FROM organization AS organization_1
                ) AS anon_4
                WHERE anon_4.id = ANY (
                    array(
                        (
                            SELECT substr(entry, 14) AS substr_2
                            FROM unnest(document_reference_1.p_author) AS entry
                            WHERE starts_with(entry, 'Organization/')
                        )
                    )
                )
                AND carnet.joined(anon_4.p_name) LIKE ANY ($25::TEXT[])
            )
        )
        OR (
            document_reference_1.p_author && array(
                (
                    SELECT 'Patient/' || anon_6.id AS anon_5
                    FROM (
                        SELECT patient_1.record AS record, patient_1.id AS id,
                          patient_1.version_id AS version_id, patient_1.last_updated AS last_updated,
                          patient_1.method AS method, patient_1.body AS body,
                          patient_1.depositor AS depositor, patient_1.depositor_structure AS depositor_structure,
                          patient_1.secret AS secret, patient_1.filtered AS filtered,
                          patient_1.ins AS ins, patient_1.birth_date AS birth_date,
                          patient_1.p_active AS p_active, patient_1.p_address AS p_address,
                          patient_1.p_address_city AS p_address_city, patient_1.p_address_country AS p_address_country,
                          patient_1.p_address_postalcode AS p_address_postalcode,
                          patient_1.p_address_state AS p_address_state, patient_1.p_address_use AS p_address_use,
                          patient_1.p_birthdate_lo AS p_birthdate_lo, patient_1.p_birthdate_hi AS p_birthdate_hi,
                          patient_1.p_death_date_lo AS p_death_date_lo, patient_1.p_death_date_hi AS p_death_date_hi,
                          patient_1.p_deceased AS p_deceased, patient_1.p_gender AS p_gender,
                          patient_1.p_general_practitioner AS p_general_practitioner,
                          patient_1.p_identifier AS p_identifier, patient_1.p_language AS p_language,
                          patient_1.p_link AS p_link, patient_1.p_name AS p_name,
                          patient_1.p_phonetic AS p_phonetic, patient_1.p_family AS p_family,
                          patient_1.p_given AS p_given, patient_1.p_organization AS p_organization,
                          patient_1.p_email AS p_email, patient_1.p_phone AS p_phone,
                          patient_1.p_telecom AS p_telecom, patient_1.p__profile AS p__profile,
                          patient_1.p__security AS p__security, patient_1.p__source AS p__source,
                          patient_1.p__tag AS p__tag, (
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
                        ) AS verdict
                        FROM patient AS patient_1
                        LEFT OUTER JOIN record ON record.id = patient_1.record
                        WHERE (
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
                        AND patient_1.record = $19::VARCHAR
                        AND record.policy_version = $1::BIGINT
                        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_3 FROM matrix_version)
                        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
                    ) AS anon_6
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_6.p_name) AS entry
                        WHERE entry LIKE ANY ($27::TEXT[])
                    )
                )
            )
        )
        OR (
            document_reference_1.p_author && array(
                (
                    SELECT 'RelatedPerson/' || anon_8.id AS anon_7
                    FROM (
                        SELECT related_person_1.record AS record, related_person_1.id AS id,
                          related_person_1.version_id AS version_id, related_person_1.last_updated AS last_updated,
                          related_person_1.method AS method, related_person_1.body AS body,
                          related_person_1.depositor AS depositor, related_person_1.depositor_structure AS depositor_structure,
                          related_person_1.secret AS secret, related_person_1.filtered AS filtered,
                          related_person_1.p_active AS p_active, related_person_1.p_address AS p_address,
                          related_person_1.p_address_city AS p_address_city,
                          related_person_1.p_address_country AS p_address_country,
                          related_person_1.p_address_postalcode AS p_address_postalcode,
                          related_person_1.p_address_state AS p_address_state,
                          related_person_1.p_address_use AS p_address_use,
                          related_person_1.p_birthdate_lo AS p_birthdate_lo,
                          related_person_1.p_birthdate_hi AS p_birthdate_hi,
                          related_person_1.p_gender AS p_gender, related_person_1.p_identifier AS p_identifier,
                          related_person_1.p_name AS p_name, related_person_1.p_phonetic AS p_phonetic,
                          related_person_1.p_patient AS p_patient, related_person_1.p_relationship AS p_relationship,
                          related_person_1.p_email AS p_email, related_person_1.p_phone AS p_phone,
                          related_person_1.p_telecom AS p_telecom, related_person_1.p__profile AS p__profile,
                          related_person_1.p__security AS p__security, related_person_1.p__source AS p__source,
                          related_person_1.p__tag AS p__tag, (
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
                        ) AS verdict
                        FROM related_person AS related_person_1
                        LEFT OUTER JOIN record ON record.id = related_person_1.record
                        WHERE (
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
                        AND related_person_1.record = $19::VARCHAR
                        AND record.policy_version = $1::BIGINT
                        AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_4 FROM matrix_version)
                        AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
                    ) AS anon_8
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_8.p_name) AS entry
                        WHERE entry LIKE ANY ($28::TEXT[])
                    )
                )
            )
        )
        OR (
            EXISTS (
                SELECT *
                FROM unnest(document_reference_1.p_author) AS entry
                WHERE entry LIKE ANY ($29::TEXT[])
            )
        )
    )
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $21::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
            WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN ([flags&16384]) THEN false
            WHEN ([flags&65536] AND [flags&1]) THEN true
            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
            WHEN document_reference_1.masked THEN false
            WHEN NOT CASE
                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                    $23::BYTEA, document_reference_1.kind
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $30::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_9
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $32::VARCHAR, true
                ), set_config('carnet.structure', $33::VARCHAR, true)
            )
        END AS anon_10
    ) IS NOT NULL
    ELSE false
END

-- lists
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.secret, page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT list_1.id AS id, list_1.version_id AS version_id, list_1.last_updated AS last_updated,
      list_1.body AS body, list_1.filtered AS filtered, list_1.secret AS secret,
      list_1.record AS record, (
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
                                    document_reference_1.record = $19::VARCHAR
                                    AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                                    AND (
                                        CASE
                                            WHEN (record.status != 'open') THEN false
                                            WHEN ([flags&240]) THEN false
                                            WHEN (
                                                document_reference_1.withdrawn
                                                AND NOT (
                                                    document_reference_1.depositor = $21::VARCHAR
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
                                            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
                                            WHEN document_reference_1.masked THEN false
                                            WHEN NOT CASE
                                                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                                                    $23::BYTEA, document_reference_1.kind
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
                                    consent_1.record = $19::VARCHAR
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
                                                AND $24::VARCHAR = any(consent_1.names)
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
                                    care_team_1.record = $19::VARCHAR
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
                                    related_person_1.record = $19::VARCHAR
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
                                FROM unnest(list_1.p_item) AS anon_3(name)
                                WHERE (
                                    NOT starts_with(
                                        split_part(anon_3.name, '/', $25::INTEGER), $19::VARCHAR || '.'
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
                        list_1.depositor = $21::VARCHAR
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
                                    document_reference_1.record = $19::VARCHAR
                                    AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                                    AND (
                                        CASE
                                            WHEN (record.status != 'open') THEN false
                                            WHEN ([flags&240]) THEN false
                                            WHEN (
                                                document_reference_1.withdrawn
                                                AND NOT (
                                                    document_reference_1.depositor = $21::VARCHAR
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
                                            WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
                                            WHEN document_reference_1.masked THEN false
                                            WHEN NOT CASE
                                                WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                                                    $23::BYTEA, document_reference_1.kind
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
                                    consent_1.record = $19::VARCHAR
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
                                                AND $24::VARCHAR = any(consent_1.names)
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
                                    care_team_1.record = $19::VARCHAR
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
                                    related_person_1.record = $19::VARCHAR
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
                                FROM unnest(list_1.p_item) AS anon_3(name)
                                WHERE (
                                    NOT starts_with(
                                        split_part(anon_3.name, '/', $25::INTEGER), $19::VARCHAR || '.'
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
                        list_1.depositor = $21::VARCHAR
                        AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                    ) THEN 'depositor'
                    ELSE 'nothing-visible'
                END = 'entries'
                AND list_1.depositor = $21::VARCHAR
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
                                document_reference_1.record = $19::VARCHAR
                                AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                                AND (
                                    CASE
                                        WHEN (record.status != 'open') THEN false
                                        WHEN ([flags&240]) THEN false
                                        WHEN (
                                            document_reference_1.withdrawn
                                            AND NOT (
                                                document_reference_1.depositor = $21::VARCHAR
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
                                        WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
                                        WHEN document_reference_1.masked THEN false
                                        WHEN NOT CASE
                                            WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                                                $23::BYTEA, document_reference_1.kind
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
                                consent_1.record = $19::VARCHAR
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
                                            AND $24::VARCHAR = any(consent_1.names)
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
                                care_team_1.record = $19::VARCHAR
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
                                related_person_1.record = $19::VARCHAR
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
                            FROM unnest(list_1.p_item) AS anon_3(name)
                            WHERE (
                                NOT starts_with(
                                    split_part(anon_3.name, '/', $25::INTEGER), $19::VARCHAR || '.'
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
                    list_1.depositor = $21::VARCHAR
                    AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
                ) THEN 'depositor'
                ELSE 'nothing-visible'
            END
        END
    ) AS verdict, list_1.last_updated AS k0, list_1.record AS k1, list_1.id AS k2
    FROM list AS list_1
    WHERE list_1.record = record.id
    AND list_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (list_1.p_status && $26::TEXT[])
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
                            document_reference_1.record = $19::VARCHAR
                            AND ('DocumentReference/' || document_reference_1.id) = any(list_1.p_item)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN (
                                        document_reference_1.withdrawn
                                        AND NOT (
                                            document_reference_1.depositor = $21::VARCHAR
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
                                    WHEN (document_reference_1.depositor = $21::VARCHAR) THEN true
                                    WHEN document_reference_1.masked THEN false
                                    WHEN NOT CASE
                                        WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                                            $23::BYTEA, document_reference_1.kind
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
                            consent_1.record = $19::VARCHAR
                            AND ('Consent/' || consent_1.id) = any(list_1.p_item)
                            AND (
                                CASE
                                    WHEN (record.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN ([flags&2048]) THEN true
                                    WHEN ([flags&4096] AND consent_1.secret) THEN false
                                    WHEN ([flags&4096]) THEN true
                                    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
                                    WHEN (([flags&1] OR [flags&2]) AND $24::VARCHAR = any(consent_1.names)) THEN true
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
                            care_team_1.record = $19::VARCHAR
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
                            related_person_1.record = $19::VARCHAR
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
                        FROM unnest(list_1.p_item) AS anon_3(name)
                        WHERE (
                            NOT starts_with(split_part(anon_3.name, '/', $25::INTEGER), $19::VARCHAR || '.')
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
                list_1.depositor = $21::VARCHAR
                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
            ) THEN true
            ELSE false
        END
    )
    ORDER BY list_1.last_updated DESC, list_1.record ASC, list_1.id ASC
    LIMIT $27::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_4
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $21::VARCHAR, true), set_config(
                    'carnet.subject', $24::VARCHAR, true
                ), set_config('carnet.structure', $29::VARCHAR, true)
            )
        END AS anon_5
    ) IS NOT NULL
    ELSE false
END

-- consents
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.secret, page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT consent_1.id AS id, consent_1.version_id AS version_id, consent_1.last_updated AS last_updated,
      consent_1.body AS body, consent_1.filtered AS filtered, consent_1.secret AS secret,
      consent_1.record AS record, (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN ([flags&2048]) THEN 'holder'
            WHEN ([flags&4096] AND consent_1.secret) THEN 'secret-connection'
            WHEN ([flags&4096]) THEN 'representative'
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
            WHEN (([flags&1] OR [flags&2]) AND $21::VARCHAR = any(consent_1.names)) THEN 'named'
            ELSE 'not-authorised'
        END
    ) AS verdict, consent_1.last_updated AS k0, consent_1.record AS k1, consent_1.id AS k2
    FROM consent AS consent_1
    WHERE consent_1.record = record.id
    AND consent_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (consent_1.p_category && $22::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN ([flags&2048]) THEN true
            WHEN ([flags&4096] AND consent_1.secret) THEN false
            WHEN ([flags&4096]) THEN true
            WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
            WHEN (([flags&1] OR [flags&2]) AND $21::VARCHAR = any(consent_1.names)) THEN true
            ELSE false
        END
    )
    ORDER BY consent_1.last_updated DESC, consent_1.record ASC, consent_1.id ASC
    LIMIT $23::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $25::VARCHAR, true), set_config(
                    'carnet.subject', $21::VARCHAR, true
                ), set_config('carnet.structure', $26::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END

-- rectifications
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS newest_matrix, carnet.now() AS asked_at, $4::INTEGER AS "of", (
    SELECT CASE
        WHEN (record_1.status != 'open') THEN 'record-not-open'
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
    END AS anon_1
    FROM record AS record_1
    WHERE record_1.id = $19::VARCHAR
) AS relation, (
    SELECT CASE
        WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
        WHEN (record_2.status != 'open') THEN 'record-not-open'
        WHEN ([flags&16384]) THEN 'blocked'
        WHEN (NOT [flags&256]) THEN 'strong-authentication'
        WHEN ([flags&524288]) THEN 'emergency-opposed'
        ELSE ''
    END = '' AS anon_2
    FROM record AS record_2
    WHERE record_2.id = $19::VARCHAR
) AS break_glass, page.id, page.version_id, page.last_updated, page.body, page.filtered,
  page.record, page.verdict, page.k0, page.k1, page.k2
FROM record
LEFT OUTER JOIN LATERAL (
    SELECT task_1.id AS id, task_1.version_id AS version_id, task_1.last_updated AS last_updated,
      task_1.body AS body, task_1.filtered AS filtered, task_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (
                (
                    task_1.requester != ''
                    AND (task_1.requester = $21::VARCHAR OR task_1.requester = $22::VARCHAR)
                    OR task_1.owner != ''
                    AND (task_1.owner = $21::VARCHAR OR task_1.owner = $22::VARCHAR)
                )
                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
            ) THEN 'named'
            ELSE 'not-authorised'
        END
    ) AS verdict, task_1.last_updated AS k0, task_1.record AS k1, task_1.id AS k2
    FROM task AS task_1
    WHERE task_1.record = record.id
    AND task_1.record = $19::VARCHAR
    AND record.policy_version = $1::BIGINT
    AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
    AND $3::TIMESTAMP WITH TIME ZONE > carnet.now()
    AND (task_1.p_status && $23::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                (
                    task_1.requester != ''
                    AND (task_1.requester = $21::VARCHAR OR task_1.requester = $22::VARCHAR)
                    OR task_1.owner != ''
                    AND (task_1.owner = $21::VARCHAR OR task_1.owner = $22::VARCHAR)
                )
                AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
            ) THEN true
            ELSE false
        END
    )
    ORDER BY task_1.last_updated DESC, task_1.record ASC, task_1.id ASC
    LIMIT $24::INTEGER
) AS page ON true
WHERE record.id = $19::VARCHAR
AND CASE
    WHEN (
        (
            SELECT CASE
                WHEN (0 < $4::INTEGER) THEN concat(
                    set_config('carnet.record', '', true), set_config('carnet.reach', '', true),
                      set_config('carnet.identity', '', true), set_config('carnet.depositor', '', true),
                      set_config('carnet.subject', '', true), set_config('carnet.structure', '', true)
                )
                ELSE ''
            END AS anon_3
        ) IS NOT NULL
    ) THEN (
        SELECT CASE
            WHEN ([flags&474248]) THEN set_config('carnet.record', $19::VARCHAR, true)
            ELSE concat(
                set_config('carnet.record', '', true), set_config('carnet.identity', $19::VARCHAR, true),
                  set_config('carnet.depositor', $26::VARCHAR, true), set_config(
                    'carnet.subject', $21::VARCHAR, true
                ), set_config('carnet.structure', $22::VARCHAR, true)
            )
        END AS anon_4
    ) IS NOT NULL
    ELSE false
END
