"""SOAP login(), which a new org refuses: kept so that old clients hear the real no."""

from xml.sax.saxutils import escape

from connectors.simulator.exchange import Reply
from connectors.simulator.salesforce.calls import Call
from connectors.simulator.salesforce.org import Org

_XML = "text/xml;charset=UTF-8"
_FIRST_WITHOUT_LOGIN = 65.0


def login(org: Org, call: Call, version: str) -> Reply:
    """Answer POST /services/Soap/u/{version}."""
    del org
    number = float(version) if version.replace(".", "", 1).isdigit() else 0.0
    if b"login" not in call.body:
        return _fault("INVALID_OPERATION", "Only login() is served here.")
    if number >= _FIRST_WITHOUT_LOGIN:
        message = (
            f"The SOAP Login operation is not available in the API version specified ({version})"
        )
        return _fault("INVALID_OPERATION", message)
    return _fault("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")


def _fault(code: str, message: str) -> Reply:
    text = escape(message)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring>"
        f"<detail><sf:UnexpectedErrorFault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:UnexpectedErrorFault></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Reply(500, body.encode(), media=_XML)
