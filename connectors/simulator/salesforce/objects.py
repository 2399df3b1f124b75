"""The objects of the simulated org, as their describe calls would list them.

Standard fields keep their standard types and lengths. Custom fields are those a routing
tool is usually given, plus a few that RevOps teams add to leads.
"""

from functools import cache
from typing import Final

from connectors.simulator.salesforce.schema import Schema, SObject, read_sobject

_AUDIT: Final = """
CreatedDate datetime ro
CreatedById reference ro to=User
LastModifiedDate datetime ro
LastModifiedById reference ro to=User
SystemModstamp datetime ro
"""
_INDUSTRIES: Final = (
    "Healthcare|Software|Finance|Manufacturing|Retail|Education|Energy|Media|Government|Other"
)
_SOURCES: Final = "Web|Webinar|Trade+Show|Partner|Purchased+List|Content|Other"
_LANGUAGES: Final = "English|German|French|Swedish|Danish|Finnish|Norwegian|Spanish"
_STATUSES: Final = "New|MQL|Working|Nurture|Recycled|SQL|Disqualified|Closed+-+Converted"
_ZONES: Final = (
    "America/New_York|America/Chicago|America/Los_Angeles|Europe/London|Europe/Berlin"
    "|Europe/Paris|Europe/Stockholm|Europe/Helsinki|Europe/Oslo|Europe/Copenhagen|UTC"
)
_SIGNALBOX: Final = """
Signalbox_Decision__c string:64 unique
Signalbox_Reason__c textarea:255
Signalbox_Rule__c string:128
Signalbox_Pool__c string:128
Signalbox_At__c datetime
"""

_LEAD: Final = f"""
Id id
IsDeleted boolean ro
MasterRecordId reference ro to=Lead
LastName string:80 need
FirstName string:40
Salutation picklist values=Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.
Name string:121 ro
Title string:128
Company string:255 need
Street textarea:255
City string:40
State string:80
PostalCode string:20
Country string:80
Address address ro
Phone phone
MobilePhone phone
Email email
Website url
Description textarea:32000 nofilter nosort
LeadSource picklist values={_SOURCES}
Status picklist values={_STATUSES} default=New
Industry picklist values={_INDUSTRIES}
Rating picklist values=Hot|Warm|Cold
AnnualRevenue currency
NumberOfEmployees int
OwnerId reference to=Group,User
HasOptedOutOfEmail boolean
IsConverted boolean createonly
ConvertedDate date ro
ConvertedAccountId reference ro to=Account
ConvertedContactId reference ro to=Contact
ConvertedOpportunityId reference ro to=Opportunity
IsUnreadByOwner boolean default=true
{_AUDIT}
LastActivityDate date ro
LastTransferDate date ro
LastViewedDate datetime ro
LastReferencedDate datetime ro
EmailBouncedReason string:255
EmailBouncedDate datetime
{_SIGNALBOX}
Languages__c multipicklist values={_LANGUAGES}
Product_Interest__c multipicklist values=API|Analytics|Support|Platform
Sync_to_HubSpot__c boolean
Score__c double
Segment__c picklist values=SMB|Mid-Market|Enterprise
DoNotRoute__c boolean
External_Id__c string:64 unique
"""

_CONTACT: Final = f"""
Id id
IsDeleted boolean ro
MasterRecordId reference ro to=Contact
AccountId reference to=Account children=Contacts
LastName string:80 need
FirstName string:40
Salutation picklist values=Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.
Name string:121 ro
Title string:128
Department string:80
MailingCity string:40
MailingState string:80
MailingCountry string:80
Phone phone
Email email
LeadSource picklist values={_SOURCES}
Description textarea:32000 nofilter nosort
OwnerId reference to=User
HasOptedOutOfEmail boolean
{_AUDIT}
LastActivityDate date ro
{_SIGNALBOX}
SDR__c reference to=User
Sync_to_HubSpot__c boolean
Stage__c picklist values=New|MQL|Working|Recycled|SQL
Languages__c multipicklist values={_LANGUAGES}
Product_Interest__c multipicklist values=API|Analytics|Support|Platform
Score__c double
DoNotRoute__c boolean
"""

