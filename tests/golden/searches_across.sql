-- all
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
)
SELECT newest.newest_matrix, carnet.now() AS asked_at, page.id, page.version_id,
  page.last_updated, page.body, page.filtered, page.record, page.verdict, page.k0,
  page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
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
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
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
    AND true
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $23::INTEGER
) AS page ON true

-- token
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
)
SELECT newest.newest_matrix, carnet.now() AS asked_at, page.id, page.version_id,
  page.last_updated, page.body, page.filtered, page.record, page.verdict, page.k0,
  page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
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
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
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
    AND (document_reference_1.p_type && $23::TEXT[])
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $24::INTEGER
) AS page ON true

-- chain
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
), "reach_Patient" AS (
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
        )
    ) AS found
), "reach_RelatedPerson" AS (
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
        )
    ) AS found
)
SELECT newest.newest_matrix, carnet.now() AS asked_at, page.id, page.version_id,
  page.last_updated, page.body, page.filtered, page.record, page.verdict, page.k0,
  page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
      (
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
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
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
                AND carnet.joined(anon_3.p_name) LIKE ANY ($23::TEXT[])
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
                AND carnet.joined(anon_4.p_name) LIKE ANY ($24::TEXT[])
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
                                    WHEN (near.status != 'open') THEN false
                                    WHEN ([flags&240]) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ((near.relations & 2048) != 0) THEN true
                                    WHEN false THEN false
                                    WHEN ((near.relations & 4096) != 0) THEN true
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                    WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN true
                                    WHEN ((near.relations & 16384) != 0) THEN false
                                    WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN ((near.relations & 131072) != 0) THEN true
                                    WHEN (
                                        (near.relations & 262144) != 0
                                        AND [flags&1]
                                        AND (near.relations & 524288) = 0
                                    ) THEN true
                                    WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN true
                                    WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN false
                                    ELSE false
                                END THEN CASE
                                    WHEN (near.status != 'open') THEN 'record-not-open'
                                    WHEN ([flags&240]) THEN 'excluded-party'
                                    WHEN false THEN 'withdrawn'
                                    WHEN false THEN 'announcement-pending'
                                    WHEN ((near.relations & 2048) != 0) THEN 'holder'
                                    WHEN false THEN 'hidden-from-representatives'
                                    WHEN ((near.relations & 4096) != 0) THEN 'representative'
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
                                    WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
                                    WHEN ((near.relations & 16384) != 0) THEN 'blocked'
                                    WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN 'full-access'
                                    WHEN false THEN 'depositor'
                                    WHEN false THEN 'masked'
                                    WHEN false THEN 'outside-profession'
                                    WHEN ((near.relations & 131072) != 0) THEN 'authorised'
                                    WHEN (
                                        (near.relations & 262144) != 0
                                        AND [flags&1]
                                        AND (near.relations & 524288) = 0
                                    ) THEN 'break-glass'
                                    WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN 'regulation'
                                    WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
                                    ELSE 'not-authorised'
                                END
                                WHEN (
                                    [flags&211]
                                    OR (near.relations & 2048) != 0
                                    OR (near.relations & 4096) != 0
                                ) THEN 'identity-only'
                                ELSE CASE
                                    WHEN (near.status != 'open') THEN 'record-not-open'
                                    WHEN ([flags&240]) THEN 'excluded-party'
                                    WHEN false THEN 'withdrawn'
                                    WHEN false THEN 'announcement-pending'
                                    WHEN ((near.relations & 2048) != 0) THEN 'holder'
                                    WHEN false THEN 'hidden-from-representatives'
                                    WHEN ((near.relations & 4096) != 0) THEN 'representative'
                                    WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
                                    WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
                                    WHEN ((near.relations & 16384) != 0) THEN 'blocked'
                                    WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN 'full-access'
                                    WHEN false THEN 'depositor'
                                    WHEN false THEN 'masked'
                                    WHEN false THEN 'outside-profession'
                                    WHEN ((near.relations & 131072) != 0) THEN 'authorised'
                                    WHEN (
                                        (near.relations & 262144) != 0
                                        AND [flags&1]
                                        AND (near.relations & 524288) = 0
                                    ) THEN 'break-glass'
                                    WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN 'regulation'
                                    WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
                                    ELSE 'not-authorised'
                                END
                            END
                        ) AS verdict
                        FROM near
                        JOIN patient AS patient_1 ON patient_1.record = near.id
                        WHERE (
                            CASE
                                WHEN (near.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ((near.relations & 2048) != 0) THEN true
                                WHEN false THEN false
                                WHEN ((near.relations & 4096) != 0) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN true
                                WHEN ((near.relations & 16384) != 0) THEN false
                                WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
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
                        AND (
                            SELECT concat(
                                set_config(
                                    'carnet.reach', (
                                        SELECT CASE
                                            WHEN ([flags&8]) THEN $26::VARCHAR
                                            ELSE concat_ws(
                                                $27::VARCHAR, current_setting($28::VARCHAR, true),
                                                  array_to_string(
                                                    array_remove("reach_Patient".found, $29::VARCHAR),
                                                      $30::VARCHAR
                                                )
                                            )
                                        END AS anon_7
                                        FROM "reach_Patient"
                                    ), true
                                )
                            ) AS concat_3
                        ) IS NOT NULL
                        AND $22::VARCHAR IN ('', patient_1.record)
                    ) AS anon_6
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_6.p_name) AS entry
                        WHERE entry LIKE ANY ($31::TEXT[])
                    )
                )
            )
        )
        OR (
            document_reference_1.p_author && array(
                (
                    SELECT 'RelatedPerson/' || anon_9.id AS anon_8
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
                                WHEN (near.status != 'open') THEN 'record-not-open'
                                WHEN ([flags&240]) THEN 'excluded-party'
                                WHEN false THEN 'withdrawn'
                                WHEN false THEN 'announcement-pending'
                                WHEN ((near.relations & 2048) != 0) THEN 'holder'
                                WHEN false THEN 'hidden-from-representatives'
                                WHEN ((near.relations & 4096) != 0) THEN 'representative'
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
                                WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
                                WHEN ((near.relations & 16384) != 0) THEN 'blocked'
                                WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN 'full-access'
                                WHEN false THEN 'depositor'
                                WHEN false THEN 'masked'
                                WHEN false THEN 'outside-profession'
                                WHEN ((near.relations & 131072) != 0) THEN 'authorised'
                                WHEN (
                                    (near.relations & 262144) != 0
                                    AND [flags&1]
                                    AND (near.relations & 524288) = 0
                                ) THEN 'break-glass'
                                WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN 'regulation'
                                WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
                                ELSE 'not-authorised'
                            END
                        ) AS verdict
                        FROM near
                        JOIN related_person AS related_person_1 ON related_person_1.record = near.id
                        WHERE (
                            CASE
                                WHEN (near.status != 'open') THEN false
                                WHEN ([flags&240]) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN ((near.relations & 2048) != 0) THEN true
                                WHEN false THEN false
                                WHEN ((near.relations & 4096) != 0) THEN true
                                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                                WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN true
                                WHEN ((near.relations & 16384) != 0) THEN false
                                WHEN ((near.relations & 65536) != 0 AND [flags&1]) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
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
                        AND (
                            SELECT concat(
                                set_config(
                                    'carnet.reach', (
                                        SELECT CASE
                                            WHEN ([flags&8]) THEN $32::VARCHAR
                                            ELSE concat_ws(
                                                $33::VARCHAR, current_setting($34::VARCHAR, true),
                                                  array_to_string(
                                                    array_remove("reach_RelatedPerson".found, $35::VARCHAR),
                                                      $36::VARCHAR
                                                )
                                            )
                                        END AS anon_10
                                        FROM "reach_RelatedPerson"
                                    ), true
                                )
                            ) AS concat_4
                        ) IS NOT NULL
                        AND $22::VARCHAR IN ('', related_person_1.record)
                    ) AS anon_9
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_9.p_name) AS entry
                        WHERE entry LIKE ANY ($37::TEXT[])
                    )
                )
            )
        )
        OR (
            EXISTS (
                SELECT *
                FROM unnest(document_reference_1.p_author) AS entry
                WHERE entry LIKE ANY ($38::TEXT[])
            )
        )
    )
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $39::INTEGER
) AS page ON true

