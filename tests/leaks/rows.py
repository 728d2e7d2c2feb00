"""The catalogue of leaks that systems like this one have had, each with the tests that try it here.

Facts of public advisories and issue threads in our own words: how it happened there. A test is named by its file under
``tests`` and its function. What is tried beyond the catalogue stands in ``BEYOND``, as issues and reviews named it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One way in which a system leaked; ``subscribed`` are tests that there are once subscriptions are served."""

    mechanism: str
    tests: tuple[str, ...] = ()
    subscribed: tuple[str, ...] = ()


def row(mechanism: str, *tests: str, subscribed: tuple[str, ...] = ()) -> Row:
    """A row of the catalogue."""
    return Row(mechanism, tests, subscribed)


ROWS: Mapping[int, Row] = {
    1: row(
        "an object for oneself was read with all rights, and so was what hangs on it",
        "leaks/test_identity.py::test_me_viewer_nested_relations_use_caller_scope",
    ),
    2: row(
        "a list was guarded, the same rows below another object were not",
        "leaks/test_graph.py::test_every_edge_applies_target_scope",
        "leaks/test_files.py::test_entries_are_seen_with_their_archive",
    ),
    3: row(
        "rules stood at root fields only, and a detour came back to the type past them",
        "leaks/test_graph.py::test_every_cycle_comes_back_to_what_was_seen",
    ),
    4: row(
        "a second operation in one request got the first one's data",
        "leaks/test_http.py::test_multi_alias_and_batched_ops_isolated_denials",
    ),
    5: row(
        "a filter reached related rows that reading would not have shown",
        "leaks/test_lists.py::test_filter_on_unreadable_relation_matches_nothing",
    ),
    6: row(
        "a filter on a hidden column was asked letter by letter",
        "leaks/test_lists.py::test_filter_startswith_hidden_column_same_error_as_unknown",
        "leaks/test_lists.py::test_text_does_not_find_by_what_is_hidden",
    ),
    7: row(
        "an ordering by a hidden column told its values",
        "leaks/test_lists.py::test_order_by_hidden_column_rejected",
    ),
    8: row(
        "the guard looked at the outermost keys of a filter",
        "leaks/test_lists.py::test_hidden_column_inside_and_or_not_depth_5",
    ),
    9: row(
        "a subscription's filter was an oracle",
        subscribed=("leaks/test_subscriptions.py::test_subscription_filter_same_validator_as_query",),
    ),
    10: row(
        "rows were checked when read singly, not when an event carried them",
        subscribed=("leaks/test_subscriptions.py::test_subscription_event_reread_under_subscriber_scope",),
    ),
    11: row(
        "who had lost a right kept an open connection",
        "leaks/test_identity.py::test_a_hundred_revocations_under_load_hold_within_a_second",
        subscribed=("leaks/test_subscriptions.py::test_revoke_closes_ws_within_a_second",),
    ),
    12: row(
        "a token for reading could more on another way in",
        "leaks/test_identity.py::test_a_read_only_key_is_read_only_everywhere",
        subscribed=("leaks/test_subscriptions.py::test_readonly_token_scope_on_ws",),
    ),
    13: row(
        "an old protocol for connections asked for no sign-in",
        subscribed=("leaks/test_subscriptions.py::test_ws_legacy_subprotocol_refused",),
    ),
    14: row(
        "a check returned something to be awaited, which counted as a yes",
        "leaks/test_writes.py::test_async_permission_in_sync_path_denies",
    ),
    15: row(
        "an id of one type was taken for one of another",
        "leaks/test_lists.py::test_node_id_type_prefix_swap_all_pairs",
    ),
    16: row(
        "a page for trying queries wrote the token into its address",
        "leaks/test_http.py::test_graphiql_off_in_prod",
        "leaks/test_identity.py::test_graphiql_off_in_prod",
    ),
    17: row(
        "counts and sums ignored the row filter",
        "leaks/test_lists.py::test_count_sum_groupby_equals_visible_rows",
    ),
    18: row(
        "an aggregate took a hidden column as its argument",
        "leaks/test_lists.py::test_aggregate_arg_column_authorized",
    ),
    19: row(
        "a redacted field was whole under an alias",
        "leaks/test_lists.py::test_alias_does_not_bypass_masking",
    ),
    20: row(
        "pages of lists passed the check that single objects had",
        "leaks/test_lists.py::test_pages_edges_total_count_has_next_scoped",
    ),
    21: row(
        "a check was not inherited by what a type is read as",
        "leaks/test_graph.py::test_interface_union_fragment_scope_inherited",
    ),
    22: row(
        "a limit of rows changed what was counted",
        "leaks/test_lists.py::test_total_count_independent_of_page_limit",
    ),
    23: row(
        "the schema was told elsewhere while introspection was off",
        "leaks/test_http.py::test_no_schema_text_anywhere",
    ),
    24: row(
        "one request asked the same a thousand times under aliases",
        "leaks/test_http.py::test_alias_cost_limit",
        "leaks/test_after_the_end.py::test_aliases_are_no_brute_force",
    ),
    25: row(
        "a mutation's payload held another user's object",
        "leaks/test_writes.py::test_mutation_payload_reselected_under_scope",
        "leaks/test_writes.py::test_an_answer_kept_under_a_key_is_read_again_with_the_rows_of_now",
    ),
    26: row(
        "an object of somebody else was reached by its id",
        "leaks/test_writes.py::test_every_id_arg_foreign_id_equals_not_found",
        "leaks/test_writes.py::test_every_id_of_a_query_foreign_id_equals_absent",
        "leaks/test_errors.py::test_another_citys_id_is_answered_as_one_that_never_was",
    ),
    27: row(
        "all of no conditions held, and that was a yes",
        "leaks/test_identity.py::test_action_without_duty_denied",
    ),
    28: row(
        "mutations had no permission attached to them",
        "leaks/test_identity.py::test_registry_every_mutation_has_duty",
    ),
    29: row(
        "an administrator took in somebody who may more than itself",
        "leaks/test_identity.py::test_district_cannot_grant_above_own_or_foreign_tenant",
    ),
    30: row(
        "a header that clients send switched a check off",
        "leaks/test_http.py::test_no_client_header_changes_authz",
        "leaks/test_identity.py::test_no_client_header_changes_authz",
    ),
    31: row(
        "rows of others were deleted by id, and attributes set that are not the client's",
        "leaks/test_writes.py::test_delete_update_predicate_in_sql",
        "leaks/test_writes.py::test_input_cannot_set_tenant_unit_owner",
        "leaks/test_files.py::test_an_upload_is_its_makers_organisations_alone",
    ),
    32: row(
        "something was changed through a way that is for reading",
        "leaks/test_http.py::test_mutation_via_get_persisted_export_refused",
        "leaks/test_identity.py::test_mutation_via_get_export_refused",
    ),
    33: row(
        "a directive's argument named what to call",
        "leaks/test_http.py::test_unknown_directives_rejected",
    ),
    34: row(
        "a loader of the whole process gave one user's result to another",
        "leaks/test_tenants.py::test_loader_new_per_request",
        "leaks/test_after_the_end.py::test_documents_are_remembered_without_the_rights_of_who_sent_them",
    ),
    35: row(
        "events and files were handed out by id over organisations",
        "leaks/test_files.py::test_download_by_id_cross_tenant_404",
        "leaks/test_tenants.py::test_download_by_id_cross_tenant_404",
    ),
    36: row(
        "links to files were signed for any key, held for ever, or told what is there",
        "leaks/test_files.py::test_presign_key_derived_from_row_not_input",
        "leaks/test_files.py::test_presign_ttl",
        "leaks/test_files.py::test_a_link_is_good_for_one_object_and_one_method",
        "leaks/test_files.py::test_same_error_shape_for_what_is_anothers_and_what_is_not",
        "leaks/test_files.py::test_a_digest_alone_opens_nothing",
    ),
    37: row(
        "a session's tenant stayed with a pooled connection",
        "leaks/test_database.py::test_pool_reacquire_sees_empty_tenant",
    ),
    38: row(
        "a plan made for one role was used for another",
        "leaks/test_database.py::test_server_version_floor",
    ),
    39: row(
        "a function that was declared immutable froze a tenant into a plan",
        "leaks/test_database.py::test_policy_functions_not_immutable",
    ),
    40: row(
        "the planner's statistics showed values of hidden rows",
        "leaks/test_database.py::test_app_role_no_pg_stats_rows",
    ),
    41: row(
        "a view ran with its owner's rights",
        "leaks/test_database.py::test_catalog_views_security_invoker_and_no_matview_grant",
    ),
    42: row(
        "a partition was asked directly, past the policies of its table",
        "leaks/test_database.py::test_partitions_no_grant_or_own_policy",
    ),
    43: row(
        "foreign keys pointed into another tenant, and told what is there",
        "leaks/test_database.py::test_all_fks_composite_with_tenant",
    ),
    44: row(
        "a uniqueness over all tenants told another's values",
        "leaks/test_database.py::test_all_unique_lead_with_tenant",
        "leaks/test_tenants.py::test_a_value_that_another_city_has_can_be_had",
    ),
    45: row(
        "owners and superusers passed row-level security",
        "leaks/test_database.py::test_runtime_role_not_owner_super_bypassrls",
    ),
    46: row(
        "whoever could inject SQL could be any tenant",
        "leaks/test_database.py::test_compiler_only_binds",
    ),
    47: row(
        "patterns in a policy's model allowed more than they said",
        "leaks/test_identity.py::test_no_key_match_or_regex_in_the_model",
    ),
    48: row(
        "an empty policy said yes, and a subject named like a role had the role",
        "leaks/test_identity.py::test_empty_policy_fails",
        "leaks/test_identity.py::test_role_names_are_reserved",
        "e2e/test_sessions.py::test_under_an_empty_policy_nobody_does_anything",
    ),
    49: row(
        "while a policy was loaded anew, it was empty",
        "leaks/test_identity.py::test_reload_during_requests",
        "authz/test_policy.py::test_a_policy_is_exchanged_whole_and_the_former_stays_until_then",
    ),
}

