WITH hits AS MATERIALIZED (SELECT search_ids('systems', $2) AS ids)
SELECT row_to_json(r) FROM (SELECT (SELECT row_to_json(c) FROM (SELECT (
  SELECT coalesce(json_agg(o), '[]') FROM (
    SELECT 'sys_' || y.id AS id, y.name, y.code, y.security_mark AS "securityMark", y.level,
      (SELECT row_to_json(u) FROM (SELECT 'org_' || n.id AS id, n.name
        FROM organisations n WHERE n.tenant_id = $1 AND n.id = y.unit_id) u) AS unit,
      (SELECT row_to_json(u) FROM (SELECT 'fil_' || f.id AS id, f.number, f.state
        FROM filings f WHERE f.tenant_id = $1 AND f.id = y.current_filing_id AND f.state <> 'DRAFT') u)
        AS "currentFiling"
    FROM (
      (SELECT * FROM systems WHERE tenant_id = $1 AND id = ANY ((SELECT ids FROM hits)::uuid[])
        ORDER BY name, id LIMIT 20)
      UNION ALL
      (SELECT * FROM systems WHERE tenant_id = $1 AND (SELECT ids IS NULL FROM hits)
        AND (name ILIKE '%' || $2 || '%' OR code ILIKE '%' || $2 || '%') ORDER BY name, id LIMIT 20)
    ) y ORDER BY y.name, y.id LIMIT 20) o
  ) AS nodes) c) AS systems) r
