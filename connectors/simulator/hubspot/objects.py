"""The object types of a portal and their properties, those included that Signalbox writes to.

Contacts keep `lastmodifieddate`, everything else `hs_lastmodifieddate`; contacts, companies
and deals are born at `createdate`, everything else at `hs_createdate`. The fields for a
decision are custom properties, as a customer would make them.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from connectors.simulator.hubspot.properties import OWNER, ObjectType, Property

LIFECYCLE_STAGES: Final = (
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
    ("144072191", "Recycled"),  # a stage that the portal made: its value is a number
)
_LEAD_STATUSES: Final = (
    "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT",
    "CONNECTED", "BAD_TIMING",
)  # fmt: skip
_DEAL_STAGES: Final = (
    ("appointmentscheduled", "Appointment Scheduled"),
    ("qualifiedtobuy", "Qualified To Buy"),
    ("presentationscheduled", "Presentation Scheduled"),
    ("decisionmakerboughtin", "Decision Maker Bought-In"),
    ("contractsent", "Contract Sent"),
    ("closedwon", "Closed Won"),
    ("closedlost", "Closed Lost"),
)
_LEAD_STAGES: Final = (
    ("new-stage-id", "New"),
    ("attempting-stage-id", "Attempting"),
    ("connected-stage-id", "Connected"),
    ("qualified-stage-id", "Qualified"),
    ("unqualified-stage-id", "Unqualified"),
)
_PRODUCTS: Final = (("API", "API"), ("Analytics", "Analytics"), ("Support", "Support"))
_WRITTEN: Final = (
    Property("signalbox_decision", "Signalbox decision", custom=True),
    Property("signalbox_reason", "Signalbox reason", custom=True),
    Property("signalbox_rule", "Signalbox rule", custom=True),
    Property("signalbox_pool", "Signalbox pool", custom=True),
    Property("signalbox_at", "Signalbox decided at", "datetime", custom=True),
)


def standard_objects() -> dict[str, ObjectType]:
    """Every object type of the simulated portal, by its name in paths."""
    types = [
        _contacts(),
        _companies(),
        _deals(),
        _leads(),
        _users(),
        *_engagements(),
    ]
    return {one.name: one for one in types}


def _contacts() -> ObjectType:
    entered = [
        Property(f"hs_v2_date_entered_{stage}", f"Date entered {label}", "datetime", read_only=True)
        for stage, label in LIFECYCLE_STAGES
    ]
    own = [
        Property("email", "Email", unique=True),
        *_texts("firstname", "lastname", "phone", "jobtitle", "company", "website"),
        *_texts("address", "city", "zip", "country", "state", "industry"),
        Property("lifecyclestage", "Lifecycle Stage", "enumeration", LIFECYCLE_STAGES),
        _choice("hs_lead_status", _LEAD_STATUSES),
        Property("hubspot_owner_assigneddate", "Owner assigned", "datetime", read_only=True),
        Property("hs_merged_object_ids", "Merged ids", read_only=True),
        Property("hs_analytics_source", "Original source", read_only=True),
        Property("associatedcompanyid", "Primary company", "number", read_only=True),
        Property("num_employees", "Number of employees", "number", custom=True),
        Property("lead_score", "Score", "number", custom=True),
        Property("lead_source", "Lead source", custom=True),
        Property("annualrevenue", "Annual revenue", "number"),
        Property(
            "product_interest", "Product interest", "enumeration", _PRODUCTS, many=True, custom=True
        ),
        *_texts("salesforceleadid", "salesforcecontactid", "salesforceaccountid"),
        Property("salesforce_inclusion", "In the Salesforce sync", "bool", custom=True),
        *_WRITTEN,
        *entered,
    ]
    return ObjectType(
        "contacts",
        "0-1",
        "contact",
        modified="lastmodifieddate",
        created="createdate",
        properties=_table("lastmodifieddate", "createdate", own),
        served=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        revisions=45,
        scope="contacts",
        searched=("email", "firstname", "lastname", "phone", "company"),
    )


def _companies() -> ObjectType:
    own = [
        *_texts("name", "domain", "website", "phone", "city", "state", "country", "industry"),
        Property("numberofemployees", "Number of employees", "number"),
        Property("annualrevenue", "Annual revenue", "number"),
        Property("lifecyclestage", "Lifecycle Stage", "enumeration", LIFECYCLE_STAGES),
        _choice("type", ("PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER", "CUSTOMER")),
        Property("hs_additional_domains", "Additional domains"),
        Property("hs_parent_company_id", "Parent company", "number"),
        Property("named_account", "Named account", "bool", custom=True),
        *_texts("salesforceaccountid"),
    ]
    return ObjectType(
        "companies",
        "0-2",
        "company",
        modified="hs_lastmodifieddate",
        created="createdate",
        properties=_table("hs_lastmodifieddate", "createdate", own),
        served=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
        scope="companies",
        searched=("name", "domain", "website", "phone"),
    )


def _deals() -> ObjectType:
    own = [
        *_texts("dealname", "pipeline"),
        Property("dealstage", "Deal Stage", "enumeration", _DEAL_STAGES),
        Property("amount", "Amount", "number"),
        Property("closedate", "Close Date", "datetime"),
        Property("hs_is_closed", "Is closed", "bool", read_only=True),
        Property("hs_is_closed_won", "Is closed won", "bool", read_only=True),
    ]
    return ObjectType(
        "deals",
        "0-3",
        "deal",
        modified="hs_lastmodifieddate",
        created="createdate",
        properties=_table("hs_lastmodifieddate", "createdate", own),
        served=(
            "amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate",
            "hs_object_id", "pipeline",
        ),
        scope="deals",
        searched=("dealname", "pipeline", "dealstage"),
    )  # fmt: skip


def _leads() -> ObjectType:
    own = [
        *_texts("hs_lead_name", "hs_pipeline"),
        _choice("hs_lead_type", ("NEW_BUSINESS", "UPSELL", "RE_ATTEMPTING")),
        _choice("hs_lead_label", ("HOT", "WARM", "COLD")),
        Property("hs_pipeline_stage", "Lead stage", "enumeration", _LEAD_STAGES),
        Property("hubspot_owner_assigneddate", "Owner assigned", "datetime", read_only=True),
        *_WRITTEN,
    ]
    return _plain("leads", "0-136", own, required=("hs_lead_name",), scope="leads")


def _users() -> ObjectType:
    own = [
        *_texts("hs_email", "hs_given_name", "hs_family_name", "hs_job_title"),
        _choice("hs_availability_status", ("available", "away")),
        *_texts("hs_working_hours", "hs_out_of_office_hours", "hs_standard_time_zone"),
        Property("hs_is_out_of_office", "Is out of office", "bool", read_only=True),
        Property("hs_internal_user_id", "Settings user id", "number", read_only=True),
    ]
    return _plain("users", "0-115", own, scope="users")


def _engagements() -> Iterator[ObjectType]:
    kinds = {
        "tasks": ("0-27", ("hs_task_subject", "hs_task_status", "hs_task_type")),
        "meetings": ("0-47", ("hs_meeting_title", "hs_meeting_outcome")),
        "calls": (
            "0-48",
            ("hs_call_title", "hs_call_status", "hs_call_direction", "hs_call_disposition"),
        ),
        "emails": (
            "0-49", ("hs_email_subject", "hs_email_status", "hs_email_direction"),
        ),
        "notes": ("0-46", ("hs_note_body",)),
    }  # fmt: skip
    for name, (type_id, texts) in kinds.items():
        own = [
            *_texts(*texts),
            Property("hs_timestamp", "Activity date", "datetime"),
            Property("hs_created_by_user_id", "Created by", "number", read_only=True),
            Property("hs_object_source", "Source", read_only=True),
        ]
        required = ("hs_timestamp",)
        yield _plain(name, type_id, own, required=required, scope="contacts")


def _plain(
    name: str,
    type_id: str,
    own: Iterable[Property],
    *,
    required: tuple[str, ...] = (),
    scope: str = "",
) -> ObjectType:
    return ObjectType(
        name,
        type_id,
        name.removesuffix("s"),
        modified="hs_lastmodifieddate",
        created="hs_createdate",
        properties=_table("hs_lastmodifieddate", "hs_createdate", own),
        served=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        required=required,
        scope=scope,
    )


def _table(modified: str, created: str, own: Iterable[Property]) -> dict[str, Property]:
    common = [
        Property("hs_object_id", "Record ID", "number", read_only=True),
        Property(created, "Create date", "datetime", read_only=True),
        Property(modified, "Last modified", "datetime", read_only=True),
        Property(OWNER, "Owner", "enumeration"),
        Property("hs_created_by_user_id", "Created by user", "number", read_only=True),
    ]
    return {one.name: one for one in [*common, *own]}


def _texts(*names: str) -> list[Property]:
    return [Property(name, name.replace("_", " ").capitalize()) for name in names]


def _choice(name: str, values: Iterable[str]) -> Property:
    options = tuple((value, value.replace("_", " ").capitalize()) for value in values)
    return Property(name, name.replace("_", " ").capitalize(), "enumeration", options)
