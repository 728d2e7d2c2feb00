"""``grading.json``: a grading as it was filed, by the names of ``EnterFilingInput.grading`` (定级情况)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from domain.calendar import SHANGHAI
from domain.checks import Checks
from domain.filings.form import Table
from domain.grading.content import content_of, determine_levels
from domain.grading.entities import Grading
from domain.grading.levels import DEFAULT_MATRIX, HarmConsequence, HarmDegree, HarmObject


class FiledHarm(Table):
    """One harm."""

    object: HarmObject
    degree: HarmDegree


class FiledDetermination(Table):
    """The determination for business information, or for system service."""

    harms: list[FiledHarm] = Field(min_length=1, max_length=9)
    description: str | None = Field(default=None, max_length=20_000)
    object_reasoning: str | None = Field(default=None, max_length=20_000)
    degree_reasoning: str | None = Field(default=None, max_length=20_000)
    consequences: list[HarmConsequence] | None = Field(default=None, max_length=20)
    reasoning: str | None = Field(default=None, max_length=20_000)


class FiledGrading(Table):
    """A grading as it was filed."""

    business_information: FiledDetermination
    system_service: FiledDetermination
    graded_on: dt.date | None = None

    def entered(self) -> dict[str, Any]:
        """As an office enters it."""
        return {
            "businessInformation": self.business_information.model_dump(mode="json", by_alias=True),
            "systemService": self.system_service.model_dump(mode="json", by_alias=True),
            "gradedOn": self.graded_on,
        }


def determined(filed: FiledGrading) -> Grading:
    """The grading with its levels by the matrix in common use; a row of no table."""
    given, checks = filed.entered(), Checks()
    content = content_of(checks, given["businessInformation"], given["systemService"], None)
    checks.done()
    grading = Grading()
    determine_levels(grading, content, DEFAULT_MATRIX)
    if filed.graded_on is not None:
        grading.confirmed_at = dt.datetime.combine(filed.graded_on, dt.time(), SHANGHAI)
    return grading
