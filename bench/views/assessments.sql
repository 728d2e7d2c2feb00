SELECT row_to_json(r) FROM (SELECT (SELECT row_to_json(c) FROM (SELECT (
  SELECT coalesce(json_agg(o), '[]') FROM (
    SELECT 'asm_' || a.id AS id, a.number, a.state, a.level, a.progress, a.due_on AS "dueOn",
      (SELECT row_to_json(y) FROM (SELECT s.name, s.level FROM systems s
        WHERE s.tenant_id = $1 AND s.id = a.system_id) y) AS system,
      (SELECT row_to_json(u) FROM (SELECT n.name FROM organisations n
        WHERE n.tenant_id = $1 AND n.id = a.unit_id) u) AS unit,
      (SELECT row_to_json(b) FROM (SELECT d.body_code AS "bodyCode",
        (SELECT row_to_json(k) FROM (SELECT n.name FROM organisations n
          WHERE n.tenant_id = $1 AND n.id = d.id) k) AS organisation
        FROM assessment_bodies d WHERE d.tenant_id = $1 AND d.id = a.body_id) b) AS body,
      (SELECT coalesce(json_agg(m), '[]') FROM (SELECT l.milestone, l.reached_on AS "reachedOn"
        FROM assessment_milestones l WHERE l.tenant_id = $1 AND l.assessment_id = a.id
        ORDER BY l.reached_on, l.id) m) AS milestones,
      (SELECT row_to_json(p) FROM (SELECT t.conclusion, t.conformity_rate::float / 100 AS "conformityRate",
        t.confirmed_at AS "confirmedAt" FROM assessment_reports t
        WHERE t.tenant_id = $1 AND t.id = a.report_id AND t.confirmed_at IS NOT NULL) p) AS report
    FROM assessments a WHERE a.tenant_id = $1 AND a.important = true
    ORDER BY a.due_on, a.id LIMIT 50) o
  ) AS nodes) c) AS assessments) r
