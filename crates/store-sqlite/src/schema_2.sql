-- object.op: 3 withdraws target for good. object.body: NULL in a put whose body was erased.
-- Whether the version at a position was withdrawn, and which of a batch were.
CREATE INDEX object_withdrawn ON object (target) WHERE op = 3;
