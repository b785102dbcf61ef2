-- deposit
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            [flags&1]
            OR [flags&2]
            OR '' != $6::VARCHAR
            AND ([flags&16] OR [flags&64] OR [flags&32])
            OR [flags&2048]
            OR [flags&4096]
        )
    ) THEN 'not-yours-to-do'
    WHEN ([flags&32] AND NOT $12::BOOLEAN) THEN 'reimbursement-only'
    WHEN (([flags&2048] OR [flags&4096]) AND NOT $13::BOOLEAN) THEN 'holder-type'
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN (([flags&2048] OR [flags&4096]) AND $14::BOOLEAN) THEN 'announcement-by-holder'
    WHEN ($15::BOOLEAN AND $14::BOOLEAN AND NOT $16::BOOLEAN) THEN 'visibility-cumulation'
    WHEN ($17::BOOLEAN AND NOT [flags&2097152]) THEN 'not-a-minor'
    WHEN ([flags&512] AND NOT $17::BOOLEAN) THEN 'secret-connection'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $20::VARCHAR
FOR SHARE OF record

-- hold
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&1] OR [flags&2] OR '' != $6::VARCHAR AND ([flags&16] OR [flags&64] OR [flags&32]))) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $10::VARCHAR
FOR SHARE OF record

-- mask
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096] OR [flags&8192] AND [flags&4] AND [flags&1])) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN ($9::BOOLEAN AND $10::BOOLEAN AND NOT $11::BOOLEAN) THEN 'visibility-cumulation'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $12::VARCHAR
FOR SHARE OF record

-- unmask
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096] OR false)) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- set-announcement
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN true THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN false THEN 'seen-by-holder'
    WHEN false THEN 'announcement-over'
    WHEN ($4::BOOLEAN AND $5::BOOLEAN AND NOT $6::BOOLEAN) THEN 'visibility-cumulation'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $7::VARCHAR
FOR SHARE OF record

-- announce
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&8192] AND [flags&4] AND [flags&1] OR [flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $9::VARCHAR
FOR SHARE OF record

-- hide
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&2048]) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN ($5::BOOLEAN AND NOT [flags&2097152]) THEN 'not-a-minor'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $7::VARCHAR
FOR SHARE OF record

-- show
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&2048]) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN ([flags&512] AND NOT $6::BOOLEAN) THEN 'secret-connection'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $7::VARCHAR
FOR SHARE OF record

-- archive
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&2048]) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- withdraw
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE WHEN true THEN 'not-yours-to-do' ELSE '' END AS refusal
FROM record
WHERE record.id = $4::VARCHAR
FOR SHARE OF record

-- revise
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN true THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $4::VARCHAR
FOR SHARE OF record

-- replace
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN true THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN $4::BOOLEAN THEN 'announcement-replaces'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- erase
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN $6::BOOLEAN THEN 'not-yours-to-erase'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $7::VARCHAR
FOR SHARE OF record

-- open
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&1] OR [flags&2] OR [flags&16] OR [flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $9::VARCHAR
FOR SHARE OF record

-- close
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&1] OR [flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN ([flags&16384]) THEN 'blocked'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $8::VARCHAR
FOR SHARE OF record

-- reopen
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&1] OR [flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN ([flags&16384]) THEN 'blocked'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $8::VARCHAR
FOR SHARE OF record

-- contact
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- destroy
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&128])) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- retain
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&128]) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- create-identity
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&1] OR [flags&2] OR [flags&16] OR [flags&128])) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $8::VARCHAR
FOR SHARE OF record

-- identify
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            [flags&2048]
            OR [flags&4096]
            OR [flags&8192]
            AND [flags&4]
            AND [flags&1]
            OR [flags&16]
            OR [flags&128]
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $11::VARCHAR
FOR SHARE OF record

-- change-identity-traits
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&8192] AND [flags&4] AND [flags&1] OR [flags&16] OR [flags&128])) THEN 'identity-traits'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $9::VARCHAR
FOR SHARE OF record

-- relate
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            [flags&2048]
            OR [flags&4096]
            OR [flags&8192]
            AND [flags&4]
            AND [flags&1]
            OR [flags&1024]
            AND ([flags&1] OR [flags&16])
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $11::VARCHAR
FOR SHARE OF record

-- name-representative
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&128] OR [flags&1024] AND ([flags&1] OR [flags&16]))) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $8::VARCHAR
FOR SHARE OF record

-- change-team
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            [flags&2048]
            OR [flags&4096]
            OR [flags&8192]
            AND [flags&4]
            AND [flags&1]
            OR [flags&1024]
            AND ([flags&1] OR [flags&16])
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $11::VARCHAR
FOR SHARE OF record

-- name-treating-physician
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096] OR [flags&1024] AND ([flags&1] OR [flags&16]))) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $9::VARCHAR
FOR SHARE OF record

-- declare-treating-physician
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&1] AND [flags&4])) THEN 'not-yours-to-do'
    WHEN ([flags&16384]) THEN 'blocked'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $7::VARCHAR
FOR SHARE OF record

-- authorise
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            [flags&2048]
            OR [flags&4096]
            OR [flags&1]
            OR [flags&2]
            OR [flags&1024]
            AND ([flags&1] OR [flags&16])
        )
    ) THEN 'not-yours-to-do'
    WHEN (([flags&16384] OR [flags&32768]) AND NOT ([flags&8192] AND [flags&4] AND [flags&1])) THEN 'blocked'
    WHEN ($14::BOOLEAN AND NOT ([flags&2048] OR [flags&4096])) THEN 'attested-by-name'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $15::VARCHAR
FOR SHARE OF record

-- end-authorisation
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- give-full-access
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- block
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096] OR [flags&8192] AND [flags&4] AND [flags&1])) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $9::VARCHAR
FOR SHARE OF record

-- oppose
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096] OR [flags&1024] AND ([flags&1] OR [flags&16]))) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $9::VARCHAR
FOR SHARE OF record

-- restore
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- break-glass
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ([flags&16384]) THEN 'blocked'
    WHEN (NOT [flags&256]) THEN 'strong-authentication'
    WHEN ([flags&524288]) THEN 'emergency-opposed'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $8::VARCHAR
FOR SHARE OF record

-- end-break-glass
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&1]) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- ask-rectification
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT ([flags&2048] OR [flags&4096])) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- answer-rectification
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN true THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $4::VARCHAR
FOR SHARE OF record

-- import
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT [flags&128]) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record
