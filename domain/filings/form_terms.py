"""The printed form's vocabularies (备案表中的选项), with the codes it prints beside them."""

from domain.text import Term


class Subordination(Term):
    """Subordination of a unit (隶属关系, GB/T 12404-1997)."""

    CENTRAL = "CENTRAL", "中央", "central", "1"
    PROVINCE = "PROVINCE", "省(自治区、直辖市)", "province", "2"
    PREFECTURE = "PREFECTURE", "地(区、市、州、盟)", "prefecture", "3"
    COUNTY = "COUNTY", "县(区、市、旗)", "county", "4"
    OTHER = "OTHER", "其他", "other", "9"


class UnitType(Term):
    """Type of a unit (单位类型)."""

    PARTY = "PARTY", "党委机关", "party body", "1"
    GOVERNMENT = "GOVERNMENT", "政府机关", "government body", "2"
    INSTITUTION = "INSTITUTION", "事业单位", "public institution", "3"
    ENTERPRISE = "ENTERPRISE", "企业", "enterprise", "4"
    OTHER = "OTHER", "其他", "other", "9"


class Industry(Term):
    """Industry of a unit (行业类别)."""

    TELECOM = "TELECOM", "电信", "telecommunications", "11"
    BROADCASTING = "BROADCASTING", "广电", "broadcasting", "12"
    PUBLIC_INTERNET = "PUBLIC_INTERNET", "经营性公众互联网", "commercial public internet", "13"
    RAILWAY = "RAILWAY", "铁路", "railways", "21"
    BANKING = "BANKING", "银行", "banking", "22"
    CUSTOMS = "CUSTOMS", "海关", "customs", "23"
    TAXATION = "TAXATION", "税务", "taxation", "24"
    CIVIL_AVIATION = "CIVIL_AVIATION", "民航", "civil aviation", "25"
    ELECTRICITY = "ELECTRICITY", "电力", "electricity", "26"
    SECURITIES = "SECURITIES", "证券", "securities", "27"
    INSURANCE = "INSURANCE", "保险", "insurance", "28"
    DEFENCE_INDUSTRY = "DEFENCE_INDUSTRY", "国防科技工业", "defence industry", "31"
    PUBLIC_SECURITY = "PUBLIC_SECURITY", "公安", "public security", "32"
    LABOUR = "LABOUR", "人事劳动和社会保障", "personnel, labour, social security", "33"
    FINANCE = "FINANCE", "财政", "public finance", "34"
    AUDIT = "AUDIT", "审计", "audit", "35"
    COMMERCE = "COMMERCE", "商业贸易", "commerce", "36"
    LAND_RESOURCES = "LAND_RESOURCES", "国土资源", "land and resources", "37"
    ENERGY = "ENERGY", "能源", "energy", "38"
    TRANSPORT = "TRANSPORT", "交通", "transport", "39"
    STATISTICS = "STATISTICS", "统计", "statistics", "40"
    MARKET_REGULATION = "MARKET_REGULATION", "工商行政管理", "industry and commerce", "41"
    POST = "POST", "邮政", "post", "42"
    EDUCATION = "EDUCATION", "教育", "education", "43"
    CULTURE = "CULTURE", "文化", "culture", "44"
    HEALTH = "HEALTH", "卫生", "health", "45"
    AGRICULTURE = "AGRICULTURE", "农业", "agriculture", "46"
    WATER = "WATER", "水利", "water", "47"
    FOREIGN_AFFAIRS = "FOREIGN_AFFAIRS", "外交", "foreign affairs", "48"
    DEVELOPMENT_REFORM = "DEVELOPMENT_REFORM", "发展改革", "development and reform", "49"
    SCIENCE = "SCIENCE", "科技", "science", "50"
    PUBLICITY = "PUBLICITY", "宣传", "publicity", "51"
    QUALITY_INSPECTION = "QUALITY_INSPECTION", "质量监督检验检疫", "quality inspection", "52"
    OTHER = "OTHER", "其他", "other", "99"


class BusinessType(Term):
    """Type of the business that a system carries (业务类型)."""

    PRODUCTION = "PRODUCTION", "生产作业", "production", "1"
    COMMAND = "COMMAND", "指挥调度", "command and dispatch", "2"
    CONTROL = "CONTROL", "管理控制", "management and control", "3"
    INTERNAL_OFFICE = "INTERNAL_OFFICE", "内部办公", "internal office work", "4"
    PUBLIC_SERVICE = "PUBLIC_SERVICE", "公众服务", "public service", "5"
    OTHER = "OTHER", "其他", "other", "9"