_ACCOUNT: Final = f"""
Id id
IsDeleted boolean ro
MasterRecordId reference ro to=Account
Name string:255 need
Type picklist values=Prospect|Customer|Partner|Former+Customer
ParentId reference to=Account children=ChildAccounts
BillingCity string:40
BillingState string:80
BillingCountry string:80
Phone phone
Website url
Industry picklist values={_INDUSTRIES}
AnnualRevenue currency
NumberOfEmployees int
Description textarea:32000 nofilter nosort
Rating picklist values=Hot|Warm|Cold
OwnerId reference to=User
{_AUDIT}
LastActivityDate date ro
SDR__c reference to=User
CSM__c reference to=User
Named__c boolean
Domains__c string:255
Segment__c picklist values=SMB|Mid-Market|Enterprise
"""

_USER: Final = f"""
Id id
Username string:80 need
LastName string:80 need
FirstName string:40
Name string:121 ro
CompanyName string:80
Division string:80
Department string:80
Title string:80
City string:40
Country string:80
Email email need
Phone phone
Alias string:8 need
IsActive boolean default=true
TimeZoneSidKey picklist restricted values={_ZONES}
LocaleSidKey string:40
LanguageLocaleKey string:40
UserRoleId reference to=UserRole
ProfileId reference to=Profile
UserType picklist ro values=Standard|CsnOnly|AutomatedProcess
ManagerId reference to=User
LastLoginDate datetime ro
{_AUDIT}
"""

_GROUP: Final = f"""
Id id
Name string:40 need
DeveloperName string:80
RelatedId reference ro to=UserRole
Type picklist values=Queue|Regular|Role
Email email
OwnerId reference ro to=User
{_AUDIT}
"""

_OPPORTUNITY: Final = f"""
Id id
IsDeleted boolean ro
AccountId reference to=Account children=Opportunities
ContactId reference createonly to=Contact
Name string:120 need
StageName picklist need values=Prospecting|Qualification|Proposal|Negotiation|Closed+Won|Closed+Lost
Amount currency
CloseDate date need
Type picklist values=New+Business|Existing+Business
LeadSource picklist values={_SOURCES}
IsClosed boolean ro
IsWon boolean ro
OwnerId reference to=User
{_AUDIT}
LastActivityDate date ro
"""

_TASK: Final = f"""
Id id
IsDeleted boolean ro
WhoId reference to=Lead,Contact children=Tasks
WhatId reference to=Account,Opportunity
Subject string:255
ActivityDate date
Status picklist values=Not+Started|In+Progress|Completed|Deferred default=Not+Started
Priority picklist values=High|Normal|Low default=Normal
OwnerId reference to=User
Description textarea:32000 nofilter nosort
IsClosed boolean ro
TaskSubtype picklist createonly values=Task|Email|Call default=Task
Type picklist values=Call|Email|Meeting|Other
CompletedDateTime datetime ro
{_AUDIT}
"""

_EVENT: Final = f"""
Id id
IsDeleted boolean ro
WhoId reference to=Lead,Contact children=Events
WhatId reference to=Account,Opportunity
Subject string:255
StartDateTime datetime need
EndDateTime datetime need
IsAllDayEvent boolean
ShowAs picklist values=Busy|OutOfOffice|Free default=Busy
Type picklist values=Call|Email|Meeting|Other
OwnerId reference to=User
Description textarea:32000 nofilter nosort
{_AUDIT}
"""

_ROLES: Final = (
    "Id id\nName string:80 need\nDeveloperName string:80\nParentRoleId reference to=UserRole\n"
)


@cache
def standard_schema() -> Schema:
    """The schema every simulated org starts with."""
    return Schema([*_people(), *_selling(), *_activities(), *_setup()])


def _people() -> list[SObject]:
    return [
        read_sobject("Lead", "00Q", _LEAD, queue_owned=True),
        read_sobject("Contact", "003", _CONTACT),
        read_sobject("Account", "001", _ACCOUNT),
        read_sobject("User", "005", _USER, soft_deleted=False),
        read_sobject("Group", "00G", _GROUP, soft_deleted=False),
    ]


