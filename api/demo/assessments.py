"""One city's assessment bodies, and the assessments that they have taken, in every state, with what led there."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from api.demo.filings import Filings
from api.demo.rows import CityRows, Row, StoredFile
from domain.access import Role
from domain.assessments.entities import AssessmentMilestone
from domain.assessments.life import DONE, PROGRESS
from domain.assessments.periods import next_due
from domain.calendar import local_date
from domain.codes import report_number

# Name's number, code, accredited levels, status, days ago from which and days ahead up to which; the last has expired.
BODIES = (
    ("一", "1101", [2, 3, 4], "ACTIVE", 380, 700, (4, 12, 20)),
    ("二", "1102", [2, 3], "ACTIVE", 200, 80, (2, 6, 9)),
    ("三", "1103", [2], "ACTIVE", 1100, -5, (1, 3, 6)),
)
# In turn, for the systems that were accepted; which of them a level allows is decided below.
STATES = (
    "COMMISSIONED", "IN_PROGRESS", "REPORT_UPLOADED", "CONFIRMED", "RECEIVED", "DECLINED", "RETURNED", "RECEIVED",
    "CANCELLED", "IN_PROGRESS", "PLANNED",
)  # fmt: skip
# The steps that lead to each state, and by whom.
TAKEN = (("acceptAssessment", "IN_PROGRESS", "assessor"),)
UPLOADED = (*TAKEN, ("uploadAssessmentReport", "REPORT_UPLOADED", "assessor"))
CONFIRMED = (*UPLOADED, ("confirmAssessmentReport", "CONFIRMED", "approver"))
AFTER: dict[str, tuple[tuple[str, str, str], ...]] = {
    "IN_PROGRESS": TAKEN,
    "REPORT_UPLOADED": UPLOADED,
    "CONFIRMED": CONFIRMED,
    "RECEIVED": (*CONFIRMED, ("receiveAssessmentReport", "RECEIVED", "officer")),
    "RETURNED": (*CONFIRMED, ("returnAssessmentReport", "RETURNED", "officer")),
    "DECLINED": (("declineAssessment", "DECLINED", "assessor"),),
    "CANCELLED": (("cancelAssessment", "CANCELLED", "organiser"),),
}
REASONS = {
    "DECLINED": "本机构近期任务已满,无法按期完成。",
    "CANCELLED": "系统即将改造,改造完成后另行测评。",
    "RETURNED": "报告未说明现场测评的抽样范围,请补充。",
}
FINDINGS = (
    ("COMPUTING_ENVIRONMENT", "HIGH", "部分服务器存在未修复的高危漏洞", "安装补丁,并建立漏洞定期扫描和修复的机制。"),
    ("AREA_BOUNDARY", "MEDIUM", "边界访问控制策略未定期核查", "每季度核查访问控制策略,删除多余和无效的规则。"),
    ("COMMUNICATION_NETWORK", "MEDIUM", "重要业务数据在内部网络中明文传输", "采用密码技术保证通信过程中数据的保密性。"),
    ("OPERATION_MANAGEMENT", "LOW", "应急预案未开展演练", "每年至少组织一次应急预案演练,并保留记录。"),
    ("PERSONNEL", "LOW", "安全意识培训记录不完整", "按岗位制定培训计划,保存培训和考核记录。"),
    ("PHYSICAL_ENVIRONMENT", "LOW", "机房出入登记不完整", "配置电子门禁,保存出入记录六个月以上。"),
)
MOST = 44


def assessment_bodies(rows: CityRows) -> None:
    """The bodies with their accreditations; the second was rectifying for a while."""
    officer = rows.users["city.officer"]
    for number, code, levels, status, since, until, staff in BODIES:
        key, moment = rows.organisations[f"{rows.city.name}信息安全测评中心第{number}实验室"], rows.ago(since)
        senior, intermediate, junior = staff
        accreditation = {
            "accreditation_number": f"DJCP{moment.year}{rows.city.division_code[:2]}{code}",
            "valid_from": moment.date(),
            "valid_to": rows.ago(-until).date(),
            "levels": levels,
            "senior_assessors": senior,
            "intermediate_assessors": intermediate,
            "junior_assessors": junior,
        }
        body = {"tenant_id": rows.tenant_id, "id": key, "created_at": rows.ago(390), "body_code": code, "version": 2}
        rows.rows["assessment_bodies"].append({**body, **accreditation, "status": status})
        decided: list[tuple[int, str, str | None]] = [(since, "ACTIVE", None)]
        if code == "1102":
            decided += [
                (120, "RECTIFYING", "抽查发现两份报告记录不完整,限期整改。"),
                (95, "ACTIVE", "整改已通过复核。"),
            ]
        for days, said, reason in decided:
            change = {"body_id": key, "status": said, "reason": reason, "by_id": officer, **accreditation}
            rows.add("accreditation_changes", rows.ago(days), **change)


def assessments(rows: CityRows, filings: Filings, files: list[StoredFile]) -> None:
    """Both bodies assess some of the systems that were accepted; the city office has a plan for the year."""
    made = _Assessments(rows, filings, [file for file in files if file.media_type == "application/pdf"])
    systems = {row["id"]: row for row in rows.rows["systems"]}
    accepted = [row for row in rows.rows["filings"] if row["state"] == "ACCEPTED"]
    for number, filing in enumerate(accepted[:MOST]):
        state = STATES[number % len(STATES)]
        if state == "PLANNED" and filing["level"] == 2:
            state = "COMMISSIONED"
        made.add(systems[filing["system_id"]], filing, state, number)
    # A few of the others were assessed before the platform, and are due again.
    for number, filing in enumerate(accepted[MOST:]):
        systems[filing["system_id"]]["next_assessment_due_on"] = rows.ago(20 - number * 9).date()


class _Assessments:
    def __init__(self, rows: CityRows, filings: Filings, files: list[StoredFile]) -> None:
        self.rows, self.filings, self.files = rows, filings, files
        bodies = [rows.organisations[f"{rows.city.name}信息安全测评中心第{number}实验室"] for number in ("一", "二")]
        self.bodies: list[UUID] = bodies
        self.codes = dict(zip(bodies, ("1101", "1102"), strict=True))
        second = rows.person("assessor.second", "苏海燕", bodies[1], Role.ASSESSOR, "ASSESSOR", rows.ago(380))
        self.assessors = {bodies[0]: rows.users["assessor"], bodies[1]: second}
        self.times: Counter[UUID] = Counter()
        year = local_date(rows.now).year
        self.plan = rows.add("assessment_plans", rows.ago(70), year=year, adopted_by_id=self._officer(), version=1)

    def _officer(self) -> UUID:
        return self.rows.users["city.officer"]

    def add(self, system: Row, filing: Row, state: str, number: int) -> None:
        """An assessment of a filed system in ``state``."""
        unit = self.filings.units[filing["unit_id"]]
        days, level = 60 - number, filing["level"]
        body = None if state == "PLANNED" else self.bodies[number % 3 == 0 and level < 4]
        by_unit = level == 2
        approver = self.filings.people[unit["id"]][1]
        planned = not by_unit and number % 2 == 0
        key = self.rows.add(
            "assessments",
            self.rows.ago(days),
            system_id=system["id"],
            unit_id=unit["id"],
            body_id=body,
            state=state,
            under_way=state not in {"RECEIVED", "DECLINED", "CANCELLED"},
            level=level,
            organised_by="UNIT" if by_unit else "CITY_OFFICE",
            authority=unit["authority_level"],
            district_id=unit["district_id"] if unit["authority_level"] == "DISTRICT" else None,
            important=system["important"],
            plan_id=self.plan if planned or state == "PLANNED" else None,
            due_on=self.rows.ago(10 - number * 3).date(),
            progress=0,
            closed_reason=REASONS.get(state) if state in {"DECLINED", "CANCELLED"} else None,
            commissioned_by_id=approver if by_unit else self._officer(),
            version=1,
        )
        assessment = self.rows.rows["assessments"][-1]
        if number % 4 and state not in {"PLANNED", "DECLINED"}:
            secured = self.rows.ago(days - 1).date().isoformat()
            assessment["funding"] = {"amount": 80_000 * level, "source": "部门预算", "securedOn": secured}
        begun = "commissionAssessment" if by_unit else "adoptAssessmentPlan" if planned else "organiseAssessment"
        if state == "PLANNED":
            begun = "adoptAssessmentPlan"
        former = "PLANNED" if state == "PLANNED" else "COMMISSIONED"
        self._transition(key, self.rows.ago(days), begun, None, former, assessment["commissioned_by_id"])
        for place, (action, to, who) in enumerate(AFTER.get(state, ()), 1):
            moment = self.rows.ago(max(1, days - 3 * place), 9 + place)
            self._take(assessment, system, filing, action, moment)
            by = self._who(who, assessment, approver)
            reason = REASONS.get(to) if to == state else None
            self._transition(key, moment, action, former, to, by, reason)
            former = to

    def _take(self, assessment: Row, system: Row, filing: Row, action: str, moment: dt.datetime) -> None:
        match action:
            case "acceptAssessment":
                assessment["accepted_at"] = moment
                self._milestones(assessment, moment)
            case "uploadAssessmentReport":
                self._report(assessment, filing, moment)
            case "confirmAssessmentReport":
                report = self._last_report()
                report["confirmed_at"], report["confirmed_by_id"] = moment, self._approver(assessment)
            case "receiveAssessmentReport":
                report = self._last_report()
                report["received_at"], report["received_by_id"] = moment, self._receiver(assessment)
                system["next_assessment_due_on"] = next_due(assessment["level"], report["reported_on"])
                for finding in self._findings(report):
                    finding["open"] = True
            case "returnAssessmentReport":
                report = self._last_report()
                report["returned_at"], report["return_reason"] = moment, REASONS["RETURNED"]

    def _milestones(self, assessment: Row, moment: dt.datetime) -> None:
        reached = list(AssessmentMilestone)
        count = len(reached) if assessment["state"] != "IN_PROGRESS" else self.rows.random.randrange(1, len(reached))
        for place, milestone in enumerate(reached[:count]):
            self.rows.add(
                "assessment_milestones",
                moment + dt.timedelta(hours=place),
                assessment_id=assessment["id"],
                milestone=milestone.value,
                reached_on=(moment + dt.timedelta(hours=place)).date(),
                by_id=self.assessors[assessment["body_id"]],
            )
            assessment["progress"] = PROGRESS[milestone]

    def _report(self, assessment: Row, filing: Row, moment: dt.datetime) -> None:
        """A report with some findings; what they come to is as the edition in force has it."""
        place = sum(self.times.values())
        found = [FINDINGS[(place + each) % len(FINDINGS)] for each in range(1 + place % 4)]
        rate = 9350 - 400 * (place % 5)
        good = rate > 9000 and all(severity != "HIGH" for _, severity, _, _ in found)
        body, year = assessment["body_id"], local_date(moment).year
        self.times[assessment["system_id"]] += 1
        self.filings.counters[f"assessment:{assessment['system_id']}:{year}"] += 1
        number = report_number(filing["number"], year, self.codes[body], self.times[assessment["system_id"]])
        subject = {"system_id": assessment["system_id"], "unit_id": assessment["unit_id"]}
        key = self.rows.add(
            "assessment_reports",
            moment,
            assessment_id=assessment["id"],
            number=number,
            reported_on=moment.date(),
            vocabulary="TEMPLATE_2025",
            conclusion="CONFORMING" if good else "BASICALLY_CONFORMING",
            conformity_rate=rate,
            summary="系统的安全保护措施总体落实,存在下列问题须整改。",
            uploaded_by_id=self.assessors[body],
            **subject,
        )
        assessment["number"], assessment["report_id"], assessment["progress"] = number, key, DONE
        for order, (area, severity, title, suggestion) in enumerate(found, 1):
            finding = {"area": area, "severity": severity, "title": title, "suggestion": suggestion, "open": False}
            self.rows.add("assessment_findings", moment, report_id=key, place=order, **subject, **finding)
        file = self.files[place % len(self.files)]
        self.rows.document(file, moment, "ASSESSMENT_REPORT", body, self.assessors[body], assessment_report_id=key)

    def _last_report(self) -> Row:
        return self.rows.rows["assessment_reports"][-1]

    def _findings(self, report: Row) -> Iterator[Row]:
        return (row for row in self.rows.rows["assessment_findings"] if row["report_id"] == report["id"])

    def _who(self, who: str, assessment: Row, approver: UUID) -> UUID:
        match who:
            case "assessor":
                return self.assessors[assessment["body_id"]]
            case "officer":
                return self._receiver(assessment)
            case "organiser" if assessment["organised_by"] == "CITY_OFFICE":
                return self._officer()
        return approver

    def _approver(self, assessment: Row) -> UUID:
        return self.filings.people[assessment["unit_id"]][1]

    def _receiver(self, assessment: Row) -> UUID:
        if assessment["authority"] == "CITY":
            return self._officer()
        return self.filings.district_officer(assessment["district_id"])

    def _transition(
        self,
        key: UUID,
        moment: dt.datetime,
        action: str,
        before: str | None,
        to: str,
        by: UUID,
        reason: str | None = None,
    ) -> None:
        self.rows.add(
            "assessment_transitions",
            moment,
            assessment_id=key,
            action=action,
            from_state=before,
            to_state=to,
            reason=reason,
            by_id=by,
        )
