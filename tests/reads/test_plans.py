"""A plan is found again exactly when its compilation would have made the same one."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.reads.plans import PlanCache, Trace


def given_or_not(value: Any) -> bool:
    return value is not None


def exactly(value: Any) -> Any:
    return value


def compile_plan(trace: Trace) -> tuple[Any, ...]:
    """A stand-in for the compiler whose second and third questions hang on the first answer."""
    if trace.ask(("detailed",), given_or_not):
        return ("detailed", trace.ask(("first",), exactly), trace.ask(("filter", "unitId"), given_or_not))
    return ("plain", trace.ask(("filter", "unitId"), given_or_not))


variables = st.fixed_dictionaries(
    {},
    optional={
        "detailed": st.none() | st.just(True),
        "first": st.integers(1, 3),
        "filter": st.none() | st.dictionaries(st.sampled_from(["unitId", "state"]), st.text(max_size=2)),
    },
)


# A busy machine is no reason to fail.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(st.lists(variables, max_size=30))
def test_a_found_plan_is_the_one_that_compilation_would_make(requests: list[dict[str, Any]]) -> None:
    cache: PlanCache[tuple[Any, ...]] = PlanCache(100)
    for request in requests:
        trace = Trace(request)
        fresh = compile_plan(trace)
        found = cache.find("operation", request)
        if found is None:
            cache.keep("operation", trace, fresh)
        assert cache.find("operation", request) == fresh


def test_other_values_at_paths_nobody_asked_about_share_one_plan() -> None:
    cache: PlanCache[tuple[Any, ...]] = PlanCache(10)
    trace = Trace({"filter": {"unitId": "a"}})
    cache.keep("operation", trace, compile_plan(trace))

    assert cache.find("operation", {"filter": {"unitId": "b"}}) == ("plain", True)
    assert cache.find("operation", {"filter": {}}) is None
    assert cache.weight == 1


@PATIENT
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=60))
def test_the_cache_never_outgrows_its_capacity(requests: list[tuple[int, int]]) -> None:
    cache: PlanCache[tuple[Any, ...]] = PlanCache(7)
    for key, first in requests:
        request = {"detailed": True, "first": first}
        if cache.find(key, request) is None:
            trace = Trace(request)
            cache.keep(key, trace, compile_plan(trace))
        assert cache.weight <= 7
        assert cache.find(key, request) == ("detailed", first, False)


def test_the_operation_unused_for_longest_goes_first() -> None:
    cache: PlanCache[str] = PlanCache(2)
    cache.keep("a", Trace({}), "plan of a")
    cache.keep("b", Trace({}), "plan of b")
    cache.find("a", {})
    cache.keep("c", Trace({}), "plan of c")

    assert (cache.find("a", {}), cache.find("b", {}), cache.find("c", {})) == ("plan of a", None, "plan of c")


def test_what_plans_weigh_is_bounded_not_their_number() -> None:
    cache: PlanCache[str] = PlanCache(10, len)
    for key in ("four", "five.", "four"):
        cache.keep(key, Trace({}), key)
    assert cache.weight == 9
    cache.keep("more", Trace({}), "more")
    assert (cache.weight, cache.find("five.", {}), cache.find("four", {})) == (8, None, "four")
    cache.keep("too long for it", Trace({}), "too long for it")
    assert cache.find("too long for it", {}) is None
    assert cache.weight == 8
