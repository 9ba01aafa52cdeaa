-- How many moves get which verdict? The engagement rules of the shipped policies by hand, with the values of their
-- parameters, over one table `facts` in the columns of engine.facts.
WITH given AS (
    -- The optional facts, of which none is an answer too. A data set that is not there would make each of these NULL.
    SELECT *,
        "account.last_moved_on" IS NOT NULL AS has_last_moved_on,
        "account.contract_end" IS NOT NULL AS has_contract_end,
        "account.segmentation" IS NOT NULL AS has_segmentation,
        "account.required_licence" IS NOT NULL AS has_required_licence,
        "account.industry" IS NOT NULL AS has_industry,
        "to_rep.size_segment" IS NOT NULL AS has_size_segment,
        "move.reason" IS NOT NULL AS has_reason,
        "move.requester" IS NOT NULL AS has_requester,
        "move.approver" IS NOT NULL AS has_approver,
        "move.announced_on" IS NOT NULL AS has_announced_on,
        "move.evidence" IS NOT NULL AS has_evidence,
        CASE "account.size_segment" WHEN 'SMB' THEN 14 WHEN 'mid-market' THEN 28 WHEN 'enterprise' THEN 42 END AS notice
    FROM facts
),
ruled AS (
    SELECT
        NOT "to_rep.active" OR NOT "to_rep.quota_carrying"
            OR (has_size_segment AND "to_rep.size_segment" <> "account.size_segment") AS r01,
        has_last_moved_on AND "move.effective" < "account.last_moved_on" + 180 AS r02,
        "account.strategic_anchor" AS r03,
        "account.late_deals" > 0 AS r04,
        has_contract_end AND "account.contract_end" <= "move.effective" + 60
            AND "move.effective" < "account.contract_end" + 30 AS r05,
        "account.tier" = 'A' AS r06,
        "account.tier" = 'A' AND "to_rep.tenure" < 1095 AS r06t,
        "account.tier" = 'B' AND "to_rep.tenure" < 365 AS r06b,
        "to_rep.utilisation_after#n" * 10 > "to_rep.utilisation_after#d" * 12
            OR "to_rep.utilisation_after#n" * 10 < "to_rep.utilisation_after#d" * 8
            OR "from_rep.utilisation_after#n" * 10 > "from_rep.utilisation_after#d" * 12
            OR "from_rep.utilisation_after#n" * 10 < "from_rep.utilisation_after#d" * 8 AS r07,
        "from_rep.accounts_given" > 10 OR "from_rep.t12_given" > 5000000 AS r08,
        "account.family_split" AS r09,
        "account.named" AND has_reason AND "move.reason" = 'geography' AS r10,
        NOT "move.in_window" AS r11,
        has_reason AND "move.reason" IN ('leaver', 'merger', 'bad-data') AS r11x,
        "account.named" AND "to_rep.accounts_after" >= 500 AS r12,
        has_segmentation AND (
            ("account.tier" = 'A' AND "account.segmentation" <> 'named')
            OR ("account.tier" = 'B' AND "account.segmentation" <> 'vertical')
            OR ("account.tier" = 'C' AND "account.segmentation" NOT IN ('geographic', 'pooled'))) AS r13,
        "account.tier" = 'A' AND (NOT "account.has_plan" OR "account.relationships" < 3) AS r14,
        "account.churn_risk" = 'high' AS r15,
        "account.affinity_gap#n" * 10 >= "account.affinity_gap#d" * 3 AS r16,
        (has_requester AND has_approver AND "move.requester" = "move.approver")
            OR (has_requester AND "move.requester" = "move.to_rep")
            OR (has_approver AND "move.approver" = "move.to_rep") AS r17,
        "company.open_mergers" > 0 AS r18,
        has_reason AND "move.reason" = 'merger' AS r18x,
        has_required_licence AND NOT "to_rep.licensed" AS r19,
        NOT "to_rep.has_quota" AS r20,
        NOT has_evidence AS r21,
        NOT "from_rep.owns_account" AS r23,
        has_announced_on AND (
            "move.effective" < "move.announced_on" + notice
            OR (has_industry AND "account.industry" IN ('financial-services', 'banking', 'insurance')
                AND "move.effective" < "move.announced_on" + notice + 14)) AS r24,
        has_industry AND "account.industry" IN ('financial-services', 'banking', 'insurance', 'healthcare',
            'manufacturing', 'SaaS') AS r25,
        has_industry AND "account.industry" = 'healthcare' AND NOT "to_rep.expertise" AS r25h,
        has_reason AND "move.reason" = 'leaver' AND "to_rep.bottom_quartile" AS r26,
        has_reason AND "move.reason" = 'leaver' AS m1,
        "account.in_mandate" AS m2,
        "move.from_rep" <> "move.to_rep" AS ob1,
        "move.from_rep" <> "move.to_rep" AS ob2,
        "account.tier" <> 'C' AND "account.size_segment" <> 'SMB' AS ob3,
        "account.tier" = 'C' OR "account.size_segment" = 'SMB' AS ob3n,
        "account.size_segment" = 'enterprise' AS ob4,
        "move.from_rep" <> "move.to_rep" AS ob5,
        "move.from_rep" <> "move.to_rep" AS ob6,
        "to_rep.quota_change#n" * 100 > "to_rep.quota_change#d" * 30
            OR "from_rep.quota_change#n" * 100 > "from_rep.quota_change#d" * 30
            OR "to_rep.quota_change#n" * 100 < "to_rep.quota_change#d" * -30
            OR "from_rep.quota_change#n" * 100 < "from_rep.quota_change#d" * -30 AS q1,
        "to_rep.new_tam_share#n" * 100 >= "to_rep.new_tam_share#d" * 50 OR "to_rep.new_territory" AS q2
    FROM given
)
-- A denial that nobody can decide holds the move, a hold or an approval stands; a window is not waited for where
-- r11x is true, nor a merger where r18x is.
SELECT
    CASE
        WHEN r01 OR r02 OR r09 OR r10 OR r12 OR r17 OR r19 OR r20 OR r24 THEN 'deny'
        WHEN (r01 OR r02 OR r09 OR r10 OR r12 OR r17 OR r19 OR r20 OR r24) IS NULL THEN 'hold'
        WHEN coalesce(r05, true) OR coalesce(r14, true) OR coalesce(r21, true) OR coalesce(r23, true)
            OR (coalesce(r11, true) AND NOT coalesce(r11x, false))
            OR (coalesce(r18, true) AND NOT coalesce(r18x, false)) THEN 'hold'
        WHEN coalesce(r03, true) OR coalesce(r06t, true) OR coalesce(r07, true) OR coalesce(r08, true)
            OR coalesce(r15, true) THEN 'approval'
        ELSE 'allow'
    END AS verdict,
    count(*) AS moves
FROM ruled GROUP BY verdict
