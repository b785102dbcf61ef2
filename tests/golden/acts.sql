-- deposit
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 2) != 0
            OR '' != $5::VARCHAR
            AND (($4::INTEGER & 16) != 0 OR ($4::INTEGER & 64) != 0 OR ($4::INTEGER & 32) != 0)
            OR ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
        )
    ) THEN 'not-yours-to-do'
    WHEN (($4::INTEGER & 32) != 0 AND NOT $6::BOOLEAN) THEN 'reimbursement-only'
    WHEN ((($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0) AND NOT $7::BOOLEAN) THEN 'holder-type'
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN ((($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0) AND $8::BOOLEAN) THEN 'announcement-by-holder'
    WHEN ($9::BOOLEAN AND $8::BOOLEAN AND NOT $10::BOOLEAN) THEN 'visibility-cumulation'
    WHEN ($11::BOOLEAN AND ($4::INTEGER & 2097152) = 0) THEN 'not-a-minor'
    WHEN (($4::INTEGER & 512) != 0 AND NOT $11::BOOLEAN) THEN 'secret-connection'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $12::VARCHAR
FOR SHARE OF record

-- hold
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 2) != 0
            OR '' != $5::VARCHAR
            AND (($4::INTEGER & 16) != 0 OR ($4::INTEGER & 64) != 0 OR ($4::INTEGER & 32) != 0)
        )
    ) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- mask
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
        )
    ) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN ($5::BOOLEAN AND $6::BOOLEAN AND NOT $7::BOOLEAN) THEN 'visibility-cumulation'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $8::VARCHAR
FOR SHARE OF record

-- unmask
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0 OR false)) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
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
    WHEN (
        NOT (
            ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
        )
    ) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- hide
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (($4::INTEGER & 2048) = 0) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN ($5::BOOLEAN AND ($4::INTEGER & 2097152) = 0) THEN 'not-a-minor'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- show
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (($4::INTEGER & 2048) = 0) THEN 'not-yours-to-do'
    WHEN false THEN 'withdrawn'
    WHEN (($4::INTEGER & 512) != 0 AND NOT $5::BOOLEAN) THEN 'secret-connection'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- archive
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (($4::INTEGER & 2048) = 0) THEN 'not-yours-to-do'
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
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN $5::BOOLEAN THEN 'not-yours-to-erase'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- open
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 2) != 0
            OR ($4::INTEGER & 16) != 0
            OR ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
        )
    ) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- close
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN (($4::INTEGER & 16384) != 0) THEN 'blocked'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- reopen
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN (($4::INTEGER & 16384) != 0) THEN 'blocked'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- contact
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- destroy
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 128) != 0)) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- retain
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (($4::INTEGER & 128) = 0) THEN 'not-yours-to-do'
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
    WHEN (
        NOT (
            ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 2) != 0
            OR ($4::INTEGER & 16) != 0
            OR ($4::INTEGER & 128) != 0
        )
    ) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
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
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 16) != 0
            OR ($4::INTEGER & 128) != 0
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- change-identity-traits
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 16) != 0
            OR ($4::INTEGER & 128) != 0
        )
    ) THEN 'identity-traits'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
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
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 1024) != 0
            AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 16) != 0)
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- name-representative
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 128) != 0
            OR ($4::INTEGER & 1024) != 0
            AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 16) != 0)
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
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
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 1024) != 0
            AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 16) != 0)
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- name-treating-physician
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 1024) != 0
            AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 16) != 0)
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- declare-treating-physician
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 1) != 0 AND ($4::INTEGER & 4) != 0)) THEN 'not-yours-to-do'
    WHEN (($4::INTEGER & 16384) != 0) THEN 'blocked'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
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
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 1) != 0
            OR ($4::INTEGER & 2) != 0
            OR ($4::INTEGER & 1024) != 0
            AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 16) != 0)
        )
    ) THEN 'not-yours-to-do'
    WHEN (
        (($4::INTEGER & 16384) != 0 OR ($4::INTEGER & 32768) != 0)
        AND NOT (($4::INTEGER & 8192) != 0 AND ($4::INTEGER & 4) != 0 AND ($4::INTEGER & 1) != 0)
    ) THEN 'blocked'
    WHEN ($5::BOOLEAN AND NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'attested-by-name'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $6::VARCHAR
FOR SHARE OF record

-- end-authorisation
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- give-full-access
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- block
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 8192) != 0
            AND ($4::INTEGER & 4) != 0
            AND ($4::INTEGER & 1) != 0
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- oppose
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (
        NOT (
            ($4::INTEGER & 2048) != 0
            OR ($4::INTEGER & 4096) != 0
            OR ($4::INTEGER & 1024) != 0
            AND (($4::INTEGER & 1) != 0 OR ($4::INTEGER & 16) != 0)
        )
    ) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- restore
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- break-glass
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (($4::INTEGER & 1) = 0) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    WHEN (($4::INTEGER & 16384) != 0) THEN 'blocked'
    WHEN (($4::INTEGER & 256) = 0) THEN 'strong-authentication'
    WHEN (($4::INTEGER & 524288) != 0) THEN 'emergency-opposed'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record

-- end-break-glass
SELECT record.policy_version = $1::BIGINT
AND $2::INTEGER = (SELECT max(matrix_version.version) AS max_1 FROM matrix_version)
AND $3::TIMESTAMP WITH TIME ZONE > carnet.now() AS fresh, (
    SELECT max(matrix_version.version) AS max_2
    FROM matrix_version
) AS matrix_version, record.status, carnet.now() AS now, CASE
    WHEN (($4::INTEGER & 1) = 0) THEN 'not-yours-to-do'
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
    WHEN (NOT (($4::INTEGER & 2048) != 0 OR ($4::INTEGER & 4096) != 0)) THEN 'not-yours-to-do'
    WHEN (record.status != 'open') THEN 'record-not-open'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
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
    WHEN (($4::INTEGER & 128) = 0) THEN 'not-yours-to-do'
    ELSE ''
END AS refusal
FROM record
WHERE record.id = $5::VARCHAR
FOR SHARE OF record
