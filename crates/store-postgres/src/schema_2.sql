-- targets: of a batch that withdraws versions, the positions of these in the order of its rows. The rows have
-- no bodies and repeat their target as "place". object.body: empty also where it was erased.
ALTER TABLE batch ADD COLUMN targets bigint[];
