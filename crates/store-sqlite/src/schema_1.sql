-- One row: who this store is, and where the log stands.
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL,
    visible INTEGER NOT NULL,
    last INTEGER NOT NULL
) STRICT;
INSERT INTO store (one, id, visible, last) VALUES (1, randomblob(8), 0, 0);

-- The log. op: NULL put, 1 tombstone, 2 restoration of target. modified: microseconds since 1970.
CREATE TABLE object (
    seq INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    uuid BLOB NOT NULL,
    modified INTEGER NOT NULL,
    label INTEGER NOT NULL,
    op INTEGER,
    target INTEGER,
    source INTEGER NOT NULL,
    place INTEGER NOT NULL,
    dict INTEGER NOT NULL,
    body BLOB
) STRICT;

CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE label (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE dict (id INTEGER PRIMARY KEY, trained_at INTEGER NOT NULL, content BLOB) STRICT;

-- state: 0 open, 1 done, 2 undone, 3 void. root: the batch whose versions an undo takes back or restores.
CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    note TEXT NOT NULL,
    state INTEGER NOT NULL,
    began INTEGER NOT NULL,
    finished INTEGER,
    after INTEGER NOT NULL,
    last INTEGER NOT NULL,
    undone_by INTEGER,
    undoes INTEGER,
    root INTEGER,
    swept INTEGER NOT NULL DEFAULT 0,
    files INTEGER NOT NULL DEFAULT 0,
    objects INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    warnings INTEGER NOT NULL DEFAULT 0,
    "values" INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX batch_last ON batch (last);
CREATE INDEX batch_finished ON batch (finished, id) WHERE finished IS NOT NULL;
CREATE INDEX batch_root ON batch (root, id) WHERE root IS NOT NULL;
CREATE INDEX batch_unsettled ON batch (id) WHERE state = 0 OR (state = 3 AND swept = 0);

CREATE TABLE original (
    id INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    sha256 BLOB,
    bytes INTEGER NOT NULL,
    kept INTEGER NOT NULL
) STRICT;
CREATE INDEX original_batch ON original (batch);
CREATE INDEX original_sha256 ON original (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE original_chunk (
    original INTEGER NOT NULL,
    number INTEGER NOT NULL,
    length INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (original, number)
) STRICT;

CREATE TABLE rejected (
    batch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    place INTEGER NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    item BLOB NOT NULL,
    repaired_by INTEGER,
    PRIMARY KEY (batch, number)
) STRICT;

CREATE TABLE setting (key TEXT PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
