-- Checks that the server answers.
PREPARE ping AS
SELECT 1;