class ServiceScope(Term):
    """How far a system's service reaches (服务范围)."""

    NATIONWIDE = "NATIONWIDE", "全国", "nationwide", "10"
    CROSS_PROVINCE = "CROSS_PROVINCE", "跨省(区、市)", "several provinces", "11"
    PROVINCE = "PROVINCE", "全省(区、市)", "one province", "20"
    CROSS_CITY = "CROSS_CITY", "跨地(市、区)", "several cities", "21"
    CITY = "CITY", "地(市、区)内", "one city", "30"
    OTHER = "OTHER", "其它", "other", "99"


class ServiceAudience(Term):
    """Whom a system serves (服务对象)."""

    STAFF = "STAFF", "单位内部人员", "the unit's staff", "1"
    PUBLIC = "PUBLIC", "社会公众人员", "the public", "2"
    BOTH = "BOTH", "两者均包括", "both", "3"
    OTHER = "OTHER", "其他", "other", "9"


class NetworkCoverage(Term):
    """Coverage of a system's network (覆盖范围)."""

    LAN = "LAN", "局域网", "local area network", "1"
    MAN = "MAN", "城域网", "metropolitan area network", "2"
    WAN = "WAN", "广域网", "wide area network", "3"
    OTHER = "OTHER", "其他", "other", "9"


class NetworkNature(Term):
    """Nature of a system's network (网络性质)."""

    PRIVATE = "PRIVATE", "业务专网", "private network", "1"
    INTERNET = "INTERNET", "互联网", "internet", "2"
    OTHER = "OTHER", "其它", "other", "9"


class Interconnection(Term):
    """What a system is connected with (系统互联情况)."""

    OTHER_INDUSTRY = "OTHER_INDUSTRY", "与其他行业系统连接", "systems of other industries", "1"
    SAME_INDUSTRY = "SAME_INDUSTRY", "与本行业其他单位系统连接", "systems of other units of the industry", "2"
    SAME_UNIT = "SAME_UNIT", "与本单位其他系统连接", "other systems of the unit", "3"
    OTHER = "OTHER", "其它", "other", "9"


class ProductKind(Term):
    """Kind of a key product (关键产品)."""

    SECURITY = "SECURITY", "安全专用产品", "security products", "1"
    NETWORK = "NETWORK", "网络产品", "network products", "2"
    OPERATING_SYSTEM = "OPERATING_SYSTEM", "操作系统", "operating systems", "3"
    DATABASE = "DATABASE", "数据库", "databases", "4"
    SERVER = "SERVER", "服务器", "servers", "5"
    OTHER = "OTHER", "其他", "other", "6"


class DomesticUse(Term):
    """Share of domestic products (使用国产品率)."""

    ALL = "ALL", "全部使用", "all of them"
    NONE = "NONE", "全部未使用", "none of them"
    PARTIAL = "PARTIAL", "部分使用", "some of them"


class ServiceKind(Term):
    """Kind of a service that a system uses (系统采用服务)."""

    LEVEL_ASSESSMENT = "LEVEL_ASSESSMENT", "等级测评", "level assessment", "1"
    RISK_ASSESSMENT = "RISK_ASSESSMENT", "风险评估", "risk assessment", "2"
    DISASTER_RECOVERY = "DISASTER_RECOVERY", "灾难恢复", "disaster recovery", "3"
    EMERGENCY_RESPONSE = "EMERGENCY_RESPONSE", "应急响应", "emergency response", "4"
    INTEGRATION = "INTEGRATION", "系统集成", "system integration", "5"
    CONSULTING = "CONSULTING", "安全咨询", "security consulting", "6"
    TRAINING = "TRAINING", "安全培训", "security training", "7"
    OTHER = "OTHER", "其他", "other", "8"


class ServiceProvider(Term):
    """Who provides a service (服务责任方类型)."""

    SAME_INDUSTRY = "SAME_INDUSTRY", "本行业(单位)", "the unit or its industry", "1"
    DOMESTIC = "DOMESTIC", "国内其他服务商", "another domestic provider", "2"
    FOREIGN = "FOREIGN", "国外服务商", "a foreign provider", "3"
