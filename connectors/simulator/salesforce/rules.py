"""The customer's own rules, as far as they touch a write: validation, duplicates, assignment.

All of them are off in a fresh org. They are changed while it runs, by the control
endpoints or by a fault.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.simulator.salesforce.refusals import Refused
from connectors.simulator.salesforce.schema import Stored


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """Refuses a save while a field's value matches the pattern."""

    sobject: str
    field: str
    pattern: str
    message: str

    def check(self, sobject: str, row: Mapping[str, Stored]) -> None:
        """Refuse the row if the rule says so."""
        value = row.get(self.field)
        shown = "" if value is None else str(value)
        if self.sobject == sobject and re.fullmatch(self.pattern, shown):
            raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", self.message, fields=(self.field,))


@dataclass(slots=True)
class OrgRules:
    """What the customer has configured."""

    assign_leads_to: str | None = None  #: owner the active assignment rule gives every lead
    validations: list[ValidationRule] = field(default_factory=list)
    duplicates_by_email: bool = False  #: refuse a lead whose e-mail a contact already has


def duplicate_refusal(sobject: str, match: Mapping[str, Stored], matched_type: str) -> Refused:
    """400 of a duplicate rule, with the misspelt key that the service really sends."""
    record = {"attributes": {"type": matched_type}, "Id": match.get("Id")}
    result = {
        "matchEngine": "FuzzyMatchEngine",
        "entityType": matched_type,
        "errors": [],
        "matchRecords": [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100.0,
                "record": record,
            }
        ],
        "rule": f"Standard_{matched_type}_Match_Rule_v1_1",
        "size": 1,
        "success": True,
    }
    refused = Refused("DUPLICATES_DETECTED", "Use one of these records?")
    refused.extra["duplicateResut"] = {
        "allowSave": True,
        "duplicateRule": f"Standard_Rule_for_{sobject}s_with_Duplicate_{matched_type}s",
        "duplicateRuleEntityType": sobject,
        "errorMessage": "Use one of these records?",
        "matchResults": [result],
    }
    return refused
