-- The ledger: what everybody may see of an entry, and what only this node knows. number: dense from 0, over all logs,
-- given out at the end of each transaction that adds entries, under the lock of the one row of ledger_head.
CREATE TABLE ledger (number bigint PRIMARY KEY, leaf bytea NOT NULL, opening bytea NOT NULL);
CREATE TABLE ledger_head (one int PRIMARY KEY CHECK (one = 1), size bigint NOT NULL, log int NOT NULL);
INSERT INTO ledger_head (one, size, log) VALUES (1, 0, 0);
-- The logs, one a year, and the number of the first entry of each.
CREATE TABLE ledger_log (log int PRIMARY KEY, first bigint NOT NULL);
