-- The key $1, or up to two keys that begin with it, and whether it is the whole key.
PREPARE key_find AS
SELECT key_value, key_value = $1
FROM api_keys
WHERE starts_with(key_value, $1)
ORDER BY 2 DESC
LIMIT 2;