BEYOND: Mapping[str, tuple[str, ...]] = {
    "a nested field through a parent that is permitted": ("leaks/test_graph.py::test_every_edge_applies_target_scope",),
    "node and nodes of others": (
        "matrix/test_matrix.py::test_an_id_answers_only_who_may_see_it",
        "leaks/test_lists.py::test_node_id_type_prefix_swap_all_pairs",
    ),
    "counts, filters, ordering and cursors as oracles": (
        "leaks/test_lists.py::test_filter_on_unreadable_relation_matches_nothing",
        "leaks/test_lists.py::test_order_by_hidden_column_rejected",
        "leaks/test_lists.py::test_a_cursor_of_anothers_page_opens_nothing",
        "e2e/test_filters.py::test_a_filter_says_of_related_rows_what_reading_them_says",
    ),
    "words and time of NOT_FOUND and FORBIDDEN": (
        "leaks/test_errors.py::test_the_time_to_refuse_does_not_tell_what_exists",
        "leaks/test_writes.py::test_the_time_of_forbidden_does_not_tell_what_exists",
        "leaks/test_errors.py::test_a_fault_of_ours_is_told_by_a_reference_that_the_log_has",
    ),
    "payloads of mutations": ("leaks/test_writes.py::test_mutation_payload_reselected_under_scope",),
    "links after a revocation": (
        "leaks/test_after_the_end.py::test_conflict_declared_after_reading",
        "leaks/test_files.py::test_presign_ttl",
    ),
    "search": (
        "leaks/test_lists.py::test_text_does_not_find_by_what_is_hidden",
        "e2e/test_reads.py::test_search_finds_what_the_lists_find",
    ),
    "exports": (
        "leaks/test_tenants.py::test_download_by_id_cross_tenant_404",
        "leaks/test_after_the_end.py::test_a_membership_that_ends_ends_what_it_opened",
    ),
    "statistics of small groups": (
        "leaks/test_lists.py::test_small_groups_are_of_ones_own_rows",
        "leaks/test_lists.py::test_count_sum_groupby_equals_visible_rows",
    ),
    "the audit trail": (
        "leaks/test_tenants.py::test_the_trail_of_another_city_is_out_of_reach",
        "leaks/test_tenants.py::test_an_event_shows_its_own_changes_only",
        "e2e/test_audit.py::test_an_administrator_of_a_unit_sees_its_own_people_only",
    ),
    "notifications and e-mails": (
        "e2e/test_notifications.py::test_whoever_was_told_can_see_what_of",
        "e2e/test_notifications.py::test_nobody_sees_what_others_were_told",
        "leaks/test_after_the_end.py::test_conflict_declared_after_reading",
    ),
    "idempotency keys of another person": (
        "leaks/test_tenants.py::test_idempotency_key_is_ones_own",
        "leaks/test_writes.py::test_an_answer_kept_under_a_key_is_read_again_with_the_rows_of_now",
    ),
    "unique constraints across tenants": ("leaks/test_tenants.py::test_a_value_that_another_city_has_can_be_had",),
    "upload digests across tenants": (
        "leaks/test_tenants.py::test_an_upload_does_not_tell_what_another_city_has_stored",
        "leaks/test_files.py::test_a_digest_alone_opens_nothing",
    ),
    "caches of plans, permissions and documents shared between people": (
        "leaks/test_tenants.py::test_loader_new_per_request",
        "leaks/test_after_the_end.py::test_documents_are_remembered_without_the_rights_of_who_sent_them",
        "leaks/test_http.py::test_mutation_via_get_persisted_export_refused",
    ),
    "aliases as brute force": (
        "leaks/test_after_the_end.py::test_aliases_are_no_brute_force",
        "leaks/test_after_the_end.py::test_aliases_verify_no_letters_by_the_hundred",
        "leaks/test_after_the_end.py::test_throttling_holds_on_several_workers_at_once",
    ),
    "a conflict declared after reading": ("leaks/test_after_the_end.py::test_conflict_declared_after_reading",),
    "an expert after the case, a body after its accreditation, anybody after the membership": (
        "leaks/test_after_the_end.py::test_after_a_case_has_ended_nobody_adds_to_it",
        "leaks/test_after_the_end.py::test_a_body_whose_accreditation_ended_sees_no_system",
        "leaks/test_after_the_end.py::test_a_membership_that_ends_ends_what_it_opened",
    ),
    "a policy that is changed while requests run": ("leaks/test_identity.py::test_reload_during_requests",),
}
# Of the list beyond, a role that is revoked while a connection is open stands in row 11.
