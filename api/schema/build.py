"""The whole schema, checked when it is built: fields have sources, mutations rows in the permission table."""

from __future__ import annotations

import inspect
from functools import cache

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_union_type,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from api.reads.listings import LISTINGS, Listing, Relation
from api.reads.sources import Computed, Event, NodeById, ToMany, ToOne, ToOneOf, registry, source_of
from api.schema import (
    assessments,
    audit,
    city,
    filings,
    imports,
    inquiries,
    inspections,
    notifications,
    panels,
    people,
    policy,
    providers,
    rectification,
    systems,
    work,
)
from api.schema.common import SCALARS
from api.schema.mutations import Mutation
from api.schema.mutations.adapter import RUN, Run, prefix_of, snake
from api.schema.query import Query
from api.schema.subscription import Subscription
from authz.permissions import PERMISSIONS, UNGOVERNED
from authz.scopes import hidden
from domain.access import Role

# Types whose fields are filled in by hand rather than read: connections, pages, and what mutations give back.
PLAIN_SUFFIXES = ("Connection", "Edge", "Payload", "PageInfo", "UserError", "Upload", "Part", "HttpHeader", "Download")


class SchemaError(Exception):
    """The schema and its tables do not agree; the platform refuses to start."""


@cache
def schema() -> GraphQLSchema:
    """The schema that is served. Raises: SchemaError."""
    made = strawberry.Schema(
        Query,
        Mutation,
        Subscription,
        types=[
            city.Tenant,
            city.TenantSettings,
            city.District,
            city.CalendarDay,
            city.Organisation,
            city.User,
            city.Membership,
            systems.System,
            systems.Grading,
            systems.GradingTransition,
            filings.Filing,
            filings.Document,
            filings.ReplyLetter,
            filings.Transition,
            filings.Submission,
            filings.ReviewPeriod,
            filings.MonthlyReturn,
            imports.ImportRun,
            imports.ImportProblem,
            inquiries.Inquiry,
            inquiries.InquiryMessage,
            inquiries.KnowledgeArticle,
            panels.ExpertAppointment,
            panels.PanelSession,
            panels.PanelCase,
            panels.PanelAssignment,
            panels.Opinion,
            panels.PanelConclusion,
            people.ServiceAccount,
            people.ServiceAccountKey,
            assessments.AssessmentBody,
            assessments.AccreditationChange,
            assessments.AssessmentPlan,
            assessments.Assessment,
            assessments.AssessmentTransition,
            assessments.MilestoneReached,
            assessments.AssessmentReport,
            assessments.AssessmentFinding,
            people.Session,
            inspections.InspectionCampaign,
            inspections.CampaignPartner,
            inspections.InspectionBatch,
            inspections.Inspection,
            inspections.InspectionFinding,
            inspections.RectificationOrder,
            inspections.OrderResponse,
            inspections.OverdueNotice,
            inspections.SelfInspection,
            inspections.SelfInspectionAnswer,
            providers.Provider,
            rectification.RiskAssessment,
            rectification.RiskFinding,
            rectification.RectificationPlan,
            rectification.RectificationMeasure,
            rectification.RectificationPlanTransition,
            policy.PolicyChange,
            audit.AuditEvent,
            notifications.Notification,
            work.WorkItem,
            notifications.NotificationPreference,
        ],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
    built: GraphQLSchema = made._schema
    check(built)
    return built


def sdl() -> str:
    """The schema in the schema definition language, in alphabetical order."""
    return print_schema(lexicographic_sort_schema(schema())) + "\n"


def check(built: GraphQLSchema) -> None:
    """Refuse a schema with a field that nothing can read, or a mutation that nothing governs. Raises: SchemaError."""
    plain = _plain_types(built)
    for name, type_ in built.type_map.items():
        if not isinstance(type_, GraphQLObjectType) or name.startswith("__") or name.endswith(PLAIN_SUFFIXES):
            continue
        if type_ in {built.mutation_type, built.subscription_type} or name in plain:
            continue
        for field_name, field in type_.fields.items():
            _check_source(built, f"{name}.{field_name}", field, root=type_ is built.query_type)
    _check_mutations(built)
    _check_events(built)
    for name in registry.by_type:
        if name not in built.type_map:
            raise SchemaError(f"{name} is an entity and not in the schema")
    for each in LISTINGS.values():
        _check_listing(each)


def _check_listing(each: Listing) -> None:
    """Relations lead to lists, columns are there, and everybody can see what a list is ordered by.

    Raises: SchemaError.
    """
    columns = each.model.__table__.c
    for offered in each.filters.values():
        if isinstance(offered, Relation) and offered.target not in LISTINGS:
            raise SchemaError(f"{each.name}Filter.{offered.name} leads to {offered.target}, which has no list")
        if not offered.needs <= set(columns.keys()):
            raise SchemaError(f"{each.name}Filter.{offered.name} needs columns that are not there")
    default = each.orders[each.default[0]]
    if any(default in hidden(role, each.model.__table__) for role in Role):
        raise SchemaError(f"lists of {each.name} are ordered by {default}, which not everybody can see")


def _plain_types(built: GraphQLSchema) -> set[str]:
    """The types of computed fields' values, which Python fills in."""
    assert built.query_type is not None  # noqa: S101 - every schema has one
    waiting = [field for field in built.query_type.fields.values() if isinstance(source_of(field), Computed)]
    found: set[str] = set()
    while waiting:
        type_ = get_named_type(waiting.pop().type)
        if isinstance(type_, GraphQLObjectType) and type_.name not in found:
            if type_.name in registry.by_type:
                raise SchemaError(f"{type_.name} is an entity, which no computed field may hold")
            found.add(type_.name)
            waiting += type_.fields.values()
    return found


def _check_source(built: GraphQLSchema, name: str, field: GraphQLField, *, root: bool) -> None:
    """A field says where its data is, and its type is one that can be there. Raises: SchemaError."""
    source, type_ = source_of(field), get_named_type(field.type)
    if source is None:
        raise SchemaError(f"{name} has no source")
    if isinstance(source, Computed) and not root:
        raise SchemaError(f"{name} is computed, which root fields alone can be")
    if isinstance(source, ToOne | ToMany) and type_.name not in registry.by_type:
        raise SchemaError(f"{name} points to {type_.name}, which is no entity")
    if isinstance(source, ToOneOf):
        if not is_abstract_type(type_):
            raise SchemaError(f"{name} has members, and {type_.name} is no union or interface")
        possible = {each.name for each in built.get_possible_types(type_)}
        members = {member.type_name for member in source.members(possible)}
        if not members <= possible or not members <= registry.by_type.keys():
            raise SchemaError(f"{name} has members that {type_.name} has not")
        if is_union_type(type_) and possible - members:
            raise SchemaError(f"{name} says of no key when it is a {min(possible - members)}")
    elif is_abstract_type(type_) and not isinstance(source, NodeById):
        raise SchemaError(f"{name} does not say which member of {type_.name} it holds")


def _check_mutations(built: GraphQLSchema) -> None:
    """Each mutation has a use case and a row in the permission table, and each row a mutation. Raises: SchemaError."""
    assert built.mutation_type is not None  # noqa: S101 - the schema has mutations
    for name, field in built.mutation_type.fields.items():
        if RUN not in field.extensions["strawberry-definition"].metadata:
            raise SchemaError(f"the mutation {name} has no use case")
        _check_inputs(name, field)
        if name not in PERMISSIONS and name not in UNGOVERNED:
            raise SchemaError(f"the mutation {name} has no row in the permission table")
    for name in PERMISSIONS.keys() - built.mutation_type.fields.keys():
        raise SchemaError(f"the permission table names {name}, which is no mutation")


def _check_events(built: GraphQLSchema) -> None:
    """What can be subscribed to are changes of entities, each by the filter of its own list. Raises: SchemaError."""
    fields = built.subscription_type.fields if built.subscription_type else {}
    for name, field in fields.items():
        source = source_of(field)
        if not isinstance(source, Event) or source.listing.name != get_named_type(field.type).name:
            raise SchemaError(f"the subscription {name} is of no list's entities")


def _check_inputs(name: str, field: GraphQLField) -> None:
    """What a mutation's input offers, its use case has to take. Raises: SchemaError."""
    run: Run = field.extensions["strawberry-definition"].metadata[RUN]
    if run.use_case is None:
        return
    taken = inspect.signature(run.use_case).parameters
    type_ = get_named_type(field.args["input"].type)
    assert isinstance(type_, GraphQLInputObjectType)  # noqa: S101 - every mutation takes one
    for given in type_.fields.keys() - {"idempotencyKey"}:
        if snake(given) not in taken:
            raise SchemaError(f"the use case of {name} does not take {given}")
    _check_ids(type_)


def _check_ids(type_: GraphQLInputObjectType) -> None:
    """Ids say whose they are, at every depth. Raises: SchemaError."""
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if isinstance(named, GraphQLInputObjectType):
            _check_ids(named)
        elif named.name == "ID" and prefix_of(field) not in registry.by_prefix:
            raise SchemaError(f"{type_.name}.{name} does not say whose id it is")
