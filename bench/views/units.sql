SELECT row_to_json(r) FROM (SELECT (SELECT row_to_json(c) FROM (SELECT (
  SELECT coalesce(json_agg(o), '[]') FROM (
    SELECT 'org_' || n.id AS id, n.name, n.credit_code AS "creditCode", n.authority_level AS "authorityLevel",
      (SELECT row_to_json(d) FROM (SELECT t.name FROM districts t
        WHERE t.tenant_id = $1 AND t.id = n.district_id) d) AS district,
      (SELECT row_to_json(k) FROM (SELECT (SELECT count(*) FROM systems y
        WHERE y.tenant_id = $1 AND y.unit_id = n.id) AS "totalCount") k) AS systems,
      (SELECT row_to_json(k) FROM (SELECT
        (SELECT count(*) FROM filings f WHERE f.tenant_id = $1 AND f.unit_id = n.id AND f.state <> 'DRAFT')
          AS "totalCount",
        (SELECT coalesce(json_agg(l), '[]') FROM (SELECT 'fil_' || f.id AS id, f.number, f.state, f.level,
          f.submitted_at AS "submittedAt" FROM filings f
          WHERE f.tenant_id = $1 AND f.unit_id = n.id AND f.state <> 'DRAFT'
          ORDER BY f.created_at DESC, f.id DESC LIMIT 3) l) AS nodes) k) AS filings
    FROM organisations n WHERE n.tenant_id = $1 AND n.kind = 'UNIT'
    ORDER BY n.name, n.id LIMIT 20) o
  ) AS nodes) c) AS organisations) r
