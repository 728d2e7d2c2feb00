"""What the platform already knows of a form: from the unit, the system and its confirmed grading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from domain.calendar import local_date
from domain.documents.kinds import DocumentKind
from domain.filings.consistency import Places
from domain.filings.form import Attachment, Contact, FilingForm, GradingTable, Leader, SystemTable, Table, UnitTable
from domain.filings.missing import table_4
from domain.grading.entities import Grading
from domain.grading.levels import BOXES, Harm, HarmDegree, HarmObject
from domain.organisations.entities import Organisation
from domain.systems.entities import System

_Table = TypeVar("_Table", bound=Table)


@dataclass(frozen=True, slots=True)
class Known:
    """The entities that a filing's form is filled from; ``levels`` counts the unit's systems by level."""

    unit: Organisation
    system: System
    grading: Grading
    levels: Mapping[int, int]
    system_total: int
    places: Places | None = None
    supervising_unit: str | None = None
    parent_system: str | None = None
    parent_unit: str | None = None


def prefilled(known: Known) -> FilingForm:
    """A new draft's form."""
    return with_derived(
        FilingForm(unit=_unit(known), system=_system(known), grading=_grading(known)), known.grading, {}
    )


def with_derived(form: FilingForm, grading: Grading, documents: Mapping[DocumentKind, str]) -> FilingForm:
    """``form`` with all that follows from the grading and from the documents (kind: file name)."""
    derived: dict[str, Any] = {
        "business_information_level": grading.business_information_level,
        "business_information_boxes": _boxes(grading.business_information),
        "system_service_level": grading.system_service_level,
        "system_service_boxes": _boxes(grading.system_service),
        "level": grading.level,
        "graded_on": local_date(grading.confirmed_at) if grading.confirmed_at else None,
        "has_grading_report": DocumentKind.GRADING_REPORT in documents,
    }
    if grading.expert_opinion is not None:
        derived["expert_reviewed"] = True
    rows = [
        Attachment(kind=kind, present=kind in documents, filename=documents.get(kind))
        for kind in table_4(grading.level)
    ]
    return form.model_copy(update={"grading": form.grading.model_copy(update=derived), "attachments": rows})


def _boxes(determination: Mapping[str, Any]) -> list[str]:
    """The boxes of table 3 that the determination's harms tick."""
    harms: Iterable[Mapping[str, str]] = determination["harms"]
    return sorted({BOXES[Harm(HarmObject[harm["object"]], HarmDegree[harm["degree"]])] for harm in harms})


def _fitting(table: type[_Table], **values: Any) -> _Table:
    """The table of all values that fit it; the record's others are left for the unit to enter."""
    try:
        return table.model_validate(values)
    except ValidationError as error:
        unfit = {to_camel(str(each["loc"][0])) for each in error.errors()}
        return table.model_validate({name: value for name, value in values.items() if to_camel(name) not in unfit})


def _unit(known: Known) -> UnitTable:
    unit = known.unit
    return _fitting(
        UnitTable,
        unit_name=unit.name,
        province=unit.province,
        city=unit.city,
        county=unit.county,
        address=unit.address,
        postcode=unit.postcode,
        division_code=_division(known),
        leader=_fitting(
            Leader, name=unit.leader_name, title=unit.leader_title, phone=unit.leader_phone, email=unit.leader_email
        ),
        responsible_department=unit.responsible_department,
        contact=_fitting(
            Contact,
            name=unit.contact_name,
            title=unit.contact_title,
            phone=unit.contact_phone,
            mobile=unit.contact_mobile,
            email=unit.contact_email,
        ),
        subordination=unit.subordination,
        unit_type=unit.unit_type,
        industry=unit.industry,
        system_total=known.system_total,
        **{f"level_{level}_count": known.levels.get(level, 0) for level in range(2, 6)},
    )


def _division(known: Known) -> str | None:
    """The division that the unit's credit code names, where the city can have it."""
    code = known.unit.credit_code[2:8] if known.unit.credit_code else None
    return None if code is None or (known.places and not known.places.could_be(code)) else code


def _system(known: Known) -> SystemTable:
    system = known.system
    return _fitting(
        SystemTable,
        system_name=system.name,
        system_number=system.code,
        in_service_on=system.in_service_on,
        is_subsystem=system.parent_system_id is not None,
        parent_system=known.parent_system,
        parent_unit=known.parent_unit,
    )


def _grading(known: Known) -> GradingTable:
    supervised = known.supervising_unit is not None
    return _fitting(
        GradingTable,
        has_competent_department=supervised,
        competent_department=known.supervising_unit,
        # The supervising unit confirmed the grading before there could be a filing.
        department_approved=True if supervised else None,
    )
