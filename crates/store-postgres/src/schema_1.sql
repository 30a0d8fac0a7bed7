-- Where the log stands: one row, changed last in every transaction that makes a batch visible.
-- finished: the newest time of a finished batch. imported: up to here positions may have gaps that void
-- batches of another store explain; everything after it is dense.
CREATE TABLE store (
    one int PRIMARY KEY CHECK (one = 1),
    id bytea NOT NULL,
    visible bigint NOT NULL,
    finished bigint NOT NULL,
    imported bigint NOT NULL
);

-- Numbers given out: dense, and never by a sequence, which leaves gaps and hands out numbers in advance.
CREATE TABLE counter (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counter (name, value) VALUES ('batch', 0), ('original', 0), ('kind', 0), ('label', 0), ('dict', 1);

-- Versions: the n-th of its batch. A version's position is its batch's "after" plus n, known once the batch
-- is finished. chunk spreads the log over the parts of a distributed engine, some thousand neighbours together.
CREATE TABLE object (
    chunk bigint NOT NULL,
    batch bigint NOT NULL,
    n bigint NOT NULL,
    kind int NOT NULL,
    uuid uuid NOT NULL,
    modified bigint NOT NULL,
    label int NOT NULL,
    source bigint NOT NULL,
    place bigint NOT NULL,
    dict int NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (chunk, batch, n)
);
-- Bodies and fingerprints do not pack any further.
ALTER TABLE object ALTER COLUMN body SET STORAGE EXTERNAL;

-- What followers need of the versions one append stored, the last of them "last": keys of ids under key_id,
-- labels, and fingerprints of what was read in them by "reading". Derived: without it the bodies are read.
CREATE TABLE run (
    chunk bigint NOT NULL,
    batch bigint NOT NULL,
    last bigint NOT NULL,
    count int NOT NULL,
    key_id bigint NOT NULL,
    ids bytea NOT NULL,
    labels bytea NOT NULL,
    reading bigint NOT NULL,
    found bytea NOT NULL,
    PRIMARY KEY (chunk, batch, last)
);
ALTER TABLE run ALTER COLUMN ids SET STORAGE EXTERNAL;
ALTER TABLE run ALTER COLUMN found SET STORAGE EXTERNAL;

CREATE TABLE kind (id int PRIMARY KEY, name text NOT NULL UNIQUE);
-- A label may be longer than an index takes: it is found by its digest.
CREATE TABLE label (id int PRIMARY KEY, digest bytea NOT NULL UNIQUE, text text NOT NULL);
CREATE TABLE dict (id int PRIMARY KEY, due bigint NOT NULL UNIQUE, content bytea);

-- state: 0 open, 1 done, 2 undone, 3 void. root: the batch whose versions an undo takes back or restores; an
-- undo has no rows of its own. process: who writes it. nonce: tells a begin that is tried again from a new one.
CREATE TABLE batch (
    id bigint PRIMARY KEY,
    nonce uuid NOT NULL UNIQUE,
    process text NOT NULL,
    fence text,
    token bigint,
    owner text NOT NULL,
    note text NOT NULL,
    state smallint NOT NULL,
    began bigint NOT NULL,
    finished bigint,
    after bigint NOT NULL,
    last bigint NOT NULL,
    count bigint NOT NULL,
    undone_by bigint,
    undoes bigint,
    root bigint,
    swept boolean NOT NULL,
    files bigint NOT NULL DEFAULT 0,
    objects bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    warnings bigint NOT NULL DEFAULT 0,
    "values" bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0
);
CREATE INDEX batch_last ON batch (last) WHERE state IN (1, 2) AND last > after;
CREATE INDEX batch_finished ON batch (finished, last) WHERE state IN (1, 2) AND last > after;
CREATE INDEX batch_root ON batch (root, id) WHERE root IS NOT NULL;
CREATE INDEX batch_unsettled ON batch (id) WHERE state = 0 OR (state = 3 AND NOT swept);

CREATE TABLE original (
    id bigint PRIMARY KEY,
    batch bigint NOT NULL,
    ordinal bigint NOT NULL,
    name text NOT NULL,
    format text NOT NULL,
    sha256 bytea,
    bytes bigint NOT NULL,
    kept boolean NOT NULL,
    UNIQUE (batch, ordinal)
);
CREATE INDEX original_sha256 ON original (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE original_chunk (
    original bigint NOT NULL,
    number int NOT NULL,
    length int NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (original, number)
);
ALTER TABLE original_chunk ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE rejected (
    batch bigint NOT NULL,
    number bigint NOT NULL,
    file text NOT NULL,
    place bigint NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    item bytea NOT NULL,
    repaired_by bigint,
    PRIMARY KEY (batch, number)
);

-- Keys are listed by prefix, byte by byte, whatever the database believes to be alphabetical.
CREATE TABLE setting (key text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, value bytea NOT NULL);
