"""What an org says about itself: versions, resources, objects, fields, limits and counts."""

import zlib
from typing import Any, Final

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce import saving
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import VERSIONS, Org
from connectors.simulator.salesforce.refusals import Unmodified
from connectors.simulator.salesforce.schema import NUMBER_TYPES, TEXT_TYPES, Field, SObject
from connectors.simulator.salesforce.stamps import http_date

_SOAP_TYPES: Final = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
_SEASONS: Final = ("Winter", "Spring", "Summer")
_OFF: Final = (
    "aiPredictionField", "autoNumber", "calculated", "cascadeDelete", "caseSensitive",
    "defaultedOnCreate", "dependentPicklist", "deprecatedAndHidden", "displayLocationInDecimal",
    "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted", "nameField",
    "queryByDistance", "restrictedDelete", "searchPrefilterable", "writeRequiresMasterRead",
)  # fmt: skip
_NULL: Final = (
    "calculatedFormula", "compoundFieldName", "controllerName", "defaultValueFormula",
    "extraTypeInfo", "filteredLookupInfo", "inlineHelpText", "mask", "maskType",
    "referenceTargetField", "relationshipOrder",
)  # fmt: skip


def versions(org: Org, call: Call) -> Reply:
    """Answer GET /services/data, which needs no session."""
    del org, call
    return Reply(body=[_version(number) for number in VERSIONS])


def resources(org: Org, call: Call) -> Reply:
    """Answer GET /services/data/vXX.X."""
    base = f"/services/data/v{call.version}"
    names = ("sobjects", "query", "queryAll", "limits", "composite", "jobs", "recent")
    body: dict[str, str] = {name: f"{base}/{name}" for name in names}
    body["identity"] = f"{org.settings.base_url}/id/{org.id}/{call.user_id}"
    return Reply(body=body)


def recent(org: Org, call: Call) -> Reply:
    """Answer GET /recent: nothing, since nobody looks at records through the API."""
    del org, call
    return Reply(body=[])


def global_describe(org: Org, call: Call) -> Reply:
    """Answer GET /sobjects."""
    shown = [one for one in org.schema if call.access.shows_object(one)]
    body = {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(call, one) for one in sorted(shown, key=lambda one: one.name)],
    }
    return Reply(body=body)


def basics(org: Org, call: Call, sobject: str) -> Reply:
    """Answer GET /sobjects/{object}."""
    found = saving.sobject_named(org, call, sobject)
    return Reply(body={"objectDescribe": _summary(call, found), "recentItems": []})


def describe(org: Org, call: Call, sobject: str) -> Reply:
    """Answer GET /sobjects/{object}/describe."""
    found = saving.sobject_named(org, call, sobject)
    since = call.modified_since()
    if since is not None and since >= org.started_at.replace(microsecond=0):
        raise Unmodified
    body = _summary(call, found)
    body |= {
        "fields": [_field(call, found, one) for one in call.access.fields(found)],
        "childRelationships": [
            {
                "cascadeDelete": False,
                "childSObject": child.sobject,
                "deprecatedAndHidden": False,
                "field": child.field,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": child.name,
                "restrictedDelete": False,
            }
            for child in org.schema.children(found.name)
        ],
        "actionOverrides": [],
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All", "name": "everything"}],
    }
    names = ",".join(one["name"] for one in body["fields"])
    tag = f'"{zlib.crc32(names.encode()):08x}"'
    return Reply(200, body, {"ETag": tag, "Last-Modified": http_date(org.started_at)})


def _version(number: str) -> dict[str, str]:
    count = int(number.split(".", maxsplit=1)[0])
    year = 14 + (count - 29) // 3
    label = f"{_SEASONS[(count - 29) % 3]} '{year:02d}"
    return {"label": label, "url": f"/services/data/v{number}", "version": number}


def _summary(call: Call, sobject: SObject) -> dict[str, Any]:
    url = f"/services/data/v{call.version}/sobjects/{sobject.name}"
    writes = sobject.writable and not call.access.read_only
    label = sobject.name
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": writes,
        "custom": sobject.name.endswith("__c"),
        "customSetting": False,
        "deepCloneable": False,
        "deletable": writes and sobject.name != "User",
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.soft_deleted,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": label,
        "labelPlural": f"{label}s",
        "layoutable": True,
        "mergeable": sobject.name in ("Lead", "Contact", "Account"),
        "mruEnabled": True,
        "name": sobject.name,
        "queryable": True,
        "replicateable": sobject.field("SystemModstamp") is not None,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": sobject.soft_deleted and writes,
        "updateable": writes,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }


def _field(call: Call, sobject: SObject, field: Field) -> dict[str, Any]:
    text = field.type in TEXT_TYPES or field.type in ("id", "reference")
    entry: dict[str, Any] = dict.fromkeys(_OFF, False) | dict.fromkeys(_NULL, None)
    entry |= {
        "aggregatable": field.type not in ("address", "boolean", "textarea"),
        "byteLength": field.length * 3 if text and field.length > 18 else field.length,
        "createable": call.access.may_write(sobject, field, creating=True),
        "custom": field.custom,
        "defaultValue": field.default,
        "digits": 8 if field.type == "int" else 0,
        "externalId": field.external_id,
        "filterable": call.access.may_filter(sobject, field),
        "groupable": field.filterable and field.type not in ("datetime", "double", "currency"),
        "idLookup": field.type == "id" or field.external_id or field.type == "email",
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name == "Name",
        "namePointing": field.polymorphic,
        "nillable": not field.required and field.type not in ("boolean", "id"),
        "permissionable": field.custom,
        "picklistValues": [_choice(value, field) for value in field.values],
        "polymorphicForeignKey": field.polymorphic,
        "precision": 18 if field.type in NUMBER_TYPES - {"int"} else 0,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "restrictedPicklist": field.restricted,
        "scale": 2 if field.type == "currency" else 0,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.external_id,
        "updateable": call.access.may_write(sobject, field, creating=False),
    }
    return dict(sorted(entry.items()))


def _choice(value: str, field: Field) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == field.default,
        "label": value,
        "validFor": None,
        "value": value,
    }
