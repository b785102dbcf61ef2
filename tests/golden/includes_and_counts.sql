-- include one
SELECT document_reference_1.record, document_reference_1.id, document_reference_1.version_id,
  document_reference_1.last_updated, document_reference_1.method, document_reference_1.body,
  document_reference_1.depositor, document_reference_1.depositor_structure,
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
  document_reference_1.p__source, document_reference_1.p__tag, (
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
AND document_reference_1.id = any($22::TEXT[])
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $18::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $18::VARCHAR, true),
              set_config('carnet.depositor', $2::VARCHAR, true), set_config(
                'carnet.subject', $24::VARCHAR, true
            ), set_config('carnet.structure', $25::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY document_reference_1.id
LIMIT $26::INTEGER

-- include many
WITH "reach_DocumentReference" AS (
    SELECT array(
        (
            SELECT $5::VARCHAR AS anon_2
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = any($21::TEXT[])
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
SELECT document_reference_1.record, document_reference_1.id, document_reference_1.version_id,
  document_reference_1.last_updated, document_reference_1.method, document_reference_1.body,
  document_reference_1.depositor, document_reference_1.depositor_structure,
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
  document_reference_1.p__source, document_reference_1.p__tag, (
    CASE
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
        ) THEN false
        WHEN (document_reference_1.record = $5::VARCHAR) THEN true
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
                    AND relation_1.subject = $6::VARCHAR
                )
            )
        ) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
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
                    AND relation_3.subject = $6::VARCHAR
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
                        AND relation_4.subject = $6::VARCHAR
                    )
                )
            )
            AND [flags&1]
        ) THEN true
        WHEN (document_reference_1.depositor = $2::VARCHAR) THEN true
        WHEN document_reference_1.masked THEN false
        WHEN NOT CASE
            WHEN (document_reference_1.kind < $8::INTEGER) THEN get_bit($9::BYTEA, document_reference_1.kind) = 1
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
        ) THEN true
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
                        AND relation_9.subject = $6::VARCHAR
                    )
                )
            )
            AND [flags&1]
            OR [flags&8]
        ) THEN false
        ELSE false
    END
)
AND (
    SELECT concat(
        set_config(
            'carnet.reach', (
                SELECT CASE
                    WHEN ([flags&8]) THEN $16::VARCHAR
                    ELSE concat_ws(
                        $17::VARCHAR, current_setting($18::VARCHAR, true),
                          array_to_string(
                            array_remove("reach_DocumentReference".found, $19::VARCHAR), $20::VARCHAR
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
AND $22::VARCHAR IN ('', document_reference_1.record)
AND document_reference_1.id = any($23::TEXT[])
ORDER BY document_reference_1.id
LIMIT $24::INTEGER

-- revinclude one
SELECT consent_1.record, consent_1.id, consent_1.version_id, consent_1.last_updated,
  consent_1.method, consent_1.body, consent_1.depositor, consent_1.depositor_structure,
  consent_1.secret, consent_1.filtered, consent_1.category, consent_1.active,
  consent_1.names, consent_1.p_action, consent_1.p_actor, consent_1.p_category,
  consent_1.p_consentor, consent_1.p_data, consent_1.p_date_lo, consent_1.p_date_hi,
  consent_1.p_identifier, consent_1.p_organization, consent_1.p_patient, consent_1.p_period_lo,
  consent_1.p_period_hi, consent_1.p_purpose, consent_1.p_scope, consent_1.p_security_label,
  consent_1.p_source_reference, consent_1.p_status, consent_1.p__profile, consent_1.p__security,
  consent_1.p__source, consent_1.p__tag, (
    CASE
        WHEN (record.status != 'open') THEN 'record-not-open'
        WHEN ([flags&240]) THEN 'excluded-party'
        WHEN ([flags&2048]) THEN 'holder'
        WHEN ([flags&4096] AND consent_1.secret) THEN 'secret-connection'
        WHEN ([flags&4096]) THEN 'representative'
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN 'treating-physician'
        WHEN (([flags&1] OR [flags&2]) AND $8::VARCHAR = any(consent_1.names)) THEN 'named'
        ELSE 'not-authorised'
    END
) AS verdict
FROM consent AS consent_1
LEFT OUTER JOIN record ON record.id = consent_1.record
WHERE (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN ([flags&2048]) THEN true
        WHEN ([flags&4096] AND consent_1.secret) THEN false
        WHEN ([flags&4096]) THEN true
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN (([flags&1] OR [flags&2]) AND $8::VARCHAR = any(consent_1.names)) THEN true
        ELSE false
    END
)
AND consent_1.record = $9::VARCHAR
AND record.policy_version = $10::BIGINT
AND $11::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $12::TIMESTAMP WITH TIME ZONE > carnet.now()
AND consent_1.p_source_reference && $13::TEXT[]
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $9::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $9::VARCHAR, true),
              set_config('carnet.depositor', $15::VARCHAR, true), set_config(
                'carnet.subject', $8::VARCHAR, true
            ), set_config('carnet.structure', $16::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL
ORDER BY consent_1.id
LIMIT $17::INTEGER

-- count one
SELECT count(*) AS count_1
FROM document_reference AS document_reference_1
LEFT OUTER JOIN record ON record.id = document_reference_1.record
WHERE document_reference_1.record = $1::VARCHAR
AND (document_reference_1.p_status && $2::TEXT[])
AND (
    CASE
        WHEN (record.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN (
            document_reference_1.withdrawn
            AND NOT (document_reference_1.depositor = $4::VARCHAR AND ([flags&1] OR [flags&2]))
        ) THEN false
        WHEN (([flags&2048] OR [flags&4096]) AND document_reference_1.announce_at > carnet.now()) THEN false
        WHEN ([flags&2048]) THEN true
        WHEN ([flags&4096] AND document_reference_1.hidden) THEN false
        WHEN ([flags&4096]) THEN true
        WHEN (NOT ([flags&1] OR [flags&2])) THEN false
        WHEN ([flags&8192] AND [flags&4] AND [flags&1]) THEN true
        WHEN ([flags&16384]) THEN false
        WHEN ([flags&65536] AND [flags&1]) THEN true
        WHEN (document_reference_1.depositor = $4::VARCHAR) THEN true
        WHEN document_reference_1.masked THEN false
        WHEN NOT CASE
            WHEN (document_reference_1.kind < $13::INTEGER) THEN get_bit(
                $14::BYTEA, document_reference_1.kind
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
AND (
    SELECT CASE
        WHEN ([flags&474248]) THEN set_config('carnet.record', $1::VARCHAR, true)
        ELSE concat(
            set_config('carnet.record', '', true), set_config('carnet.identity', $1::VARCHAR, true),
              set_config('carnet.depositor', $4::VARCHAR, true), set_config(
                'carnet.subject', $21::VARCHAR, true
            ), set_config('carnet.structure', $22::VARCHAR, true)
        )
    END AS anon_1
) IS NOT NULL

-- count many
WITH near AS MATERIALIZED (
    SELECT record.id AS id, record.status AS status, toward.relations AS relations
    FROM (
        SELECT unnest(
            array(
                (
                    SELECT $1::VARCHAR AS anon_1
                    UNION
                    SELECT way.relation.record
                    FROM way.relation
                    WHERE way.relation.subject = any($2::TEXT[])
                    UNION
                    SELECT record.id
                    FROM record
                    WHERE [flags&8]
                    UNION
                    SELECT way.deposit_document_reference.record
                    FROM way.deposit_document_reference
                    WHERE way.deposit_document_reference.depositor BETWEEN $4::VARCHAR
                    AND $4::VARCHAR
                    UNION
                    SELECT way.deposit_list.record
                    FROM way.deposit_list
                    WHERE way.deposit_list.depositor BETWEEN $4::VARCHAR
                    AND $4::VARCHAR
                    UNION
                    SELECT way.consent.record
                    FROM way.consent
                    WHERE way.consent.names @> CAST(ARRAY[$5::VARCHAR] AS TEXT[])
                    UNION
                    SELECT way.deposit_provenance.record
                    FROM way.deposit_provenance
                    WHERE way.deposit_provenance.depositor BETWEEN $4::VARCHAR
                    AND $4::VARCHAR
                )
            )
        ) AS id
    ) AS key
    JOIN record ON record.id = key.id
    JOIN LATERAL (
        SELECT CAST(
            CASE WHEN (record.id = $1::VARCHAR) THEN 2048 ELSE 0 END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'represents'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $5::VARCHAR
                    ), false
                ) THEN 4096
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'treating'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $5::VARCHAR
                    ), false
                ) THEN 8192
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $5::VARCHAR
                    ), false
                ) THEN 16384
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'blocked'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = any($6::TEXT[])
                    ), false
                ) THEN 32768
                ELSE 0
            END + CASE
                WHEN coalesce(
                    bool_or(
                        relation_1.kind = 'full-access'
                        AND relation_1.starts <= carnet.now()
                        AND relation_1.ends > carnet.now()
                        AND relation_1.subject = $5::VARCHAR
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
                            AND relation_1.subject = $5::VARCHAR
                            AND (relation_1.within = '' OR relation_1.within = $7::VARCHAR)
                        ), false
                    )
                    OR NOT [flags&2]
                    AND coalesce(
                        bool_or(
                            relation_1.kind = 'authorised'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND (
                                relation_1.subject = any($6::TEXT[])
                                OR (
                                    EXISTS (
                                        SELECT *
                                        FROM relation AS relation_2
                                        WHERE (
                                            relation_2.record = record.id
                                            AND relation_2.kind = 'member'
                                            AND concat(
                                                $9::VARCHAR, split_part(
                                                    relation_2.source, $10::VARCHAR, $11::INTEGER
                                                )
                                            ) = relation_1.subject
                                            AND relation_2.starts <= carnet.now()
                                            AND relation_2.ends > carnet.now()
                                            AND relation_2.subject = $5::VARCHAR
                                            AND (relation_2.within = '' OR relation_2.within = $7::VARCHAR)
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
                            AND relation_1.subject = any($6::TEXT[])
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
                        AND relation_1.subject = $5::VARCHAR
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
            SELECT $1::VARCHAR AS anon_1
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = any($2::TEXT[])
            UNION
            SELECT record.id
            FROM record
            WHERE [flags&8]
            UNION
            SELECT way.deposit_document_reference.record
            FROM way.deposit_document_reference
            WHERE way.deposit_document_reference.depositor BETWEEN $4::VARCHAR
            AND $4::VARCHAR
        )
    ) AS found
)
SELECT count(*) AS count_1
FROM near
JOIN document_reference AS document_reference_1 ON document_reference_1.record = near.id
WHERE (
    SELECT concat(
        set_config(
            'carnet.reach', (
                SELECT CASE
                    WHEN ([flags&8]) THEN $12::VARCHAR
                    ELSE concat_ws(
                        $13::VARCHAR, current_setting($14::VARCHAR, true),
                          array_to_string(
                            array_remove("reach_DocumentReference".found, $15::VARCHAR), $16::VARCHAR
                        )
                    )
                END AS anon_2
                FROM "reach_DocumentReference"
            ), true
        )
    ) AS concat_2
) IS NOT NULL
AND $17::VARCHAR IN ('', document_reference_1.record)
AND (document_reference_1.p_status && $18::TEXT[])
AND (
    CASE
        WHEN (near.status != 'open') THEN false
        WHEN ([flags&240]) THEN false
        WHEN (
            document_reference_1.withdrawn
            AND NOT (document_reference_1.depositor = $4::VARCHAR AND ([flags&1] OR [flags&2]))
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
        WHEN (document_reference_1.depositor = $4::VARCHAR) THEN true
        WHEN document_reference_1.masked THEN false
        WHEN NOT CASE
            WHEN (document_reference_1.kind < $22::INTEGER) THEN get_bit(
                $23::BYTEA, document_reference_1.kind
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

-- by identifier
WITH "reach_found_DocumentReference" AS (
    SELECT array_agg(way.named_document_reference.record) AS records, array_agg(
        way.named_document_reference.id
    ) AS ids, count(*) FILTER (WHERE way.named_document_reference.depositor != $2::VARCHAR) AS others
    FROM way.named_document_reference
    WHERE way.named_document_reference.p_identifier && $21::TEXT[]
), "reach_asked_DocumentReference" AS (
    SELECT array_cat(
        "reach_found_DocumentReference".records, array(
            (
                SELECT named_document_reference_1.record
                FROM way.named_document_reference AS named_document_reference_1
                WHERE named_document_reference_1.record > md5(array_to_string($21::TEXT[], ''))
                AND NOT (named_document_reference_1.p_identifier && $21::TEXT[])
                ORDER BY named_document_reference_1.record
                LIMIT (
                    SELECT greatest(cardinality($21::TEXT[]) - "reach_found_DocumentReference".others, 0) AS greatest_1
                    FROM "reach_found_DocumentReference"
                )
            )
        )
    ) AS records, "reach_found_DocumentReference".ids AS ids
    FROM "reach_found_DocumentReference"
), "reach_led_DocumentReference" AS (
    SELECT array(
        (
            SELECT $5::VARCHAR AS anon_2
            WHERE $5::VARCHAR = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = any($22::TEXT[])
            AND way.relation.record = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
            UNION
            SELECT record.id
            FROM record
            WHERE [flags&8]
            AND record.id = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
            UNION
            SELECT way.deposit_document_reference.record
            FROM way.deposit_document_reference
            WHERE way.deposit_document_reference.depositor BETWEEN $2::VARCHAR
            AND $2::VARCHAR
            AND way.deposit_document_reference.record = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
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
                WHEN (document_reference_1.kind < $8::INTEGER) THEN get_bit(
                    $9::BYTEA, document_reference_1.kind
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
                        WHEN ([flags&8]) THEN $16::VARCHAR
                        ELSE concat_ws(
                            $17::VARCHAR, current_setting($18::VARCHAR, true),
                              array_to_string(
                                array_remove("reach_led_DocumentReference".found, $19::VARCHAR), $20::VARCHAR
                            )
                        )
                    END AS anon_1
                    FROM "reach_led_DocumentReference"
                ), true
            )
        ) AS concat_2
    ) IS NOT NULL
    AND (document_reference_1.record, document_reference_1.id) IN (
        SELECT pair.record, pair.id
        FROM (
            SELECT unnest("reach_asked_DocumentReference".records) AS record,
              unnest("reach_asked_DocumentReference".ids) AS id
            FROM "reach_asked_DocumentReference"
        ) AS pair
        WHERE pair.record = any(
            CAST((SELECT "reach_led_DocumentReference".found FROM "reach_led_DocumentReference") AS TEXT[])
        )
    )
    AND $23::VARCHAR IN ('', document_reference_1.record)
    AND (document_reference_1.p_status && $24::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
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
            ) THEN false
            WHEN (document_reference_1.record = $5::VARCHAR) THEN true
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
                        AND relation_1.subject = $6::VARCHAR
                    )
                )
            ) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
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
                        AND relation_3.subject = $6::VARCHAR
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
                            AND relation_4.subject = $6::VARCHAR
                        )
                    )
                )
                AND [flags&1]
            ) THEN true
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN true
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
            ) THEN true
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
                            AND relation_9.subject = $6::VARCHAR
                        )
                    )
                )
                AND [flags&1]
                OR [flags&8]
            ) THEN false
            ELSE false
        END
    )
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true

