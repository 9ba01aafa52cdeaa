-- How does each territory stand? The balance metrics of all territories by hand, with the numbers of the shipped
-- definitions, over a snapshot in which every account has a potential, every rep a quota for every quarter, and every
-- assignment its share.
WITH by_account AS (
    SELECT territory, account, sum(amount) AS t12, sum(amount) FILTER (WHERE rep IN (
        SELECT rep FROM reps WHERE quota_carrying AND NOT manager)) AS credited
    FROM revenue WHERE booked_on >= DATE '2025-07-01' AND booked_on < DATE '2026-07-01'
    GROUP BY territory, account
),
booked AS (
    SELECT territory, sum(t12) AS t12, sum(credited) AS credited, max(t12) AS largest, count_if(t12 > 0) AS buying
    FROM by_account GROUP BY territory
),
held AS (
    SELECT a.territory, count(*) AS accounts, sum(p.amount) AS tam,
        sum(CASE WHEN p.amount > 10000000 THEN 3 WHEN p.amount >= 2500000 THEN 2 ELSE 1 END) AS units
    FROM accounts AS a JOIN potential AS p USING (account) GROUP BY a.territory
),
worked AS (
    SELECT s.territory, sum(c.target_units * s.share) / 1000000 AS target, sum(q.quota * s.share) / 1000000 AS quota
    FROM assignments AS s JOIN capacity AS c USING (rep) JOIN (
        SELECT rep, sum(amount) AS quota FROM quotas WHERE start >= DATE '2025-07-01' AND start < DATE '2026-07-01'
        GROUP BY rep) AS q USING (rep)
    WHERE s.start <= DATE '2026-06-30' AND (s."end" IS NULL OR s."end" > DATE '2026-06-30')
    GROUP BY s.territory
)
SELECT territory, t12, buying, accounts, tam, largest / t12 AS largest_share, credited / quota AS attainment,
    units / target AS utilisation, units * count(*) OVER () / sum(units) OVER () AS workload,
    tam * count(*) OVER () / sum(tam) OVER () AS potential, t12 / tam AS capture
FROM booked JOIN held USING (territory) JOIN worked USING (territory)
ORDER BY territory
