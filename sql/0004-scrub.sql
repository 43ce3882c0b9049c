-- What each project wants to have removed from its events before they are stored or grouped.

ALTER TABLE projects
    ADD COLUMN scrub        boolean NOT NULL DEFAULT true,
    ADD COLUMN scrub_ip     boolean NOT NULL DEFAULT false,
    ADD COLUMN scrub_fields text    NOT NULL DEFAULT '' CHECK (octet_length(scrub_fields) <= 1000),
    ADD COLUMN safe_fields  text    NOT NULL DEFAULT '' CHECK (octet_length(safe_fields) <= 1000);
COMMENT ON COLUMN projects.scrub IS 'secrets are removed from what is sent; false: it is stored as it was received';
COMMENT ON COLUMN projects.scrub_ip IS 'IP addresses, too';
COMMENT ON COLUMN projects.scrub_fields IS 'names of secrets besides those that are always known, commas between them';
COMMENT ON COLUMN projects.safe_fields IS 'names below which nothing is removed, commas between them';
