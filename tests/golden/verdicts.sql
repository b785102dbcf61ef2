-- DOCUMENT one
SELECT CASE
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
        WHEN (document_reference_1.kind < $11::INTEGER) THEN get_bit($12::BYTEA, document_reference_1.kind) = 1
        ELSE false
    END THEN 'outside-profession'
    WHEN ([flags&131072]) THEN 'authorised'
    WHEN ([flags&262144] AND [flags&1] AND NOT [flags&524288]) THEN 'break-glass'
    WHEN ([flags&8] AND NOT [flags&1048576]) THEN 'regulation'
    WHEN ([flags&262144] AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
    ELSE 'not-authorised'
END AS anon_1
FROM record, document_reference AS document_reference_1

-- DOCUMENT many
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN (
        document_reference_1.withdrawn
        AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
    ) THEN 'withdrawn'
    WHEN (
        (
            document_reference_1.record = $5::VARCHAR
            OR (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = document_reference_1.record
                        AND relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $6::VARCHAR
                    )
                )
            )
        )
        AND document_reference_1.announce_at > carnet.now()
    ) THEN 'announcement-pending'
    WHEN (document_reference_1.record = $5::VARCHAR) THEN 'holder'
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
                    AND relation_1.subject = $6::VARCHAR
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
                AND relation_1.subject = $6::VARCHAR
            )
        )
    ) THEN 'representative'
    WHEN (NOT ([flags&1] OR [flags&2])) THEN 'not-a-professional'
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
                    AND relation_2.subject = $6::VARCHAR
                )
            )
        )
        AND [flags&4]
        AND [flags&1]
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
                AND relation_3.subject = $6::VARCHAR
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
                    AND relation_4.subject = $6::VARCHAR
                )
            )
        )
        AND [flags&1]
    ) THEN 'full-access'
    WHEN (document_reference_1.depositor = $2::VARCHAR) THEN 'depositor'
    WHEN document_reference_1.masked THEN 'masked'
    WHEN NOT CASE
        WHEN (document_reference_1.kind < $8::INTEGER) THEN get_bit($9::BYTEA, document_reference_1.kind) = 1
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
                    AND relation_5.subject = $6::VARCHAR
                    AND (relation_5.within = '' OR relation_5.within = $10::VARCHAR)
                )
            )
        )
        OR NOT [flags&2]
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
                        relation_6.subject = any($11::TEXT[])
                        OR (
                            EXISTS (
                                SELECT *
                                FROM relation AS relation_7
                                WHERE (
                                    relation_7.record = document_reference_1.record
                                    AND relation_7.kind = 'member'
                                    AND concat(
                                        $12::VARCHAR, split_part(
                                            relation_7.source, $13::VARCHAR, $14::INTEGER
                                        )
                                    ) = relation_6.subject
                                    AND relation_7.starts <= carnet.now()
                                    AND relation_7.ends > carnet.now()
                                    AND relation_7.subject = $6::VARCHAR
                                    AND (relation_7.within = '' OR relation_7.within = $10::VARCHAR)
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
                    AND relation_8.subject = any($11::TEXT[])
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
                    AND relation_9.subject = $6::VARCHAR
                )
            )
        )
        AND [flags&1]
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
        [flags&8]
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
                    AND relation_9.subject = $6::VARCHAR
                )
            )
        )
        AND [flags&1]
        OR [flags&8]
    ) THEN 'emergency-opposed'
    ELSE 'not-authorised'
END AS anon_1
FROM record, document_reference AS document_reference_1

-- DOCUMENT joined
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $9::VARCHAR AS anon_2
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
)
SELECT CASE
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
        WHEN (document_reference_1.kind < $6::INTEGER) THEN get_bit($7::BYTEA, document_reference_1.kind) = 1
        ELSE false
    END THEN 'outside-profession'
    WHEN ((near.relations & 131072) != 0) THEN 'authorised'
    WHEN ((near.relations & 262144) != 0 AND [flags&1] AND (near.relations & 524288) = 0) THEN 'break-glass'
    WHEN ([flags&8] AND (near.relations & 1048576) = 0) THEN 'regulation'
    WHEN ((near.relations & 262144) != 0 AND [flags&1] OR [flags&8]) THEN 'emergency-opposed'
    ELSE 'not-authorised'
END AS anon_1
FROM near, document_reference AS document_reference_1