-- consents
WITH "reach_Consent" AS (
    SELECT array(
        (
            SELECT $2::VARCHAR AS anon_2
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = $3::VARCHAR
            AND (way.relation.kind = 'represents' OR way.relation.kind = 'treating')
            UNION
            SELECT way.consent.record
            FROM way.consent
            WHERE (way.consent.names @> CAST(ARRAY[$3::VARCHAR] AS TEXT[]))
        )
    ) AS found
)
SELECT newest.newest_matrix, carnet.now() AS asked_at, page.id, page.version_id,
  page.last_updated, page.body, page.filtered, page.secret, page.record, page.verdict,
  page.k0, page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT consent_1.id AS id, consent_1.version_id AS version_id, consent_1.last_updated AS last_updated,
      consent_1.body AS body, consent_1.filtered AS filtered, consent_1.secret AS secret,
      consent_1.record AS record, (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN ([flags&240]) THEN 'excluded-party'
            WHEN (consent_1.record = $2::VARCHAR) THEN 'holder'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = consent_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $3::VARCHAR
                        )
                    )
                )
                AND consent_1.secret
            ) THEN 'secret-connection'
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = consent_1.record
                        AND relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $3::VARCHAR
                    )
                )
            ) THEN 'representative'
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_2
                        WHERE (
                            relation_2.record = consent_1.record
                            AND relation_2.kind = 'treating'
                            AND relation_2.starts <= carnet.now()
                            AND relation_2.ends > carnet.now()
                            AND relation_2.subject = $3::VARCHAR
                        )
                    )
                )
                AND [flags&4]
                AND [flags&1]
            ) THEN 'treating-physician'
            WHEN (([flags&1] OR [flags&2]) AND $3::VARCHAR = any(consent_1.names)) THEN 'named'
            ELSE 'not-authorised'
        END
    ) AS verdict, consent_1.last_updated AS k0, consent_1.record AS k1, consent_1.id AS k2
    FROM consent AS consent_1
    LEFT OUTER JOIN record ON record.id = consent_1.record
    WHERE (
        SELECT concat(
            set_config(
                'carnet.reach', (
                    SELECT CASE
                        WHEN ([flags&8]) THEN $8::VARCHAR
                        ELSE concat_ws(
                            $9::VARCHAR, current_setting($10::VARCHAR, true),
                              array_to_string(array_remove("reach_Consent".found, $11::VARCHAR), $12::VARCHAR)
                        )
                    END AS anon_1
                    FROM "reach_Consent"
                ), true
            )
        ) AS concat_1
    ) IS NOT NULL
    AND consent_1.record = any(CAST((SELECT "reach_Consent".found FROM "reach_Consent") AS TEXT[]))
    AND $13::VARCHAR IN ('', consent_1.record)
    AND (consent_1.p_category && $14::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (consent_1.record = $2::VARCHAR) THEN true
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = consent_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $3::VARCHAR
                        )
                    )
                )
                AND consent_1.secret
            ) THEN false
            WHEN (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = consent_1.record
                        AND relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $3::VARCHAR
                    )
                )
            ) THEN true
            WHEN (
                (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_2
                        WHERE (
                            relation_2.record = consent_1.record
                            AND relation_2.kind = 'treating'
                            AND relation_2.starts <= carnet.now()
                            AND relation_2.ends > carnet.now()
                            AND relation_2.subject = $3::VARCHAR
                        )
                    )
                )
                AND [flags&4]
                AND [flags&1]
            ) THEN true
            WHEN (([flags&1] OR [flags&2]) AND $3::VARCHAR = any(consent_1.names)) THEN true
            ELSE false
        END
    )
    ORDER BY consent_1.last_updated DESC, consent_1.record ASC, consent_1.id ASC
    LIMIT $15::INTEGER
) AS page ON true

