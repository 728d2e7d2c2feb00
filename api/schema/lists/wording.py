"""What the filters that many lists share are called."""

from __future__ import annotations

UNIT = "某单位的 / of one unit"
SYSTEM = "某系统的 / of one system"
DISTRICT = "某区县的 / of one district"
STATE = "处于某状态的 / in one state"
UNIT_THAT = "其单位符合条件的 / whose unit matches"
SYSTEM_THAT = "其系统符合条件的 / whose system matches"
DISTRICT_THAT = "其区县符合条件的 / whose district matches"
PERSON_THAT = "其人员符合条件的 / whose person matches"
ORGANISATION_THAT = "其机构符合条件的 / whose organisation matches"
STATES = "处于所列状态之一的 / in one of these states"