def _selling() -> list[SObject]:
    contact_role = (
        "Id id\nIsDeleted boolean ro\n"
        "OpportunityId reference need to=Opportunity children=OpportunityContactRoles\n"
        "ContactId reference need to=Contact\nRole string:40\nIsPrimary boolean\n" + _AUDIT
    )
    team = (
        "Id id\nIsDeleted boolean ro\n"
        "AccountId reference need to=Account children=AccountTeamMembers\n"
        "UserId reference need to=User\nTeamMemberRole string:40\n" + _AUDIT
    )
    campaign = (
        "Id id\nIsDeleted boolean ro\nName string:80 need\nType string:40\nIsActive boolean\n"
    )
    member = (
        "Id id\nIsDeleted boolean ro\n"
        "CampaignId reference need to=Campaign children=CampaignMembers\n"
        "LeadId reference to=Lead children=CampaignMembers\nContactId reference to=Contact\n"
        "Status string:40\n" + _AUDIT
    )
    return [
        read_sobject("Opportunity", "006", _OPPORTUNITY),
        read_sobject("OpportunityContactRole", "00K", contact_role),
        read_sobject("AccountTeamMember", "01M", team),
        read_sobject("Campaign", "701", campaign + _AUDIT),
        read_sobject("CampaignMember", "00v", member),
    ]


def _activities() -> list[SObject]:
    out_of_office = (
        "Id id\nIsDeleted boolean ro\nUserId reference need to=User\nStartDate datetime need\n"
        "EndDate datetime need\nIsEnabled boolean nofilter\nMessage string:255\n" + _AUDIT
    )
    history = (
        "Id id\nIsDeleted boolean ro\nLeadId reference ro to=Lead children=Histories\n"
        "Field picklist ro\nOldValue string:255 ro nofilter nosort\n"
        "NewValue string:255 ro nofilter nosort\nCreatedById reference ro to=User\n"
        "CreatedDate datetime ro\nSystemModstamp datetime ro\n"
    )
    return [
        read_sobject("Task", "00T", _TASK),
        read_sobject("Event", "00U", _EVENT),
        read_sobject("OutOfOffice", "0J0", out_of_office),
        read_sobject("LeadHistory", "017", history, writable=False),
    ]


def _setup() -> list[SObject]:
    member = (
        "Id id\nGroupId reference to=Group children=GroupMembers\n"
        "UserOrGroupId reference to=Group,User\nSystemModstamp datetime ro\n"
    )
    queue = (
        "Id id\nQueueId reference to=Group children=QueueSobjects\nSobjectType picklist\n"
        "CreatedById reference ro to=User\nSystemModstamp datetime ro\n"
    )
    login = (
        "Id id\nUserId reference ro to=User\nIsFrozen boolean\nIsPasswordLocked boolean\n"
        "LastModifiedDate datetime ro\n"
    )
    organization = (
        "Id id\nName string:80\nInstanceName string:5 ro\nIsSandbox boolean ro\n"
        "OrganizationType picklist ro\nTimeZoneSidKey string:40\nDefaultLocaleSidKey string:40\n"
        + _AUDIT
    )
    rule = "Id id\nName string:120 ro\nSobjectType picklist ro\nActive boolean ro\n" + _AUDIT
    status = (
        "Id id\nApiName string:255 ro\nMasterLabel string:255 ro\nSortOrder int ro\n"
        "IsDefault boolean ro\nIsConverted boolean ro\n"
    )
    setup = {"soft_deleted": False}
    return [
        read_sobject("GroupMember", "011", member, **setup),
        read_sobject("QueueSobject", "03g", queue, **setup),
        read_sobject("UserRole", "00E", _ROLES + _AUDIT, **setup),
        read_sobject(
            "Profile",
            "00e",
            "Id id\nName string:255 need\nUserType picklist ro\n" + _AUDIT,
            **setup,
        ),
        read_sobject("UserLogin", "0Yw", login, **setup),
        read_sobject("Organization", "00D", organization, writable=False, **setup),
        read_sobject("AssignmentRule", "01Q", rule, writable=False, **setup),
        read_sobject("LeadStatus", "01J", status + _AUDIT, writable=False, **setup),
    ]
