-- Records at the end of a migration's transaction that the migration was applied, for example:
--   :version = 99
--   :name = 0099-example.sql
--   :checksum = 0123456789abcdef
PREPARE migration_record AS
INSERT INTO schema_migrations (version, name, checksum)
VALUES (:version, :'name', :'checksum');
