"""What the demo's units ask the security centre, what it answers, and what of it is published."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from api.demo.filings import Filings
from api.demo.rows import CityRows, StoredFile


class Question(NamedTuple):
    """An inquiry: its state, what was said in turn (the unit first), and whether its answer is published."""

    topic: str
    title: str
    state: str
    said: tuple[str, ...]
    published: str | None = None


QUESTIONS = (
    Question(
        "GRADING",
        "门户网站应定为几级",
        "CLOSED",
        (
            "我单位门户网站面向公众发布信息,不办理业务,应定为几级?",
            "请先判断网站受到破坏时所侵害的客体和程度。仅影响公众获取信息的,一般对应社会秩序、公共利益的一般损害,为第二级。",
            "明白了,谢谢。",
        ),
        "PUBLISHED",
    ),
    Question(
        "GRADING",
        "一个平台承载多项业务,是否合并定级",
        "ANSWERED",
        (
            "政务服务平台由多个子系统组成,可否作为一个对象定级?",
            "各子系统有独立的安全责任单位或业务相对独立的,应分别作为定级对象;否则可合并,等级取较高者。",
        ),
        "PUBLISHED",
    ),
    Question(
        "FILING",
        "电子数据提交方式",
        "ANSWERED",
        (
            "备案电子数据除在线提交外,能否派人送交?",
            "可以。由同级信息化主管部门接收并登记渠道和日期,材料与电子数据齐备后开始计算审核期限。",
        ),
        "WITHDRAWN",
    ),
    Question(
        "FILING",
        "第二级系统是否要填写表四",
        "OPEN",
        ("我单位系统定为第二级,备案时是否需要填写表四并提交拓扑结构等材料?",),
    ),
    Question(
        "REPLY",
        "收到复函 B 后如何补充材料",
        "OPEN",
        (
            "收到资料不全的复函,补充材料后是否重新计算审核期限?",
            "是。重新提交后自齐备之日起重新计算十个工作日。",
            "如果只补一份安全产品清单,其他材料还需要再传一遍吗?",
        ),
    ),
    Question(
        "ASSESSMENT",
        "第三级系统多久测评一次",
        "CLOSED",
        (
            "第三级系统等级测评的周期是多长?",
            "第三级系统每年至少进行一次等级测评(《信息安全等级保护管理办法》第十四条)。",
        ),
        "PUBLISHED",
    ),
    Question("PLATFORM", "审批人变更", "OPEN", ("我单位审批人调离,新的审批人如何开通?",)),
    Question(
        "RECTIFICATION",
        "整改方案的评审",
        "CLOSED",
        ("非重要信息系统的整改方案需要报送吗?", "仅重要信息系统的整改建设方案需报送市信息办并经专家组评审。"),
    ),
)


def consultation(rows: CityRows, filings: Filings, files: list[StoredFile]) -> None:
    """Each question by a unit in turn, the demo's own first; every third comes with a file."""
    units = list(filings.units)
    for number, question in enumerate(QUESTIONS):
        unit = units[0] if number < 2 or question.topic == "REPLY" else units[number * 3 % len(units)]
        _inquiry(
            rows, filings, question, unit, 30 - 3 * number, files[number % len(files)] if number % 3 == 0 else None
        )


def _inquiry(
    rows: CityRows, filings: Filings, question: Question, unit: UUID, days: int, file: StoredFile | None
) -> None:
    filer, advisor = filings.people[unit][0], rows.users["city.advisor"]
    moments = [rows.ago(days - turn, 10 + turn) for turn in range(len(question.said))]
    closed = question.state == "CLOSED"
    answers = moments[1::2]
    key = rows.add(
        "inquiries",
        moments[0],
        unit_id=unit,
        opened_by_id=filer,
        title=question.title,
        topic=question.topic,
        state=question.state,
        last_message_at=moments[-1],
        answered_at=answers[-1] if answers else None,
        closed_at=moments[-1] + dt.timedelta(hours=1) if closed else None,
        closed_by_id=filer if closed else None,
        close_reason="问题已解决。" if closed else None,
        version=len(question.said) + closed,
    )
    office = rows.organisations[f"{rows.city.name}信息化工作办公室"]
    for turn, (text, moment) in enumerate(zip(question.said, moments, strict=True)):
        message = rows.add(
            "inquiry_messages",
            moment,
            inquiry_id=key,
            author_id=advisor if turn % 2 else filer,
            organisation_id=office if turn % 2 else unit,
            side="CITY_OFFICE" if turn % 2 else "UNIT",
            text=text,
        )
        if file and turn < 2:
            _attachment(rows, message, file, moment, office if turn else unit, advisor if turn else filer)
    if question.published:
        _article(rows, question, key, advisor, moments[1] + dt.timedelta(hours=2))


def _article(rows: CityRows, question: Question, inquiry: UUID, advisor: UUID, moment: dt.datetime) -> None:
    withdrawn = question.published == "WITHDRAWN"
    rows.add(
        "knowledge_articles",
        moment,
        inquiry_id=inquiry,
        topic=question.topic,
        title=question.title,
        question=question.said[0].replace("我单位", ""),
        answer=question.said[1],
        state=question.published,
        published_by_id=advisor,
        withdrawn_at=moment + dt.timedelta(days=1) if withdrawn else None,
        withdraw_reason="口径调整,待修订后重新发布。" if withdrawn else None,
        version=1 + withdrawn,
    )


def _attachment(rows: CityRows, message: UUID, file: StoredFile, moment: dt.datetime, owner: UUID, by: UUID) -> None:
    rows.document(file, moment, "OTHER", owner, by, inquiry_message_id=message)