-- by ids
WITH "reach_asked_DocumentReference" AS (
    SELECT array((SELECT split_part(one, '.', $21::INTEGER) AS split_part_3 FROM unnest($22::TEXT[]) AS one)) AS records,
      $22::TEXT[] AS ids
), "reach_led_DocumentReference" AS (
    SELECT array(
        (
            SELECT $5::VARCHAR AS anon_2
            WHERE $5::VARCHAR = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
            UNION
            SELECT way.relation.record
            FROM way.relation
            WHERE way.relation.subject = any($23::TEXT[])
            AND way.relation.record = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
            UNION
            SELECT record.id
            FROM record
            WHERE [flags&8]
            AND record.id = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
            UNION
            SELECT way.deposit_document_reference.record
            FROM way.deposit_document_reference
            WHERE way.deposit_document_reference.depositor BETWEEN $2::VARCHAR
            AND $2::VARCHAR
            AND way.deposit_document_reference.record = any(
                CAST(
                    (SELECT "reach_asked_DocumentReference".records FROM "reach_asked_DocumentReference") AS TEXT[]
                )
            )
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
                WHEN (document_reference_1.kind < $8::INTEGER) THEN get_bit(
                    $9::BYTEA, document_reference_1.kind
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
                        WHEN ([flags&8]) THEN $16::VARCHAR
                        ELSE concat_ws(
                            $17::VARCHAR, current_setting($18::VARCHAR, true),
                              array_to_string(
                                array_remove("reach_led_DocumentReference".found, $19::VARCHAR), $20::VARCHAR
                            )
                        )
                    END AS anon_1
                    FROM "reach_led_DocumentReference"
                ), true
            )
        ) AS concat_2
    ) IS NOT NULL
    AND (document_reference_1.record, document_reference_1.id) IN (
        SELECT pair.record, pair.id
        FROM (
            SELECT unnest("reach_asked_DocumentReference".records) AS record,
              unnest("reach_asked_DocumentReference".ids) AS id
            FROM "reach_asked_DocumentReference"
        ) AS pair
        WHERE pair.record = any(
            CAST((SELECT "reach_led_DocumentReference".found FROM "reach_led_DocumentReference") AS TEXT[])
        )
    )
    AND $24::VARCHAR IN ('', document_reference_1.record)
    AND true
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN (
                document_reference_1.withdrawn
                AND NOT (document_reference_1.depositor = $2::VARCHAR AND ([flags&1] OR [flags&2]))
            ) THEN false
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
            ) THEN false
            WHEN (document_reference_1.record = $5::VARCHAR) THEN true
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
                        AND relation_1.subject = $6::VARCHAR
                    )
                )
            ) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
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
                        AND relation_3.subject = $6::VARCHAR
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
                            AND relation_4.subject = $6::VARCHAR
                        )
                    )
                )
                AND [flags&1]
            ) THEN true
            WHEN (document_reference_1.depositor = $2::VARCHAR) THEN true
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
            ) THEN true
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
                            AND relation_9.subject = $6::VARCHAR
                        )
                    )
                )
                AND [flags&1]
                OR [flags&8]
            ) THEN false
            ELSE false
        END
    )
    ORDER BY document_reference_1.last_updated DESC, document_reference_1.record ASC,
      document_reference_1.id ASC
    LIMIT $25::INTEGER
) AS page ON true

