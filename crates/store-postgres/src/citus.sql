-- Run once, by the administrator, on the coordinator of a Citus cluster, after the store was made and with
-- search_path set to its schema. The program does not know; every statement stays as it is. The small tables
-- stay on the coordinator.
SELECT create_distributed_table('object', 'chunk');
SELECT create_distributed_table('run', 'chunk', colocate_with => 'object');
SELECT create_distributed_table('original_chunk', 'original', colocate_with => 'none');
