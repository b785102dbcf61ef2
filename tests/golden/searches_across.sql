-- all
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
)
SELECT newest.newest_matrix, page.id, page.version_id, page.last_updated, page.body,
  page.filtered, page.record, page.verdict, page.k0, page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
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
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
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
    AND true
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $19::INTEGER
) AS page ON true

-- token
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
)
SELECT newest.newest_matrix, page.id, page.version_id, page.last_updated, page.body,
  page.filtered, page.record, page.verdict, page.k0, page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
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
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
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
    AND (document_reference_1.p_type && $19::TEXT[])
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
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $20::INTEGER
) AS page ON true

-- chain
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
), "reach_Patient" AS (
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
        )
    ) AS found
), "reach_RelatedPerson" AS (
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
        )
    ) AS found
)
SELECT newest.newest_matrix, page.id, page.version_id, page.last_updated, page.body,
  page.filtered, page.record, page.verdict, page.k0, page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT document_reference_1.id AS id, document_reference_1.version_id AS version_id,
      document_reference_1.last_updated AS last_updated, document_reference_1.body AS body,
      document_reference_1.filtered AS filtered, document_reference_1.record AS record,
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
    ) AS verdict, document_reference_1.last_updated AS k0, document_reference_1.record AS k1,
      document_reference_1.id AS k2
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
    AND (
        (
            document_reference_1.p_author && array(
                (
                    SELECT 'Practitioner/' || anon_4.id AS anon_3
                    FROM (
                        SELECT practitioner_1.id AS id, practitioner_1.version_id AS version_id,
                          practitioner_1.last_updated AS last_updated, practitioner_1.method AS method,
                          practitioner_1.body AS body, practitioner_1.depositor AS depositor,
                          practitioner_1.depositor_structure AS depositor_structure,
                          practitioner_1.secret AS secret, practitioner_1.filtered AS filtered,
                          practitioner_1.p_active AS p_active, practitioner_1.p_address AS p_address,
                          practitioner_1.p_address_city AS p_address_city,
                          practitioner_1.p_address_country AS p_address_country,
                          practitioner_1.p_address_postalcode AS p_address_postalcode,
                          practitioner_1.p_address_state AS p_address_state,
                          practitioner_1.p_address_use AS p_address_use, practitioner_1.p_communication AS p_communication,
                          practitioner_1.p_gender AS p_gender, practitioner_1.p_identifier AS p_identifier,
                          practitioner_1.p_name AS p_name, practitioner_1.p_phonetic AS p_phonetic,
                          practitioner_1.p_family AS p_family, practitioner_1.p_given AS p_given,
                          practitioner_1.p_email AS p_email, practitioner_1.p_phone AS p_phone,
                          practitioner_1.p_telecom AS p_telecom, practitioner_1.p__profile AS p__profile,
                          practitioner_1.p__security AS p__security, practitioner_1.p__source AS p__source,
                          practitioner_1.p__tag AS p__tag
                        FROM practitioner AS practitioner_1
                    ) AS anon_4
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_4.p_name) AS entry
                        WHERE entry LIKE ANY ($19::TEXT[])
                    )
                )
            )
        )
        OR (
            document_reference_1.p_author && array(
                (
                    SELECT 'Organization/' || anon_6.id AS anon_5
                    FROM (
                        SELECT organization_1.id AS id, organization_1.version_id AS version_id,
                          organization_1.last_updated AS last_updated, organization_1.method AS method,
                          organization_1.body AS body, organization_1.depositor AS depositor,
                          organization_1.depositor_structure AS depositor_structure,
                          organization_1.secret AS secret, organization_1.filtered AS filtered,
                          organization_1.p_active AS p_active, organization_1.p_address AS p_address,
                          organization_1.p_address_city AS p_address_city,
                          organization_1.p_address_country AS p_address_country,
                          organization_1.p_address_postalcode AS p_address_postalcode,
                          organization_1.p_address_state AS p_address_state,
                          organization_1.p_address_use AS p_address_use, organization_1.p_endpoint AS p_endpoint,
                          organization_1.p_identifier AS p_identifier, organization_1.p_name AS p_name,
                          organization_1.p_partof AS p_partof, organization_1.p_phonetic AS p_phonetic,
                          organization_1.p_type AS p_type, organization_1.p__profile AS p__profile,
                          organization_1.p__security AS p__security, organization_1.p__source AS p__source,
                          organization_1.p__tag AS p__tag
                        FROM organization AS organization_1
                    ) AS anon_6
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_6.p_name) AS entry
                        WHERE entry LIKE ANY ($20::TEXT[])
                    )
                )
            )
        )
        OR (
            document_reference_1.p_author && array(
                (
                    SELECT 'Patient/' || anon_8.id AS anon_7
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
                                    WHEN (($1::INTEGER & 240) != 0) THEN false
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (patient_1.record = $3::VARCHAR) THEN true
                                    WHEN false THEN false
                                    WHEN (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_12
                                            WHERE (
                                                relation_12.record = patient_1.record
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
                                                    relation_13.record = patient_1.record
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
                                                relation_14.record = patient_1.record
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
                                                    relation_15.record = patient_1.record
                                                    AND relation_15.kind = 'full-access'
                                                    AND relation_15.starts <= carnet.now()
                                                    AND relation_15.ends > carnet.now()
                                                    AND relation_15.subject = $4::VARCHAR
                                                )
                                            )
                                        )
                                        AND ($1::INTEGER & 1) != 0
                                    ) THEN true
                                    WHEN false THEN true
                                    WHEN false THEN false
                                    WHEN false THEN false
                                    WHEN (
                                        (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_16
                                                WHERE (
                                                    relation_16.record = patient_1.record
                                                    AND relation_16.kind = 'authorised'
                                                    AND relation_16.starts <= carnet.now()
                                                    AND relation_16.ends > carnet.now()
                                                    AND relation_16.subject = $4::VARCHAR
                                                    AND (
                                                        relation_16.within = ''
                                                        OR relation_16.within = $7::VARCHAR
                                                    )
                                                )
                                            )
                                        )
                                        OR ($1::INTEGER & 2) = 0
                                        AND (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_17
                                                WHERE (
                                                    relation_17.record = patient_1.record
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
                                                                        $21::VARCHAR,
                                                                          split_part(
                                                                            relation_18.source,
                                                                              $22::VARCHAR,
                                                                              $23::INTEGER
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
                                                    relation_19.record = patient_1.record
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
                                                    relation_20.record = patient_1.record
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
                                                    relation_21.record = patient_1.record
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
                                                    relation_22.record = patient_1.record
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
                                                    relation_20.record = patient_1.record
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
                                END THEN CASE
                                    WHEN (record.status != 'open') THEN 'record-not-open'
                                    WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
                                    WHEN false THEN 'withdrawn'
                                    WHEN false THEN 'announcement-pending'
                                    WHEN (patient_1.record = $3::VARCHAR) THEN 'holder'
                                    WHEN false THEN 'hidden-from-representatives'
                                    WHEN (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_12
                                            WHERE (
                                                relation_12.record = patient_1.record
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
                                                    relation_13.record = patient_1.record
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
                                                relation_14.record = patient_1.record
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
                                                    relation_15.record = patient_1.record
                                                    AND relation_15.kind = 'full-access'
                                                    AND relation_15.starts <= carnet.now()
                                                    AND relation_15.ends > carnet.now()
                                                    AND relation_15.subject = $4::VARCHAR
                                                )
                                            )
                                        )
                                        AND ($1::INTEGER & 1) != 0
                                    ) THEN 'full-access'
                                    WHEN false THEN 'depositor'
                                    WHEN false THEN 'masked'
                                    WHEN false THEN 'outside-profession'
                                    WHEN (
                                        (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_16
                                                WHERE (
                                                    relation_16.record = patient_1.record
                                                    AND relation_16.kind = 'authorised'
                                                    AND relation_16.starts <= carnet.now()
                                                    AND relation_16.ends > carnet.now()
                                                    AND relation_16.subject = $4::VARCHAR
                                                    AND (
                                                        relation_16.within = ''
                                                        OR relation_16.within = $7::VARCHAR
                                                    )
                                                )
                                            )
                                        )
                                        OR ($1::INTEGER & 2) = 0
                                        AND (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_17
                                                WHERE (
                                                    relation_17.record = patient_1.record
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
                                                                        $21::VARCHAR,
                                                                          split_part(
                                                                            relation_18.source,
                                                                              $22::VARCHAR,
                                                                              $23::INTEGER
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
                                                    relation_19.record = patient_1.record
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
                                                    relation_20.record = patient_1.record
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
                                                    relation_21.record = patient_1.record
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
                                                    relation_22.record = patient_1.record
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
                                                    relation_20.record = patient_1.record
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
                                WHEN (
                                    ($1::INTEGER & 211) != 0
                                    OR patient_1.record = $3::VARCHAR
                                    OR (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_12
                                            WHERE (
                                                relation_12.record = patient_1.record
                                                AND relation_12.kind = 'represents'
                                                AND relation_12.starts <= carnet.now()
                                                AND relation_12.ends > carnet.now()
                                                AND relation_12.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                ) THEN 'identity-only'
                                ELSE CASE
                                    WHEN (record.status != 'open') THEN 'record-not-open'
                                    WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
                                    WHEN false THEN 'withdrawn'
                                    WHEN false THEN 'announcement-pending'
                                    WHEN (patient_1.record = $3::VARCHAR) THEN 'holder'
                                    WHEN false THEN 'hidden-from-representatives'
                                    WHEN (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_12
                                            WHERE (
                                                relation_12.record = patient_1.record
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
                                                    relation_13.record = patient_1.record
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
                                                relation_14.record = patient_1.record
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
                                                    relation_15.record = patient_1.record
                                                    AND relation_15.kind = 'full-access'
                                                    AND relation_15.starts <= carnet.now()
                                                    AND relation_15.ends > carnet.now()
                                                    AND relation_15.subject = $4::VARCHAR
                                                )
                                            )
                                        )
                                        AND ($1::INTEGER & 1) != 0
                                    ) THEN 'full-access'
                                    WHEN false THEN 'depositor'
                                    WHEN false THEN 'masked'
                                    WHEN false THEN 'outside-profession'
                                    WHEN (
                                        (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_16
                                                WHERE (
                                                    relation_16.record = patient_1.record
                                                    AND relation_16.kind = 'authorised'
                                                    AND relation_16.starts <= carnet.now()
                                                    AND relation_16.ends > carnet.now()
                                                    AND relation_16.subject = $4::VARCHAR
                                                    AND (
                                                        relation_16.within = ''
                                                        OR relation_16.within = $7::VARCHAR
                                                    )
                                                )
                                            )
                                        )
                                        OR ($1::INTEGER & 2) = 0
                                        AND (
                                            EXISTS (
                                                SELECT *
                                                FROM relation AS relation_17
                                                WHERE (
                                                    relation_17.record = patient_1.record
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
                                                                        $21::VARCHAR,
                                                                          split_part(
                                                                            relation_18.source,
                                                                              $22::VARCHAR,
                                                                              $23::INTEGER
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
                                                    relation_19.record = patient_1.record
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
                                                    relation_20.record = patient_1.record
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
                                                    relation_21.record = patient_1.record
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
                                                    relation_22.record = patient_1.record
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
                                                    relation_20.record = patient_1.record
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
                            END
                        ) AS verdict
                        FROM patient AS patient_1
                        LEFT OUTER JOIN record ON record.id = patient_1.record
                        WHERE (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN (($1::INTEGER & 240) != 0) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN (patient_1.record = $3::VARCHAR) THEN true
                                WHEN false THEN false
                                WHEN (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_12
                                        WHERE (
                                            relation_12.record = patient_1.record
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
                                                relation_13.record = patient_1.record
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
                                            relation_14.record = patient_1.record
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
                                                relation_15.record = patient_1.record
                                                AND relation_15.kind = 'full-access'
                                                AND relation_15.starts <= carnet.now()
                                                AND relation_15.ends > carnet.now()
                                                AND relation_15.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                ) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_16
                                            WHERE (
                                                relation_16.record = patient_1.record
                                                AND relation_16.kind = 'authorised'
                                                AND relation_16.starts <= carnet.now()
                                                AND relation_16.ends > carnet.now()
                                                AND relation_16.subject = $4::VARCHAR
                                                AND (
                                                    relation_16.within = ''
                                                    OR relation_16.within = $7::VARCHAR
                                                )
                                            )
                                        )
                                    )
                                    OR ($1::INTEGER & 2) = 0
                                    AND (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_17
                                            WHERE (
                                                relation_17.record = patient_1.record
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
                                                                    $21::VARCHAR,
                                                                      split_part(
                                                                        relation_18.source,
                                                                          $22::VARCHAR,
                                                                          $23::INTEGER
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
                                                relation_19.record = patient_1.record
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
                                                relation_20.record = patient_1.record
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
                                                relation_21.record = patient_1.record
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
                                                relation_22.record = patient_1.record
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
                                                relation_20.record = patient_1.record
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
                            SELECT concat(
                                set_config(
                                    'carnet.reach', (
                                        SELECT CASE
                                            WHEN (($1::INTEGER & 8) != 0) THEN $24::VARCHAR
                                            ELSE concat_ws(
                                                $25::VARCHAR, current_setting($26::VARCHAR, true),
                                                  array_to_string(
                                                    array_remove("reach_Patient".found, $27::VARCHAR),
                                                      $28::VARCHAR
                                                )
                                            )
                                        END AS anon_9
                                        FROM "reach_Patient"
                                    ), true
                                )
                            ) AS concat_4
                        ) IS NOT NULL
                        AND patient_1.record = any(
                            CAST((SELECT "reach_Patient".found FROM "reach_Patient") AS TEXT[])
                        )
                        AND $18::VARCHAR IN ('', patient_1.record)
                    ) AS anon_8
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_8.p_name) AS entry
                        WHERE entry LIKE ANY ($29::TEXT[])
                    )
                )
            )
        )
        OR (
            document_reference_1.p_author && array(
                (
                    SELECT 'RelatedPerson/' || anon_11.id AS anon_10
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
                                WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
                                WHEN false THEN 'withdrawn'
                                WHEN false THEN 'announcement-pending'
                                WHEN (related_person_1.record = $3::VARCHAR) THEN 'holder'
                                WHEN false THEN 'hidden-from-representatives'
                                WHEN (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_23
                                        WHERE (
                                            relation_23.record = related_person_1.record
                                            AND relation_23.kind = 'represents'
                                            AND relation_23.starts <= carnet.now()
                                            AND relation_23.ends > carnet.now()
                                            AND relation_23.subject = $4::VARCHAR
                                        )
                                    )
                                ) THEN 'representative'
                                WHEN (NOT (($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0)) THEN 'not-a-professional'
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_24
                                            WHERE (
                                                relation_24.record = related_person_1.record
                                                AND relation_24.kind = 'treating'
                                                AND relation_24.starts <= carnet.now()
                                                AND relation_24.ends > carnet.now()
                                                AND relation_24.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 4) != 0
                                    AND ($1::INTEGER & 1) != 0
                                ) THEN 'treating-physician'
                                WHEN (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_25
                                        WHERE (
                                            relation_25.record = related_person_1.record
                                            AND relation_25.kind = 'blocked'
                                            AND relation_25.starts <= carnet.now()
                                            AND relation_25.ends > carnet.now()
                                            AND relation_25.subject = $4::VARCHAR
                                        )
                                    )
                                ) THEN 'blocked'
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_26
                                            WHERE (
                                                relation_26.record = related_person_1.record
                                                AND relation_26.kind = 'full-access'
                                                AND relation_26.starts <= carnet.now()
                                                AND relation_26.ends > carnet.now()
                                                AND relation_26.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                ) THEN 'full-access'
                                WHEN false THEN 'depositor'
                                WHEN false THEN 'masked'
                                WHEN false THEN 'outside-profession'
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_27
                                            WHERE (
                                                relation_27.record = related_person_1.record
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
                                                relation_28.record = related_person_1.record
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
                                                                    $30::VARCHAR,
                                                                      split_part(
                                                                        relation_29.source,
                                                                          $31::VARCHAR,
                                                                          $32::INTEGER
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
                                                relation_30.record = related_person_1.record
                                                AND relation_30.kind = 'blocked'
                                                AND relation_30.starts <= carnet.now()
                                                AND relation_30.ends > carnet.now()
                                                AND relation_30.subject = any($8::TEXT[])
                                            )
                                        )
                                    )
                                ) THEN 'authorised'
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_31
                                            WHERE (
                                                relation_31.record = related_person_1.record
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
                                                relation_32.record = related_person_1.record
                                                AND relation_32.kind = 'opposed'
                                                AND relation_32.starts <= carnet.now()
                                                AND relation_32.ends > carnet.now()
                                                AND relation_32.subject = 'BTG'
                                            )
                                        )
                                    )
                                ) THEN 'break-glass'
                                WHEN (
                                    ($1::INTEGER & 8) != 0
                                    AND NOT (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_33
                                            WHERE (
                                                relation_33.record = related_person_1.record
                                                AND relation_33.kind = 'opposed'
                                                AND relation_33.starts <= carnet.now()
                                                AND relation_33.ends > carnet.now()
                                                AND relation_33.subject = 'ETREAT'
                                            )
                                        )
                                    )
                                ) THEN 'regulation'
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_31
                                            WHERE (
                                                relation_31.record = related_person_1.record
                                                AND relation_31.kind = 'window'
                                                AND relation_31.starts <= carnet.now()
                                                AND relation_31.ends > carnet.now()
                                                AND relation_31.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                    OR ($1::INTEGER & 8) != 0
                                ) THEN 'emergency-opposed'
                                ELSE 'not-authorised'
                            END
                        ) AS verdict
                        FROM related_person AS related_person_1
                        LEFT OUTER JOIN record ON record.id = related_person_1.record
                        WHERE (
                            CASE
                                WHEN (record.status != 'open') THEN false
                                WHEN (($1::INTEGER & 240) != 0) THEN false
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN (related_person_1.record = $3::VARCHAR) THEN true
                                WHEN false THEN false
                                WHEN (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_23
                                        WHERE (
                                            relation_23.record = related_person_1.record
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
                                                relation_24.record = related_person_1.record
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
                                            relation_25.record = related_person_1.record
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
                                                relation_26.record = related_person_1.record
                                                AND relation_26.kind = 'full-access'
                                                AND relation_26.starts <= carnet.now()
                                                AND relation_26.ends > carnet.now()
                                                AND relation_26.subject = $4::VARCHAR
                                            )
                                        )
                                    )
                                    AND ($1::INTEGER & 1) != 0
                                ) THEN true
                                WHEN false THEN true
                                WHEN false THEN false
                                WHEN false THEN false
                                WHEN (
                                    (
                                        EXISTS (
                                            SELECT *
                                            FROM relation AS relation_27
                                            WHERE (
                                                relation_27.record = related_person_1.record
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
                                                relation_28.record = related_person_1.record
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
                                                                    $30::VARCHAR,
                                                                      split_part(
                                                                        relation_29.source,
                                                                          $31::VARCHAR,
                                                                          $32::INTEGER
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
                                                relation_30.record = related_person_1.record
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
                                                relation_31.record = related_person_1.record
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
                                                relation_32.record = related_person_1.record
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
                                                relation_33.record = related_person_1.record
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
                                                relation_31.record = related_person_1.record
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
                        AND (
                            SELECT concat(
                                set_config(
                                    'carnet.reach', (
                                        SELECT CASE
                                            WHEN (($1::INTEGER & 8) != 0) THEN $33::VARCHAR
                                            ELSE concat_ws(
                                                $34::VARCHAR, current_setting($35::VARCHAR, true),
                                                  array_to_string(
                                                    array_remove("reach_RelatedPerson".found, $36::VARCHAR),
                                                      $37::VARCHAR
                                                )
                                            )
                                        END AS anon_12
                                        FROM "reach_RelatedPerson"
                                    ), true
                                )
                            ) AS concat_6
                        ) IS NOT NULL
                        AND related_person_1.record = any(
                            CAST((SELECT "reach_RelatedPerson".found FROM "reach_RelatedPerson") AS TEXT[])
                        )
                        AND $18::VARCHAR IN ('', related_person_1.record)
                    ) AS anon_11
                    WHERE EXISTS (
                        SELECT *
                        FROM unnest(anon_11.p_name) AS entry
                        WHERE entry LIKE ANY ($38::TEXT[])
                    )
                )
            )
        )
    )
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
SELECT newest.newest_matrix, page.id, page.version_id, page.last_updated, page.body,
  page.filtered, page.record, page.verdict, page.k0, page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT consent_1.id AS id, consent_1.version_id AS version_id, consent_1.last_updated AS last_updated,
      consent_1.body AS body, consent_1.filtered AS filtered, consent_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
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
                AND ($1::INTEGER & 4) != 0
                AND ($1::INTEGER & 1) != 0
            ) THEN 'treating-physician'
            WHEN ((($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0) AND $3::VARCHAR = any(consent_1.names)) THEN 'named'
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
                        WHEN (($1::INTEGER & 8) != 0) THEN $4::VARCHAR
                        ELSE concat_ws(
                            $5::VARCHAR, current_setting($6::VARCHAR, true),
                              array_to_string(array_remove("reach_Consent".found, $7::VARCHAR), $8::VARCHAR)
                        )
                    END AS anon_1
                    FROM "reach_Consent"
                ), true
            )
        ) AS concat_1
    ) IS NOT NULL
    AND consent_1.record = any(CAST((SELECT "reach_Consent".found FROM "reach_Consent") AS TEXT[]))
    AND $9::VARCHAR IN ('', consent_1.record)
    AND (consent_1.p_category && $10::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN (($1::INTEGER & 240) != 0) THEN false
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
                AND ($1::INTEGER & 4) != 0
                AND ($1::INTEGER & 1) != 0
            ) THEN true
            WHEN ((($1::INTEGER & 1) != 0 OR ($1::INTEGER & 2) != 0) AND $3::VARCHAR = any(consent_1.names)) THEN true
            ELSE false
        END
    )
    ORDER BY consent_1.last_updated DESC, consent_1.record ASC, consent_1.id ASC
    LIMIT $11::INTEGER
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
SELECT newest.newest_matrix, page.id, page.version_id, page.last_updated, page.body,
  page.filtered, page.record, page.verdict, page.k0, page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT task_1.id AS id, task_1.version_id AS version_id, task_1.last_updated AS last_updated,
      task_1.body AS body, task_1.filtered AS filtered, task_1.record AS record,
      (
        CASE
            WHEN (record.status != 'open') THEN 'record-not-open'
            WHEN (($1::INTEGER & 240) != 0) THEN 'excluded-party'
            WHEN (
                (
                    task_1.requester != ''
                    AND (task_1.requester = $2::VARCHAR OR task_1.requester = $3::VARCHAR)
                    OR task_1.owner != ''
                    AND (task_1.owner = $2::VARCHAR OR task_1.owner = $3::VARCHAR)
                )
                AND (
                    ($1::INTEGER & 1) != 0
                    OR ($1::INTEGER & 2) != 0
                    OR task_1.record = $4::VARCHAR
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
                        WHEN (($1::INTEGER & 8) != 0) THEN $5::VARCHAR
                        ELSE concat_ws(
                            $6::VARCHAR, current_setting($7::VARCHAR, true),
                              array_to_string(array_remove("reach_Task".found, $8::VARCHAR), $9::VARCHAR)
                        )
                    END AS anon_1
                    FROM "reach_Task"
                ), true
            )
        ) AS concat_1
    ) IS NOT NULL
    AND task_1.record = any(CAST((SELECT "reach_Task".found FROM "reach_Task") AS TEXT[]))
    AND $10::VARCHAR IN ('', task_1.record)
    AND (task_1.p_status && $11::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN (($1::INTEGER & 240) != 0) THEN false
            WHEN (
                (
                    task_1.requester != ''
                    AND (task_1.requester = $2::VARCHAR OR task_1.requester = $3::VARCHAR)
                    OR task_1.owner != ''
                    AND (task_1.owner = $2::VARCHAR OR task_1.owner = $3::VARCHAR)
                )
                AND (
                    ($1::INTEGER & 1) != 0
                    OR ($1::INTEGER & 2) != 0
                    OR task_1.record = $4::VARCHAR
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
    LIMIT $12::INTEGER
) AS page ON true