-- by INS
WITH reach_identified AS (
    SELECT array_agg(patient_2.record) AS records
    FROM way.patient AS patient_2
    WHERE patient_2.p_identifier && $14::TEXT[]
)
SELECT newest.newest_matrix, carnet.now() AS asked_at, page.id, page.version_id,
  page.last_updated, page.body, page.filtered, page.record, page.verdict, page.k0,
  page.k1, page.k2
FROM (SELECT max(matrix_version.version) AS newest_matrix FROM matrix_version) AS newest
LEFT OUTER JOIN LATERAL (
    SELECT patient_1.id AS id, patient_1.version_id AS version_id, patient_1.last_updated AS last_updated,
      patient_1.body AS body, patient_1.filtered AS filtered, patient_1.record AS record,
      (
        CASE
            WHEN CASE
                WHEN (record.status != 'open') THEN false
                WHEN ([flags&240]) THEN false
                WHEN false THEN false
                WHEN false THEN false
                WHEN (patient_1.record = $2::VARCHAR) THEN true
                WHEN false THEN false
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = patient_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $3::VARCHAR
                        )
                    )
                ) THEN true
                WHEN (NOT ([flags&1] OR [flags&2])) THEN false
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_2
                            WHERE (
                                relation_2.record = patient_1.record
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
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_3
                        WHERE (
                            relation_3.record = patient_1.record
                            AND relation_3.kind = 'blocked'
                            AND relation_3.starts <= carnet.now()
                            AND relation_3.ends > carnet.now()
                            AND relation_3.subject = $3::VARCHAR
                        )
                    )
                ) THEN false
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_4
                            WHERE (
                                relation_4.record = patient_1.record
                                AND relation_4.kind = 'full-access'
                                AND relation_4.starts <= carnet.now()
                                AND relation_4.ends > carnet.now()
                                AND relation_4.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                ) THEN true
                WHEN false THEN true
                WHEN false THEN false
                WHEN false THEN false
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_5
                            WHERE (
                                relation_5.record = patient_1.record
                                AND relation_5.kind = 'authorised'
                                AND relation_5.starts <= carnet.now()
                                AND relation_5.ends > carnet.now()
                                AND relation_5.subject = $3::VARCHAR
                                AND (relation_5.within = '' OR relation_5.within = $7::VARCHAR)
                            )
                        )
                    )
                    OR NOT [flags&2]
                    AND (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_6
                            WHERE (
                                relation_6.record = patient_1.record
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
                                                relation_7.record = patient_1.record
                                                AND relation_7.kind = 'member'
                                                AND concat(
                                                    $9::VARCHAR, split_part(
                                                        relation_7.source, $10::VARCHAR, $11::INTEGER
                                                    )
                                                ) = relation_6.subject
                                                AND relation_7.starts <= carnet.now()
                                                AND relation_7.ends > carnet.now()
                                                AND relation_7.subject = $3::VARCHAR
                                                AND (
                                                    relation_7.within = ''
                                                    OR relation_7.within = $7::VARCHAR
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
                            FROM relation AS relation_8
                            WHERE (
                                relation_8.record = patient_1.record
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
                                relation_9.record = patient_1.record
                                AND relation_9.kind = 'window'
                                AND relation_9.starts <= carnet.now()
                                AND relation_9.ends > carnet.now()
                                AND relation_9.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_10
                            WHERE (
                                relation_10.record = patient_1.record
                                AND relation_10.kind = 'opposed'
                                AND relation_10.starts <= carnet.now()
                                AND relation_10.ends > carnet.now()
                                AND relation_10.subject = 'BTG'
                            )
                        )
                    )
                ) THEN true
                WHEN (
                    [flags&8]
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_11
                            WHERE (
                                relation_11.record = patient_1.record
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
                                relation_9.record = patient_1.record
                                AND relation_9.kind = 'window'
                                AND relation_9.starts <= carnet.now()
                                AND relation_9.ends > carnet.now()
                                AND relation_9.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                    OR [flags&8]
                ) THEN false
                ELSE false
            END THEN CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN false THEN 'withdrawn'
                WHEN false THEN 'announcement-pending'
                WHEN (patient_1.record = $2::VARCHAR) THEN 'holder'
                WHEN false THEN 'hidden-from-representatives'
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = patient_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $3::VARCHAR
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
                                relation_2.record = patient_1.record
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
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_3
                        WHERE (
                            relation_3.record = patient_1.record
                            AND relation_3.kind = 'blocked'
                            AND relation_3.starts <= carnet.now()
                            AND relation_3.ends > carnet.now()
                            AND relation_3.subject = $3::VARCHAR
                        )
                    )
                ) THEN 'blocked'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_4
                            WHERE (
                                relation_4.record = patient_1.record
                                AND relation_4.kind = 'full-access'
                                AND relation_4.starts <= carnet.now()
                                AND relation_4.ends > carnet.now()
                                AND relation_4.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                ) THEN 'full-access'
                WHEN false THEN 'depositor'
                WHEN false THEN 'masked'
                WHEN false THEN 'outside-profession'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_5
                            WHERE (
                                relation_5.record = patient_1.record
                                AND relation_5.kind = 'authorised'
                                AND relation_5.starts <= carnet.now()
                                AND relation_5.ends > carnet.now()
                                AND relation_5.subject = $3::VARCHAR
                                AND (relation_5.within = '' OR relation_5.within = $7::VARCHAR)
                            )
                        )
                    )
                    OR NOT [flags&2]
                    AND (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_6
                            WHERE (
                                relation_6.record = patient_1.record
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
                                                relation_7.record = patient_1.record
                                                AND relation_7.kind = 'member'
                                                AND concat(
                                                    $9::VARCHAR, split_part(
                                                        relation_7.source, $10::VARCHAR, $11::INTEGER
                                                    )
                                                ) = relation_6.subject
                                                AND relation_7.starts <= carnet.now()
                                                AND relation_7.ends > carnet.now()
                                                AND relation_7.subject = $3::VARCHAR
                                                AND (
                                                    relation_7.within = ''
                                                    OR relation_7.within = $7::VARCHAR
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
                            FROM relation AS relation_8
                            WHERE (
                                relation_8.record = patient_1.record
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
                                relation_9.record = patient_1.record
                                AND relation_9.kind = 'window'
                                AND relation_9.starts <= carnet.now()
                                AND relation_9.ends > carnet.now()
                                AND relation_9.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_10
                            WHERE (
                                relation_10.record = patient_1.record
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
                                relation_11.record = patient_1.record
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
                                relation_9.record = patient_1.record
                                AND relation_9.kind = 'window'
                                AND relation_9.starts <= carnet.now()
                                AND relation_9.ends > carnet.now()
                                AND relation_9.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                    OR [flags&8]
                ) THEN 'emergency-opposed'
                ELSE 'not-authorised'
            END
            WHEN (
                [flags&211]
                OR patient_1.record = $2::VARCHAR
                OR (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = patient_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $3::VARCHAR
                        )
                    )
                )
            ) THEN 'identity-only'
            ELSE CASE
                WHEN (record.status != 'open') THEN 'record-not-open'
                WHEN ([flags&240]) THEN 'excluded-party'
                WHEN false THEN 'withdrawn'
                WHEN false THEN 'announcement-pending'
                WHEN (patient_1.record = $2::VARCHAR) THEN 'holder'
                WHEN false THEN 'hidden-from-representatives'
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_1
                        WHERE (
                            relation_1.record = patient_1.record
                            AND relation_1.kind = 'represents'
                            AND relation_1.starts <= carnet.now()
                            AND relation_1.ends > carnet.now()
                            AND relation_1.subject = $3::VARCHAR
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
                                relation_2.record = patient_1.record
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
                WHEN (
                    EXISTS (
                        SELECT *
                        FROM relation AS relation_3
                        WHERE (
                            relation_3.record = patient_1.record
                            AND relation_3.kind = 'blocked'
                            AND relation_3.starts <= carnet.now()
                            AND relation_3.ends > carnet.now()
                            AND relation_3.subject = $3::VARCHAR
                        )
                    )
                ) THEN 'blocked'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_4
                            WHERE (
                                relation_4.record = patient_1.record
                                AND relation_4.kind = 'full-access'
                                AND relation_4.starts <= carnet.now()
                                AND relation_4.ends > carnet.now()
                                AND relation_4.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                ) THEN 'full-access'
                WHEN false THEN 'depositor'
                WHEN false THEN 'masked'
                WHEN false THEN 'outside-profession'
                WHEN (
                    (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_5
                            WHERE (
                                relation_5.record = patient_1.record
                                AND relation_5.kind = 'authorised'
                                AND relation_5.starts <= carnet.now()
                                AND relation_5.ends > carnet.now()
                                AND relation_5.subject = $3::VARCHAR
                                AND (relation_5.within = '' OR relation_5.within = $7::VARCHAR)
                            )
                        )
                    )
                    OR NOT [flags&2]
                    AND (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_6
                            WHERE (
                                relation_6.record = patient_1.record
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
                                                relation_7.record = patient_1.record
                                                AND relation_7.kind = 'member'
                                                AND concat(
                                                    $9::VARCHAR, split_part(
                                                        relation_7.source, $10::VARCHAR, $11::INTEGER
                                                    )
                                                ) = relation_6.subject
                                                AND relation_7.starts <= carnet.now()
                                                AND relation_7.ends > carnet.now()
                                                AND relation_7.subject = $3::VARCHAR
                                                AND (
                                                    relation_7.within = ''
                                                    OR relation_7.within = $7::VARCHAR
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
                            FROM relation AS relation_8
                            WHERE (
                                relation_8.record = patient_1.record
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
                                relation_9.record = patient_1.record
                                AND relation_9.kind = 'window'
                                AND relation_9.starts <= carnet.now()
                                AND relation_9.ends > carnet.now()
                                AND relation_9.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                    AND NOT (
                        EXISTS (
                            SELECT *
                            FROM relation AS relation_10
                            WHERE (
                                relation_10.record = patient_1.record
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
                                relation_11.record = patient_1.record
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
                                relation_9.record = patient_1.record
                                AND relation_9.kind = 'window'
                                AND relation_9.starts <= carnet.now()
                                AND relation_9.ends > carnet.now()
                                AND relation_9.subject = $3::VARCHAR
                            )
                        )
                    )
                    AND [flags&1]
                    OR [flags&8]
                ) THEN 'emergency-opposed'
                ELSE 'not-authorised'
            END
        END
    ) AS verdict, patient_1.last_updated AS k0, patient_1.record AS k1, patient_1.id AS k2
    FROM patient AS patient_1
    LEFT OUTER JOIN record ON record.id = patient_1.record
    WHERE (
        SELECT concat(
            set_config(
                'carnet.identity', array_to_string(
                    CAST((SELECT reach_identified.records FROM reach_identified) AS TEXT[]), $15::VARCHAR
                ), true
            )
        ) AS concat_2
    ) IS NOT NULL
    AND patient_1.record = any(CAST((SELECT reach_identified.records FROM reach_identified) AS TEXT[]))
    AND (patient_1.p_identifier && $14::TEXT[])
    AND (
        CASE
            WHEN (record.status != 'open') THEN false
            WHEN ([flags&240]) THEN false
            WHEN false THEN false
            WHEN false THEN false
            WHEN (patient_1.record = $2::VARCHAR) THEN true
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
                        AND relation_12.subject = $3::VARCHAR
                    )
                )
            ) THEN true
            WHEN (NOT ([flags&1] OR [flags&2])) THEN false
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
                            AND relation_13.subject = $3::VARCHAR
                        )
                    )
                )
                AND [flags&4]
                AND [flags&1]
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
                        AND relation_14.subject = $3::VARCHAR
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
                            AND relation_15.subject = $3::VARCHAR
                        )
                    )
                )
                AND [flags&1]
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
                            AND relation_16.subject = $3::VARCHAR
                            AND (relation_16.within = '' OR relation_16.within = $7::VARCHAR)
                        )
                    )
                )
                OR NOT [flags&2]
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
                                            relation_18.record = patient_1.record
                                            AND relation_18.kind = 'member'
                                            AND concat(
                                                $16::VARCHAR, split_part(
                                                    relation_18.source, $17::VARCHAR, $18::INTEGER
                                                )
                                            ) = relation_17.subject
                                            AND relation_18.starts <= carnet.now()
                                            AND relation_18.ends > carnet.now()
                                            AND relation_18.subject = $3::VARCHAR
                                            AND (relation_18.within = '' OR relation_18.within = $7::VARCHAR)
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
                            AND relation_20.subject = $3::VARCHAR
                        )
                    )
                )
                AND [flags&1]
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
                [flags&8]
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
                            AND relation_20.subject = $3::VARCHAR
                        )
                    )
                )
                AND [flags&1]
                OR [flags&8]
            ) THEN false
            ELSE false
        END
        OR [flags&211]
        OR patient_1.record = $2::VARCHAR
        OR (
            EXISTS (
                SELECT *
                FROM relation AS relation_12
                WHERE (
                    relation_12.record = patient_1.record
                    AND relation_12.kind = 'represents'
                    AND relation_12.starts <= carnet.now()
                    AND relation_12.ends > carnet.now()
                    AND relation_12.subject = $3::VARCHAR
                )
            )
        )
    )
    ORDER BY patient_1.last_updated DESC, patient_1.record ASC, patient_1.id ASC
    LIMIT $19::INTEGER
) AS page ON true
