"""What a city decides for itself (租户设置), within what the platform allows."""

from __future__ import annotations

from domain.checks import Checks, require_version
from domain.grading.levels import MatrixEdition
from domain.panels.voting import MOST_QUORUM, Majority, TieRule
from domain.tenants.entities import MOST_YEARS, TenantSettings
from domain.work import Work


async def settings_of(work: Work) -> TenantSettings:
    """The caller's city's settings."""
    tenant = work.caller.tenant_id
    return await work.session.get_one(TenantSettings, (tenant, tenant))


async def set_tenant_settings(
    work: Work,
    *,
    version: int | None = None,
    panel_quorum: int | None = None,
    panel_majority: Majority | None = None,
    panel_tie_rule: TieRule | None = None,
    grading_matrix: MatrixEdition | None = None,
    person_storage_quota: int | None = None,
    retention_years: int | None = None,
) -> TenantSettings:
    """Change the settings that are given; what was concluded or graded before keeps the rules that it was made by.

    Raises: Refusal(FORBIDDEN, INVALID_INPUT, CONFLICT).
    """
    work.require("setTenantSettings")
    found = await work.load(TenantSettings, work.caller.tenant_id, field="version", version=require_version(version))
    checks = Checks()
    if panel_quorum is not None and not 1 <= panel_quorum <= MOST_QUORUM:
        checks.wrong("panelQuorum", f"法定人数须为 1 至 {MOST_QUORUM}。", f"A quorum is from 1 to {MOST_QUORUM}.")
    if person_storage_quota is not None and not 0 < person_storage_quota <= found.storage_quota:
        limit = found.storage_quota
        checks.wrong(
            "personStorageQuota", f"每人配额须为 1 至 {limit} 字节。", f"A person may have from 1 to {limit} bytes."
        )
    if retention_years is not None and not 1 <= retention_years <= MOST_YEARS:
        checks.wrong(
            "retentionYears", f"保存年限须为 1 至 {MOST_YEARS} 年。", f"Files are kept 1 to {MOST_YEARS} years."
        )
    checks.done()
    given = {
        "panel_quorum": panel_quorum,
        "panel_majority": panel_majority and Majority[panel_majority],
        "panel_tie_rule": panel_tie_rule and TieRule[panel_tie_rule],
        "grading_matrix": grading_matrix and MatrixEdition[grading_matrix],
        "person_storage_quota": person_storage_quota,
        "retention_years": retention_years,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    before = {name: getattr(found, name) for name in changed}
    for name, value in changed.items():
        setattr(found, name, value)
    found.version += 1
    work.record("setTenantSettings", found, before=before, after=changed)
    return found
