"""Operations that once were answered wrongly, shrunk: each is asked again for every role and both cities.

Ids stand for rows: ``fil#2`` is the third filing of the city that is asked, ``fil#2@other`` of the other one.
"""

from __future__ import annotations

from typing import Any

CASES: list[tuple[str, dict[str, Any]]] = [
    # An object of which nothing is selected: no columns, and yet an object.
    ("query ($no: Boolean!) { filings(last: 2) { nodes { id @skip(if: $no) } } }", {"no": True}),
    # Response keys that are names in the statement too: PostgreSQL takes a column before a row of that name.
    ("{ anon_2: districts { anon_3: nodes { anon_4: name anon_5: id } } }", {}),
    # Counts beside an empty page: one row, whatever the page holds.
    ('{ systems(last: 2, filter: { text: "nothing is called so" }) { totalCount edges { __typename } } }', {}),
    # The complement of what is unknown, or out of sight, is the rest.
    ('{ filings(filter: { not: { reviewDueFrom: "2026-11-01" } }) { totalCount } }', {}),
    ("{ filings(filter: { not: { monthlyReturn: {} } }) { totalCount nodes { monthlyReturn { id } } } }", {}),
    # Nothing of an empty list, everything of another.
    ("query ($or: [FilingFilter!]) { filings(filter: { or: $or }) { totalCount } }", {"or": []}),
    ("query ($and: [FilingFilter!]) { filings(filter: { and: $and }) { totalCount } }", {"and": []}),
    # Nodes of several kinds in the order asked, one of the other city, and one of nothing.
    (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Filing { state } ... on User { login } } }",
        {"ids": ["usr#1", "fil#2", "fil#0@other", "org#0", "fil#2", "nonsense", "ten#0"]},
    ),
    # Ids of which some stand in the document, the same one twice; none but nonsense; none at all.
    ('query ($id: ID!) { nodes(ids: [$id, "x", $id, "fil_1"]) { id } }', {"id": "fil#2"}),
    ('{ nodes(ids: ["x", "ten_1"]) { id } none: nodes(ids: []) { id } one: nodes(ids: "x") { id } }', {}),
]
