-- Revokes the key $1.
PREPARE key_revoke AS
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
WHERE key_value = $1
RETURNING 1;
