SELECT row_to_json(r) FROM (SELECT (SELECT row_to_json(c) FROM (
  SELECT 'fil_' || f.id AS id, f.number, f.state, f.level, f.authority, f.channel, f.created_at AS "createdAt",
    f.submitted_at AS "submittedAt", f.received_at AS "receivedAt", f.review_due_on AS "reviewDueOn",
    f.replied_at AS "repliedAt", f.version,
    (SELECT row_to_json(d) FROM (SELECT t.name, t.division_code AS "divisionCode"
      FROM districts t WHERE t.tenant_id = $1 AND t.id = f.district_id) d) AS district,
    (SELECT row_to_json(u) FROM (SELECT 'org_' || n.id AS id, n.name, n.credit_code AS "creditCode", n.address,
      n.contact_name AS "contactName", n.contact_phone AS "contactPhone"
      FROM organisations n WHERE n.tenant_id = $1 AND n.id = f.unit_id) u) AS unit,
    (SELECT row_to_json(s) FROM (SELECT 'sys_' || y.id AS id, y.name, y.code, y.important,
      y.security_mark AS "securityMark" FROM systems y WHERE y.tenant_id = $1 AND y.id = f.system_id) s) AS system,
    (SELECT row_to_json(s) FROM (SELECT 'grd_' || g.id AS id, g.state, g.level, g.security_mark AS "securityMark",
      g.confirmed_at AS "confirmedAt",
      (SELECT row_to_json(b) FROM (SELECT p.display_name AS "displayName" FROM users p
        WHERE p.tenant_id = $1 AND p.id = g.confirmed_by_id) b) AS "confirmedBy",
      (SELECT row_to_json(b) FROM (SELECT g.business_information_level AS level,
        g.business_information -> 'harms' AS harms, g.business_information -> 'description' AS description,
        g.business_information -> 'reasoning' AS reasoning) b) AS "businessInformation",
      (SELECT row_to_json(b) FROM (SELECT g.system_service_level AS level, g.system_service -> 'harms' AS harms,
        g.system_service -> 'description' AS description, g.system_service -> 'reasoning' AS reasoning) b)
        AS "systemService"
      FROM gradings g WHERE g.tenant_id = $1 AND g.id = f.grading_id AND g.state <> 'DRAFT') s) AS grading,
    f.form,
    (SELECT coalesce(json_agg(i), '[]') FROM (SELECT item -> 'path' AS path, item -> 'zh' AS message,
      item -> 'required' AS required FROM jsonb_array_elements(f.missing_items) AS item) i) AS "missingItems",
    (SELECT coalesce(json_agg(d), '[]') FROM (SELECT 'doc_' || m.id AS id, m.kind, m.filename,
      m.media_type AS "mediaType", m.size, m.sha256, m.state, m.scan, m.created_at AS "createdAt",
      (SELECT row_to_json(b) FROM (SELECT p.display_name AS "displayName" FROM users p
        WHERE p.tenant_id = $1 AND p.id = m.uploaded_by_id) b) AS "uploadedBy"
      FROM documents m WHERE m.tenant_id = $1 AND m.filing_id = f.id ORDER BY m.id) d) AS documents,
    (SELECT coalesce(json_agg(d), '[]') FROM (SELECT 'rep_' || l.id AS id, l.kind, l.number, l.state, l.body,
      l.missing_items AS "missingItems", l.issued_at AS "issuedAt",
      (SELECT row_to_json(b) FROM (SELECT p.display_name AS "displayName" FROM users p
        WHERE p.tenant_id = $1 AND p.id = l.drafted_by_id) b) AS "draftedBy",
      (SELECT row_to_json(b) FROM (SELECT p.display_name AS "displayName" FROM users p
        WHERE p.tenant_id = $1 AND p.id = l.issued_by_id) b) AS "issuedBy"
      FROM reply_letters l WHERE l.tenant_id = $1 AND l.filing_id = f.id ORDER BY l.id DESC) d) AS replies,
    (SELECT coalesce(json_agg(d), '[]') FROM (SELECT 'sbm_' || b.id AS id, b.created_at AS at, b.level,
      (SELECT row_to_json(b) FROM (SELECT p.display_name AS "displayName" FROM users p
        WHERE p.tenant_id = $1 AND p.id = b.by_id) b) AS by, b.documents
      FROM filing_submissions b WHERE b.tenant_id = $1 AND b.filing_id = f.id ORDER BY b.id) d) AS submissions,
    (SELECT coalesce(json_agg(d), '[]') FROM (SELECT h.action, h.from_state AS "from", h.to_state AS "to",
      h.created_at AS at,
      (SELECT row_to_json(b) FROM (SELECT p.display_name AS "displayName" FROM users p
        WHERE p.tenant_id = $1 AND p.id = h.by_id) b) AS by
      FROM filing_transitions h WHERE h.tenant_id = $1 AND h.filing_id = f.id ORDER BY h.id) d) AS history
  FROM filings f WHERE f.tenant_id = $1 AND f.id = $2 AND f.state <> 'DRAFT') c) AS node) r
