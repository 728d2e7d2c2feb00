"""A filing travels through all five roles' hands, through HTTP only."""

from clients.play import play
from tests.e2e.assessment_flows import today
from tests.e2e.flows import codes
from tests.support import Api


async def test_the_play_is_given_with_a_b_c_the_panel_and_an_amended_filing(url: str) -> None:
    told: list[str] = []
    await play(url, told.append)
    story = "\n".join(told)
    assert "备案转为 ACCEPTED,备案编号 " in story
    assert "备案转为 INCOMPLETE" in story
    assert "INCOMPLETE → UNDER_REVIEW" in story
    assert "备案转为 RE_REVIEW" in story
    assert "此时可见意见 1 份" in story
    assert "此时可见意见 3 份" in story
    assert "备案转为 LEVEL_ADJUSTMENT" in story
    assert "LEVEL_ADJUSTMENT → UNDER_REVIEW → ACCEPTED" in story
    assert "→ ACCEPTED → REPLACED" in story
    assert "专人送达的纸质备案" in story
    assert "纸质材料所缺:请填写:表二 03 业务描述。" in story
    assert "在平台上补齐后重新提交:UNDER_REVIEW" in story
    assert "通知前不可见,通知后可见:SCHEDULED" in story
    assert "签发前可见检查记录 0 项,签发后 25 项" in story
    assert "审核后结案:CLOSED" in story
    assert "已上传,报告编号 " in story
    assert "此前已上传" in story, "the body's program uploads nothing twice"
    assert "下次测评期限 " in story
    assert "报送整改方案:SUBMITTED" in story
    assert "同意整改方案:APPROVED" in story
    assert "办结整改:COMPLETED,关闭风险 1 项" in story


async def test_it_can_be_given_again(api: Api, url: str) -> None:
    """And its campaign is this year's, whatever other years have one."""
    given = {"kind": "JOINT_ENFORCEMENT", "year": today().year + 2, "partners": [{"name": "市公安局"}]}
    assert codes(await api.do("city.officer", "createCampaign", "campaign{id}", **given)) == []
    told: list[str] = []
    await play(url, told.append)
    assert any("列入" in line for line in told)
