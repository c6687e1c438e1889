CREATE TABLE calls (
    id    BIGINT IDENTITY(1,1),
    day   DATE NOT NULL,
    name  VARCHAR(64) NOT NULL,
    cost  NUMERIC(18,6)
)
DISTSTYLE AUTO
SORTKEY (day);

CREATE VIEW cost_by_day AS
SELECT day, SUM(cost) AS cost FROM calls GROUP BY day;