-- CONSENT one
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN ([flags&2048]) THEN 'holder'
    WHEN false THEN 'secret-connection'
    WHEN ([flags&4096]) THEN 'representative'
    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
    WHEN false THEN 'named'
    ELSE 'not-authorised'
END AS anon_1
FROM record

-- CONSENT many
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN (document_reference_1.record = $2::VARCHAR) THEN 'holder'
    WHEN false THEN 'secret-connection'
    WHEN (
        EXISTS (
            SELECT *
            FROM relation AS relation_1
            WHERE (
                relation_1.record = document_reference_1.record
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
                    relation_2.record = document_reference_1.record
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
    WHEN false THEN 'named'
    ELSE 'not-authorised'
END AS anon_1
FROM record, document_reference AS document_reference_1

-- CONSENT joined
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $4::VARCHAR AS anon_2
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($5::TEXT[])
                    UNION
                    SELECT record.id
                    FROM record
                    WHERE [flags&8]
                    UNION
                    SELECT way.deposit_document_reference.record
                    FROM way.deposit_document_reference
                    WHERE way.deposit_document_reference.depositor BETWEEN $7::VARCHAR
                    AND $7::VARCHAR
                    UNION
                    SELECT way.deposit_list.record
                    FROM way.deposit_list
                    WHERE way.deposit_list.depositor BETWEEN $7::VARCHAR
                    AND $7::VARCHAR
                    UNION
                    SELECT way.consent.record
                    FROM way.consent
                    WHERE way.consent.names @> CAST(ARRAY[$8::VARCHAR] AS TEXT[])
                    UNION
                    SELECT way.deposit_provenance.record
                    FROM way.deposit_provenance
                    WHERE way.deposit_provenance.depositor BETWEEN $7::VARCHAR
                    AND $7::VARCHAR
                )
            )
        ) AS id
    ) AS key
    JOIN record ON record.id = key.id
    JOIN LATERAL (
        SELECT CAST(
            CASE WHEN (record.id = $4::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($9::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
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
                            AND relation_1.subject = $8::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $10::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($9::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $12::VARCHAR, split_part(
                                                    relation_2.source, $13::VARCHAR, $14::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $8::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $10::VARCHAR)
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
                            AND relation_1.subject = any($9::TEXT[])
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
                        AND relation_1.subject = $8::VARCHAR
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
)
SELECT CASE
    WHEN (near.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN ((near.relations & 2048) != 0) THEN 'holder'
    WHEN false THEN 'secret-connection'
    WHEN ((near.relations & 4096) != 0) THEN 'representative'
    WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
    WHEN false THEN 'named'
    ELSE 'not-authorised'
END AS anon_1
FROM near

-- AUDIT one
SELECT CASE
    WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN 'announcement-pending'
    WHEN ([flags&2048]) THEN 'holder'
    WHEN false THEN 'secret-connection'
    WHEN ([flags&4096] AND document_reference_1.hidden) THEN 'hidden-from-representatives'
    WHEN ([flags&4096]) THEN 'representative'
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
    WHEN false THEN 'own-act'
    ELSE 'not-authorised'
END AS anon_1
FROM document_reference AS document_reference_1, record

-- AUDIT many
SELECT CASE
    WHEN (
        (
            document_reference_1.record = $1::VARCHAR
            OR (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_1
                    WHERE (
                        relation_1.record = document_reference_1.record
                        AND relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $2::VARCHAR
                    )
                )
            )
        )
        AND document_reference_1.announce_at > carnet.now()
    ) THEN 'announcement-pending'
    WHEN (document_reference_1.record = $1::VARCHAR) THEN 'holder'
    WHEN false THEN 'secret-connection'
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
                    AND relation_1.subject = $2::VARCHAR
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
                AND relation_1.subject = $2::VARCHAR
            )
        )
    ) THEN 'representative'
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
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
                    AND relation_2.subject = $2::VARCHAR
                )
            )
        )
        AND [flags&4]
        AND [flags&1]
    ) THEN 'treating-physician'
    WHEN false THEN 'own-act'
    ELSE 'not-authorised'
END AS anon_1
FROM document_reference AS document_reference_1, record

