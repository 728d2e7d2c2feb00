"""The directory of providers that the city office recommends (推荐机构名录; workflow.md stage 3)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, refers, term, unique
from domain.text import Term


class ProviderService(Term):
    """What a provider is recommended for (服务类别)."""

    RISK_ASSESSMENT = "RISK_ASSESSMENT", "风险评估", "risk assessment"
    TESTING = "TESTING", "安全检测", "security testing"
    SECURITY_SERVICE = "SECURITY_SERVICE", "安全服务", "security services"


class RecommendationState(Term):
    """Whether the city office stands by its recommendation (推荐状态)."""

    RECOMMENDED = "RECOMMENDED", "推荐", "recommended, for as long as it is valid"
    WITHDRAWN = "WITHDRAWN", "已撤回推荐", "no longer recommended"


class Provider(Versioned, TenantRow):
    """An organisation of kind PROVIDER in the directory: its services, qualifications, and the recommendation.

    ``qualifications`` are ``{"name", "number", "issuedBy", "validFrom", "validUntil"}``; both days of a validity are
    included. The recommendation is in force while it is not withdrawn and today lies within its validity.
    """

    __tablename__ = "providers"

    organisation_id: Mapped[UUID]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    qualifications: Mapped[list[dict[str, Any]]] = mapped_column(JSONB())
    description: Mapped[str | None]
    state: Mapped[RecommendationState] = mapped_column(
        term(RecommendationState), default=RecommendationState.RECOMMENDED
    )
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date]
    recommended_by_id: Mapped[UUID]
    withdrawn_at: Mapped[dt.datetime | None]
    withdraw_reason: Mapped[str | None]

    __table_args__ = (
        refers("organisation_id", "organisations"),
        refers("recommended_by_id", "users"),
        unique("organisation_id"),
        CheckConstraint("cardinality(services) > 0", name="has_a_service"),
        CheckConstraint("valid_until >= valid_from", name="validity"),
        CheckConstraint(
            "(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL AND withdraw_reason IS NOT NULL)",
            name="withdrawal_has_a_reason",
        ),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "valid_until", "id"),
    )
