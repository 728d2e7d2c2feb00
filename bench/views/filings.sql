SELECT row_to_json(r) FROM (SELECT (SELECT row_to_json(c) FROM (SELECT (
  SELECT coalesce(json_agg(o), '[]') FROM (
    SELECT 'fil_' || f.id AS id, f.number, f.state, f.level, f.submitted_at AS "submittedAt",
      f.review_due_on AS "reviewDueOn",
      (SELECT row_to_json(s) FROM (SELECT 'sys_' || y.id AS id, y.name, y.security_mark AS "securityMark"
        FROM systems y WHERE y.tenant_id = $1 AND y.id = f.system_id) s) AS system,
      (SELECT row_to_json(u) FROM (SELECT 'org_' || n.id AS id, n.name
        FROM organisations n WHERE n.tenant_id = $1 AND n.id = f.unit_id) u) AS unit,
      (SELECT coalesce(json_agg(d), '[]') FROM (SELECT 'doc_' || m.id AS id, m.kind, m.filename, m.size
        FROM documents m WHERE m.tenant_id = $1 AND m.filing_id = f.id ORDER BY m.id LIMIT 3) d) AS documents,
      (SELECT coalesce(json_agg(p), '[]') FROM (SELECT l.number, l.kind, l.state, l.issued_at AS "issuedAt"
        FROM reply_letters l WHERE l.tenant_id = $1 AND l.filing_id = f.id ORDER BY l.id DESC LIMIT 1) p) AS replies
    FROM filings f WHERE f.tenant_id = $1 AND f.state <> 'DRAFT'
    ORDER BY f.created_at DESC, f.id DESC LIMIT 50) o
  ) AS nodes) c) AS filings) r
