-- The ledger: what everybody may see of an entry, and what only this node knows. number: dense from 0, over all logs.
CREATE TABLE ledger (number INTEGER PRIMARY KEY, leaf BLOB NOT NULL, opening BLOB NOT NULL) STRICT;
-- The logs, one a year, and the number of the first entry of each.
CREATE TABLE ledger_log (log INTEGER PRIMARY KEY, first INTEGER NOT NULL) STRICT;
