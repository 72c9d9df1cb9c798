"""What PAYNET is given to call us: the WSDL of ProviderWebService with our address, its schema, three descriptor files.

Source: ProviderWebService developer manual v1.3 of 2013-03-26, section 2.4 and appendices B, C, D, and its WSDL, which ours
must equal but for the address: the schema has no ``elementFormDefault``, so only the element in the SOAP body has a
namespace. Inferred: the namespace of the descriptor files' roots. Open: what PAYNET wants to be shown, and the length
and form of an account number, which arrive as arguments.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from app.gateways.paynet_soap import ACCOUNT, UWS

_XS, _WSDL = "http://www.w3.org/2001/XMLSchema", "http://schemas.xmlsoap.org/wsdl/"
_SOAP, _WSAW = "http://schemas.xmlsoap.org/wsdl/soap/", "http://www.w3.org/2006/05/addressing/wsdl"
_HTTP = "http://schemas.xmlsoap.org/soap/http"

_METHODS = ("PerformTransaction", "CheckTransaction", "CancelTransaction", "GetStatement", "GetInformation", "ChangePassword")

#: Children of the types in their order: ``name:type``, with ``?`` if it may be missing, with ``*`` for any number, nillable.
_PLAIN: Mapping[str, str] = {
    "GenericArguments": "password:string username:string",
    "GenericResult": "errorMsg:string status:int timeStamp:dateTime",
    "GenericParam": "paramKey:string paramValue:string",
    "TransactionStatement": "amount:long? providerTrnId:long? transactionId:long transactionTime:dateTime?",
}
#: The same of the types that begin with the children of GenericArguments or GenericResult.
_EXTENDED: Mapping[str, str] = {
    "PerformTransactionArguments": "amount:long parameters* serviceId:long transactionId:long transactionTime:dateTime",
    "PerformTransactionResult": "parameters* providerTrnId:long",
    "CheckTransactionArguments": "serviceId:long transactionId:long transactionTime:dateTime parameters*",
    "CheckTransactionResult": ("providerTrnId:long transactionState:int transactionStateErrorStatus:int transactionStateErrorMsg:string"),
    "CancelTransactionArguments": "serviceId:long transactionId:long transactionTime:dateTime parameters*",
    "CancelTransactionResult": "transactionState:int",
    "GetStatementArguments": "dateFrom:dateTime dateTo:dateTime serviceId:long onlyTransactionId:boolean? parameters*",
    "GetStatementResult": "statements*",
    "GetInformationArguments": "parameters* serviceId:long",
    "GetInformationResult": "parameters*",
    "ChangePasswordArguments": "newPassword:string",
    "ChangePasswordResult": "",
}
_MANY = {"parameters": "tns:GenericParam", "statements": "tns:TransactionStatement"}

#: How a parameter that is asked for is described, in the order PAYNET reads it; and the account, the one that is.
_ASKED = ("srv_id", "name", "type", "validator", "length", "caption_ru", "caption_uz", "required", "visible", "order")
_ACCOUNT: Mapping[str, str] = {
    "name": ACCOUNT,
    "type": "string",
    "caption_ru": "Лицевой счёт",
    "caption_uz": "Shaxsiy hisobraqam",
    "required": "true",
    "visible": "true",
    "order": "1",
}
_SHOWN: Sequence[Mapping[str, str]] = (
    {"name": "balance", "type": "long", "caption_ru": "Баланс, тийин", "caption_uz": "Balans, tiyin"},
    {"name": "name", "type": "string", "caption_ru": "Абонент", "caption_uz": "Abonent"},
)


def wsdl(address: str) -> bytes:
    """Return the WSDL, with the schema inside.

    :param address: where our service is called, ``https://…``
    """
    root = etree.Element(
        f"{{{_WSDL}}}definitions",
        {"name": "ProviderWebService", "targetNamespace": UWS},
        nsmap={"wsdl": _WSDL, "soap": _SOAP, "wsaw": _WSAW, "tns": UWS},
    )
    _add(root, _WSDL, "types").append(_schema())
    for method in _METHODS:
        _add_message(root, f"{method}Request", "arguments", f"{method}Arguments")
        _add_message(root, f"{method}Response", "result", f"{method}Result")
    _add_port_type(root)
    _add_binding(root)
    port = _add(_add(root, _WSDL, "service", name="ProviderWebService"), _WSDL, "port", name="ProviderWebServicePort")
    port.set("binding", "tns:ProviderWebServiceBinding")
    _add(port, _SOAP, "address", location=address)
    return _written(root)


def schema() -> bytes:
    """Return the schema alone."""
    return _written(_schema())


def descriptors(service_id: int, *, account_length: int, account_pattern: str) -> dict[str, bytes]:
    """Return the descriptor files by their names: what PAYNET asks the payer for, and what the payer is shown.

    :param service_id: number of our service at PAYNET
    :param account_length: most characters of an account number
    :param account_pattern: regular expression of a whole account number
    """
    service = {"srv_id": str(service_id)}
    account = {**service, **_ACCOUNT, "validator": account_pattern, "length": str(account_length)}
    asked = _descriptor("RequestParamDescriptorList", [{name: account[name] for name in _ASKED}])
    return {
        "GetInformationArgumentsDescriptorList.xml": asked,
        "GetInformationResultDescriptorList.xml": _descriptor("ResponseParamDescriptorList", [{**service, **shown} for shown in _SHOWN]),
        "PerformTransactionArgumentsDescriptorList.xml": asked,
    }


def _schema() -> Any:
    root = etree.Element(f"{{{_XS}}}schema", {"targetNamespace": UWS, "version": "1.0"}, nsmap={"xs": _XS, "tns": UWS})
    for name in _EXTENDED:
        _add(root, _XS, "element", name=name, type=f"tns:{name}")
    for name, children in _PLAIN.items():
        _add_sequence(_add(root, _XS, "complexType", name=name), children)
    for name, children in _EXTENDED.items():
        content = _add(_add(root, _XS, "complexType", name=name), _XS, "complexContent")
        base = "GenericArguments" if name.endswith("Arguments") else "GenericResult"
        _add_sequence(_add(content, _XS, "extension", base=f"tns:{base}"), children)
    return root


def _add_sequence(parent: Any, children: str) -> None:
    sequence = _add(parent, _XS, "sequence")
    for child in children.split():
        name, _, kind = child.rstrip("*?").partition(":")
        if child.endswith("*"):
            _add(sequence, _XS, "element", name=name, type=_MANY[name], minOccurs="0", maxOccurs="unbounded", nillable="true")
        else:
            _add(sequence, _XS, "element", name=name, type=f"xs:{kind}", **({"minOccurs": "0"} if child.endswith("?") else {}))


def _add_message(root: Any, name: str, part: str, element: str) -> None:
    _add(_add(root, _WSDL, "message", name=name), _WSDL, "part", name=part, element=f"tns:{element}")


def _add_port_type(root: Any) -> None:
    port_type = _add(root, _WSDL, "portType", name="ProviderWebService")
    for method in _METHODS:
        operation = _add(port_type, _WSDL, "operation", name=method)
        for way, message in (("input", f"{method}Request"), ("output", f"{method}Response")):
            _add(operation, _WSDL, way, message=f"tns:{message}").set(f"{{{_WSAW}}}Action", f"urn:{message}")


def _add_binding(root: Any) -> None:
    binding = _add(root, _WSDL, "binding", name="ProviderWebServiceBinding", type="tns:ProviderWebService")
    _add(binding, _SOAP, "binding", style="document", transport=_HTTP)
    for method in _METHODS:
        operation = _add(binding, _WSDL, "operation", name=method)
        _add(operation, _SOAP, "operation", soapAction=f"urn:{method}", style="document")
        for way in ("input", "output"):
            _add(_add(operation, _WSDL, way), _SOAP, "body", use="literal")


def _descriptor(root_name: str, parameters: Sequence[Mapping[str, str]]) -> bytes:
    root = etree.Element(f"{{{UWS}}}{root_name}", nsmap={"uws": UWS})
    etree.SubElement(root, "count").text = str(len(parameters))
    for parameter in parameters:
        described = etree.SubElement(root, "parameters")
        for name, value in parameter.items():
            etree.SubElement(described, name).text = value
    return _written(root)


def _add(parent: Any, namespace: str, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)


def _written(root: Any) -> bytes:
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return written
