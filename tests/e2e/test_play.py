"""A filing travels through all five roles' hands, through HTTP only."""

from clients.play import play


async def test_the_play_is_given_and_ends_in_a_b_and_c(url: str) -> None:
    told: list[str] = []
    await play(url, told.append)
    story = "\n".join(told)
    assert "备案转为 ACCEPTED,备案编号 " in story
    assert "备案转为 INCOMPLETE" in story
    assert "INCOMPLETE → UNDER_REVIEW" in story
    assert "备案转为 RE_REVIEW" in story


async def test_it_can_be_given_again(url: str) -> None:
    told: list[str] = []
    await play(url, told.append)
    assert any("列入" in line for line in told)
