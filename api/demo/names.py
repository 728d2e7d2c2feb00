"""What the demo's cities are made of: places with their codes (GB/T 2260), bureaus, systems, people."""

from __future__ import annotations

from typing import NamedTuple


class City(NamedTuple):
    """A city of the demo."""

    slug: str
    name: str
    short: str
    division_code: str
    districts: dict[str, str]
    # Where district.officer and the demo's unit are at home.
    demo_district: str
    units: int
    systems: int
    filings: int
    area_code: str
    postcode: str


BEIJING = City(
    "beijing",
    "北京市",
    "京",
    "110000",
    {
        "东城区": "110101", "西城区": "110102", "朝阳区": "110105", "丰台区": "110106", "石景山区": "110107",
        "海淀区": "110108", "门头沟区": "110109", "房山区": "110111", "通州区": "110112", "顺义区": "110113",
        "昌平区": "110114", "大兴区": "110115", "怀柔区": "110116", "平谷区": "110117", "密云区": "110118",
        "延庆区": "110119",
    },
    "海淀区", 40, 130, 200, "010", "100080",
)  # fmt: skip
TIANJIN = City(
    "tianjin",
    "天津市",
    "津",
    "120000",
    {
        "和平区": "120101", "河东区": "120102", "河西区": "120103", "南开区": "120104", "河北区": "120105",
        "红桥区": "120106", "东丽区": "120110", "西青区": "120111", "津南区": "120112", "北辰区": "120113",
        "武清区": "120114", "宝坻区": "120115", "滨海新区": "120116", "宁河区": "120117", "静海区": "120118",
        "蓟州区": "120119",
    },
    "和平区", 20, 70, 100, "022", "300040",
)  # fmt: skip
CITIES = (BEIJING, TIANJIN)
PROVIDERS = ("网络安全服务有限公司", "信息安全风险评估中心", "软件安全检测中心", "安信技术咨询有限公司")


class Bureau(NamedTuple):
    """A kind of unit: its name, its industry on the form, and the systems that it runs."""

    name: str
    industry: str
    systems: tuple[str, ...]


BUREAUS = (
    Bureau("财政局", "FINANCE", ("财政预算管理系统", "国库集中支付系统", "政府采购平台", "非税收入管理系统")),
    Bureau("教育委员会", "EDUCATION", ("学籍管理系统", "招生考试报名系统", "教育资源公共服务平台", "校园安全监控平台")),
    Bureau("卫生健康委员会", "HEALTH", ("居民健康档案系统", "预约挂号平台", "疾病监测报告系统", "妇幼保健信息系统")),
    Bureau("交通委员会", "TRANSPORT", ("公交智能调度系统", "出租车监管平台", "交通运行监测系统", "道路运输许可系统")),
    Bureau("民政局", "OTHER", ("社会救助管理系统", "婚姻登记系统", "养老服务平台", "社会组织管理系统")),
    Bureau("人力资源和社会保障局", "LABOUR", ("社会保险信息系统", "就业服务平台", "人事考试报名系统", "劳动监察系统")),
    Bureau(
        "市场监督管理局", "MARKET_REGULATION", ("企业登记系统", "信用信息公示平台", "食品安全追溯系统", "投诉举报平台")
    ),
    Bureau("水务局", "WATER", ("防汛指挥系统", "水资源监测平台", "排水许可系统", "供水调度系统")),
    Bureau("统计局", "STATISTICS", ("联网直报平台", "经济普查系统", "统计数据库系统", "民意调查系统")),
    Bureau("审计局", "AUDIT", ("审计管理系统", "联网审计平台", "审计数据中心", "整改跟踪系统")),
    Bureau(
        "规划和自然资源委员会", "LAND_RESOURCES", ("不动产登记系统", "规划审批系统", "地理信息平台", "土地交易系统")
    ),
    Bureau("科学技术委员会", "SCIENCE", ("科技项目申报系统", "科技成果平台", "实验室管理系统", "高新企业认定系统")),
)
SUFFIXES = ("", "(二期)", "(移动端)", "(数据交换)", "(政务外网)")
PEOPLE = (
    "王建国",
    "李晓明",
    "张丽华",
    "刘志强",
    "陈静",
    "杨帆",
    "赵敏",
    "黄伟",
    "周洁",
    "吴磊",
    "徐芳",
    "孙浩",
    "马琳",
    "朱军",
)
DESCRIPTIONS = (
    "面向公众提供网上办理、查询和结果公示。",
    "支撑机关内部业务审批与数据汇总。",
    "汇集各区县上报数据,供指挥调度使用。",
    "与上下级系统交换业务数据,按日汇总。",
)
REASONS_B = ("系统拓扑结构说明缺少边界设备", "安全管理制度未加盖公章", "安全产品清单缺少销售许可证明", "填表人未签字")
REASONS_C = (
    "系统服务面向全市公众,中断将严重影响社会秩序,系统服务等级明显偏低。",
    "业务信息涉及大量个人信息,业务信息安全等级明显偏低。",
)
# Harms that lead to each level.
HARMS = {
    1: ("LEGITIMATE_RIGHTS", "GENERAL"),
    2: ("SOCIAL_ORDER_PUBLIC_INTEREST", "GENERAL"),
    3: ("SOCIAL_ORDER_PUBLIC_INTEREST", "SERIOUS"),
    4: ("SOCIAL_ORDER_PUBLIC_INTEREST", "ESPECIALLY_SERIOUS"),
}