-- AUDIT joined
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $4::VARCHAR AS anon_2
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($5::TEXT[])
                    UNION
                    SELECT record.id
                    FROM record
                    WHERE [flags&8]
                    UNION
                    SELECT way.deposit_document_reference.record
                    FROM way.deposit_document_reference
                    WHERE way.deposit_document_reference.depositor BETWEEN $7::VARCHAR
                    AND $7::VARCHAR
                    UNION
                    SELECT way.deposit_list.record
                    FROM way.deposit_list
                    WHERE way.deposit_list.depositor BETWEEN $7::VARCHAR
                    AND $7::VARCHAR
                    UNION
                    SELECT way.consent.record
                    FROM way.consent
                    WHERE way.consent.names @> CAST(ARRAY[$8::VARCHAR] AS TEXT[])
                    UNION
                    SELECT way.deposit_provenance.record
                    FROM way.deposit_provenance
                    WHERE way.deposit_provenance.depositor BETWEEN $7::VARCHAR
                    AND $7::VARCHAR
                )
            )
        ) AS id
    ) AS key
    JOIN record ON record.id = key.id
    JOIN LATERAL (
        SELECT CAST(
            CASE WHEN (record.id = $4::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($9::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
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
                            AND relation_1.subject = $8::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $10::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($9::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $12::VARCHAR, split_part(
                                                    relation_2.source, $13::VARCHAR, $14::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $8::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $10::VARCHAR)
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
                            AND relation_1.subject = any($9::TEXT[])
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
                        AND relation_1.subject = $8::VARCHAR
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
)
SELECT CASE
    WHEN (
        ((near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
        AND document_reference_1.announce_at > carnet.now()
    ) THEN 'announcement-pending'
    WHEN ((near.relations & 2048) != 0) THEN 'holder'
    WHEN false THEN 'secret-connection'
    WHEN ((near.relations & 4096) != 0 AND document_reference_1.hidden) THEN 'hidden-from-representatives'
    WHEN ((near.relations & 4096) != 0) THEN 'representative'
    WHEN (near.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN ((near.relations & 8192) != 0 AND [flags&4] AND [flags&1]) THEN 'treating-physician'
    WHEN false THEN 'own-act'
    ELSE 'not-authorised'
END AS anon_1
FROM near, document_reference AS document_reference_1

-- LISTING one
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN false THEN 'secret-connection'
    WHEN false THEN 'entries'
    WHEN ([flags&16384]) THEN 'blocked'
    WHEN (
        document_reference_1.depositor = $3::VARCHAR
        AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
    ) THEN 'depositor'
    ELSE 'nothing-visible'
END AS anon_1
FROM record, document_reference AS document_reference_1

-- LISTING many
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN false THEN 'secret-connection'
    WHEN false THEN 'entries'
    WHEN (
        EXISTS (
            SELECT *
            FROM relation AS relation_1
            WHERE (
                relation_1.record = document_reference_1.record
                AND relation_1.kind = 'blocked'
                AND relation_1.starts <= carnet.now()
                AND relation_1.ends > carnet.now()
                AND relation_1.subject = $2::VARCHAR
            )
        )
    ) THEN 'blocked'
    WHEN (
        document_reference_1.depositor = $3::VARCHAR
        AND (
            [flags&1]
            OR [flags&2]
            OR document_reference_1.record = $6::VARCHAR
            OR (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_2
                    WHERE (
                        relation_2.record = document_reference_1.record
                        AND relation_2.kind = 'represents'
                        AND relation_2.starts <= carnet.now()
                        AND relation_2.ends > carnet.now()
                        AND relation_2.subject = $2::VARCHAR
                    )
                )
            )
        )
    ) THEN 'depositor'
    ELSE 'nothing-visible'
END AS anon_1
FROM record, document_reference AS document_reference_1

-- LISTING joined
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $5::VARCHAR AS anon_2
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($6::TEXT[])
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
                    WHERE way.consent.names @> CAST(ARRAY[$8::VARCHAR] AS TEXT[])
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
            CASE WHEN (record.id = $5::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($9::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
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
                            AND relation_1.subject = $8::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $10::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($9::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $11::VARCHAR, split_part(
                                                    relation_2.source, $12::VARCHAR, $13::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $8::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $10::VARCHAR)
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
                            AND relation_1.subject = any($9::TEXT[])
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
                        AND relation_1.subject = $8::VARCHAR
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
)
SELECT CASE
    WHEN (near.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN false THEN 'secret-connection'
    WHEN false THEN 'entries'
    WHEN ((near.relations & 16384) != 0) THEN 'blocked'
    WHEN (
        document_reference_1.depositor = $2::VARCHAR
        AND ([flags&1] OR [flags&2] OR (near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
    ) THEN 'depositor'
    ELSE 'nothing-visible'
END AS anon_1
FROM near, document_reference AS document_reference_1

-- TASK one
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN false THEN 'named'
    ELSE 'not-authorised'
END AS anon_1
FROM record

-- TASK many
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN false THEN 'named'
    ELSE 'not-authorised'
END AS anon_1
FROM record

-- TASK joined
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $2::VARCHAR AS anon_2
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($3::TEXT[])
                    UNION
                    SELECT record.id
                    FROM record
                    WHERE [flags&8]
                    UNION
                    SELECT way.deposit_document_reference.record
                    FROM way.deposit_document_reference
                    WHERE way.deposit_document_reference.depositor BETWEEN $5::VARCHAR
                    AND $5::VARCHAR
                    UNION
                    SELECT way.deposit_list.record
                    FROM way.deposit_list
                    WHERE way.deposit_list.depositor BETWEEN $5::VARCHAR
                    AND $5::VARCHAR
                    UNION
                    SELECT way.consent.record
                    FROM way.consent
                    WHERE way.consent.names @> CAST(ARRAY[$6::VARCHAR] AS TEXT[])
                    UNION
                    SELECT way.deposit_provenance.record
                    FROM way.deposit_provenance
                    WHERE way.deposit_provenance.depositor BETWEEN $5::VARCHAR
                    AND $5::VARCHAR
                )
            )
        ) AS id
    ) AS key
    JOIN record ON record.id = key.id
    JOIN LATERAL (
        SELECT CAST(
            CASE WHEN (record.id = $2::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $6::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $6::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $6::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($7::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $6::VARCHAR
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
                            AND relation_1.subject = $6::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $8::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($7::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $10::VARCHAR, split_part(
                                                    relation_2.source, $11::VARCHAR, $12::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $6::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $8::VARCHAR)
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
                            AND relation_1.subject = any($7::TEXT[])
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
                        AND relation_1.subject = $6::VARCHAR
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
)
SELECT CASE
    WHEN (near.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN false THEN 'named'
    ELSE 'not-authorised'
END AS anon_1
FROM near

-- UNCITED one
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN ([flags&16384]) THEN 'blocked'
    WHEN (
        document_reference_1.depositor = $3::VARCHAR
        AND ([flags&1] OR [flags&2] OR [flags&2048] OR [flags&4096])
    ) THEN 'depositor'
    ELSE 'not-authorised'
END AS anon_1
FROM record, document_reference AS document_reference_1

-- UNCITED many
SELECT CASE
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN (
        EXISTS (
            SELECT *
            FROM relation AS relation_1
            WHERE (
                relation_1.record = document_reference_1.record
                AND relation_1.kind = 'blocked'
                AND relation_1.starts <= carnet.now()
                AND relation_1.ends > carnet.now()
                AND relation_1.subject = $2::VARCHAR
            )
        )
    ) THEN 'blocked'
    WHEN (
        document_reference_1.depositor = $3::VARCHAR
        AND (
            [flags&1]
            OR [flags&2]
            OR document_reference_1.record = $6::VARCHAR
            OR (
                EXISTS (
                    SELECT *
                    FROM relation AS relation_2
                    WHERE (
                        relation_2.record = document_reference_1.record
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
END AS anon_1
FROM record, document_reference AS document_reference_1

-- UNCITED joined
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $5::VARCHAR AS anon_2
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($6::TEXT[])
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
                    WHERE way.consent.names @> CAST(ARRAY[$8::VARCHAR] AS TEXT[])
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
            CASE WHEN (record.id = $5::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($9::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $8::VARCHAR
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
                            AND relation_1.subject = $8::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $10::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($9::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $11::VARCHAR, split_part(
                                                    relation_2.source, $12::VARCHAR, $13::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $8::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $10::VARCHAR)
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
                            AND relation_1.subject = any($9::TEXT[])
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
                        AND relation_1.subject = $8::VARCHAR
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
)
SELECT CASE
    WHEN (near.status != 'open') THEN 'record-not-open'
    WHEN ([flags&240]) THEN 'excluded-party'
    WHEN ((near.relations & 16384) != 0) THEN 'blocked'
    WHEN (
        document_reference_1.depositor = $2::VARCHAR
        AND ([flags&1] OR [flags&2] OR (near.relations & 2048) != 0 OR (near.relations & 4096) != 0)
    ) THEN 'depositor'
    ELSE 'not-authorised'
END AS anon_1
FROM near, document_reference AS document_reference_1
