"""A prospect in the words of either CRM: Salesforce's fields beside HubSpot's properties.

The market of the simulated company writes its prospects in Salesforce's words; the native
sync carries values both ways by the same table.
"""

from collections.abc import Mapping
from typing import Any, Final

#: Salesforce field of a Lead -> HubSpot property of a contact
FIELDS: Final = {
    "FirstName": "firstname",
    "LastName": "lastname",
    "Email": "email",
    "Company": "company",
    "Title": "jobtitle",
    "Country": "country",
    "State": "state",
    "Industry": "industry",
    "NumberOfEmployees": "num_employees",
    "AnnualRevenue": "annualrevenue",
    "Score__c": "lead_score",
    "LeadSource": "lead_source",
    "Product_Interest__c": "product_interest",
}
_STAGES: Final = {
    "New": "lead",
    "MQL": "marketingqualifiedlead",
    "SQL": "salesqualifiedlead",
    "Recycled": "144072191",
}
_STATUSES: Final = {stage: status for status, stage in _STAGES.items()}
_NUMBERS: Final = frozenset({"NumberOfEmployees", "AnnualRevenue", "Score__c"})


def as_contact(lead: Mapping[str, Any]) -> dict[str, str]:
    """A Salesforce lead, or contact, as the properties of a HubSpot contact.

    Examples:
        >>> as_contact({"LastName": "Voss", "Status": "MQL", "Score__c": 40.0})
        {'lastname': 'Voss', 'lead_score': '40', 'lifecyclestage': 'marketingqualifiedlead'}
    """
    properties = {
        name: _text(lead[field]) for field, name in FIELDS.items() if lead.get(field) is not None
    }
    if lead.get("MailingCountry"):
        properties["country"] = str(lead["MailingCountry"])
    properties["lifecyclestage"] = _STAGES.get(str(lead.get("Status")), "lead")
    return properties


def as_lead(contact: Mapping[str, str]) -> dict[str, Any]:
    """A HubSpot contact as the fields of a Salesforce lead, with what a lead must have.

    Examples:
        >>> as_lead({"lastname": "Voss", "lead_score": "40"})["Score__c"]
        40.0
    """
    fields: dict[str, Any] = {}
    for field, name in FIELDS.items():
        value = contact.get(name)
        if value:
            fields[field] = float(value) if field in _NUMBERS else value
    if "NumberOfEmployees" in fields:
        fields["NumberOfEmployees"] = int(fields["NumberOfEmployees"])
    fields.setdefault("LastName", contact.get("email") or "Unknown")
    fields.setdefault("Company", "[not provided]")
    fields["Status"] = _STATUSES.get(contact.get("lifecyclestage", ""), "New")
    return fields


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