-- rectifications
WITH "reach_Task" AS (
    SELECT array(
        (
            SELECT way.task.record
            FROM way.task
            WHERE way.task.requester = $2::VARCHAR
            OR way.task.requester = $3::VARCHAR
            OR way.task.owner = $2::VARCHAR
            OR way.task.owner = $3::VARCHAR
        )
    ) AS found
)
SELECT newest.newest_matrix, carnet.now() AS asked_at, page.id, page.version_id,
  page.last_updated, page.body, page.filtered, page.record, page.verdict, page.k0,
  page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
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
                    AND (task_1.requester = $2::VARCHAR OR task_1.requester = $3::VARCHAR)
                    OR task_1.owner != ''
                    AND (task_1.owner = $2::VARCHAR OR task_1.owner = $3::VARCHAR)
                )
                AND (
                    [flags&1]
                    OR [flags&2]
                    OR task_1.record = $6::VARCHAR
                    OR (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_1
                            WHERE (
                                relation_1.record = task_1.record
                                AND relation_1.kind = 'represents'
                                AND relation_1.starts <= carnet.now()
                                AND relation_1.ends > carnet.now()
                                AND relation_1.subject = $2::VARCHAR
                            )
                        )
                    )
                )
            ) THEN 'named'
            ELSE 'not-authorised'
        END
    ) AS verdict, task_1.last_updated AS k0, task_1.record AS k1, task_1.id AS k2
    FROM task AS task_1
    LEFT OUTER JOIN record ON record.id = task_1.record
    WHERE (
        SELECT concat(
            set_config(
                'carnet.reach', (
                    SELECT CASE
                        WHEN ([flags&8]) THEN $8::VARCHAR
                        ELSE concat_ws(
                            $9::VARCHAR, current_setting($10::VARCHAR, true),
                              array_to_string(array_remove("reach_Task".found, $11::VARCHAR), $12::VARCHAR)
                        )
                    END AS anon_1
                    FROM "reach_Task"
                ), true
            )
        ) AS concat_1
    ) IS NOT NULL
    AND task_1.record = any(CAST((SELECT "reach_Task".found FROM "reach_Task") AS TEXT[]))
    AND $13::VARCHAR IN ('', task_1.record)
    AND (task_1.p_status && $14::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                (
                    task_1.requester != ''
                    AND (task_1.requester = $2::VARCHAR OR task_1.requester = $3::VARCHAR)
                    OR task_1.owner != ''
                    AND (task_1.owner = $2::VARCHAR OR task_1.owner = $3::VARCHAR)
                )
                AND (
                    [flags&1]
                    OR [flags&2]
                    OR task_1.record = $6::VARCHAR
                    OR (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_1
                            WHERE (
                                relation_1.record = task_1.record
                                AND relation_1.kind = 'represents'
                                AND relation_1.starts <= carnet.now()
                                AND relation_1.ends > carnet.now()
                                AND relation_1.subject = $2::VARCHAR
                            )
                        )
                    )
                )
            ) THEN true
            ELSE false
        END
    )
    ORDER BY task_1.last_updated DESC, task_1.record ASC, task_1.id ASC
    LIMIT $15::INTEGER
) AS page ON true
