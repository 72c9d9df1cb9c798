"""What PAYNET is given, and zeep, a SOAP client of other people's making, that calls us by it over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.helpers import serialize_object

from app.gateways import paynet_soap as soap
from app.gateways import paynet_statuses as statuses
from app.gateways import paynet_wsdl
from app.gateways.paynet_soap import SOAP_11, SOAP_12, PaynetStatementLine

ADDRESS = "https://billing.example.uz/api/paynet?a=1&b=2"
AT = datetime(2026, 4, 26, 14, 13, 55, 421_000, tzinfo=UTC)
SENT_AT = datetime(2026, 4, 26, 13, 7, 22, tzinfo=UTC)
ACCOUNT = [{"paramKey": "clientid", "paramValue": "262801234567"}]
LOGIN = {"password": "p<w&d", "username": "user"}
NAMES = {
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "xs": "http://www.w3.org/2001/XMLSchema",
}

#: Children of every element in their order, as payments-uz.md §1.1 has them: type, ``?`` optional, ``*`` any number.
SEQUENCES: Mapping[str, str] = {
    "PerformTransactionArguments": "password username amount:long parameters* serviceId:long transactionId:long transactionTime:dateTime",
    "PerformTransactionResult": "errorMsg status:int timeStamp:dateTime parameters* providerTrnId:long",
    "CheckTransactionArguments": "password username serviceId:long transactionId:long transactionTime:dateTime parameters*",
    "CheckTransactionResult": (
        "errorMsg status:int timeStamp:dateTime providerTrnId:long transactionState:int transactionStateErrorStatus:int"
        " transactionStateErrorMsg"
    ),
    "CancelTransactionArguments": "password username serviceId:long transactionId:long transactionTime:dateTime parameters*",
    "CancelTransactionResult": "errorMsg status:int timeStamp:dateTime transactionState:int",
    "GetStatementArguments": "password username dateFrom:dateTime dateTo:dateTime serviceId:long onlyTransactionId:boolean? parameters*",
    "GetStatementResult": "errorMsg status:int timeStamp:dateTime statements*",
    "GetInformationArguments": "password username parameters* serviceId:long",
    "GetInformationResult": "errorMsg status:int timeStamp:dateTime parameters*",
    "ChangePasswordArguments": "password username newPassword",
    "ChangePasswordResult": "errorMsg status:int timeStamp:dateTime",
}


@pytest.fixture(scope="module")
def wire() -> Iterator[dict[str, Any]]:
    """A server on the loopback that notes what it is sent and answers with ``reply``, and zeep's client of it."""
    noted: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            noted["action"], noted["body"] = self.headers["SOAPAction"], self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", soap.CONTENT_TYPES[SOAP_11])
            self.end_headers()
            self.wfile.write(noted["reply"])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        noted["address"] = f"http://127.0.0.1:{server.server_port}/api/paynet"
        yield noted
        server.shutdown()


@pytest.fixture(scope="module")
def client(wire: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    path = tmp_path_factory.mktemp("wsdl") / "ProviderWebService.wsdl"
    path.write_bytes(paynet_wsdl.wsdl(wire["address"]))
    with Client(str(path)) as made:
        yield made


def sequence(client: Client, name: str) -> str:
    """Return the children of an element as zeep understood them."""
    described = []
    for child, element in client.get_element(f"{{{soap.UWS}}}{name}").type.elements:
        kind = element.type.name
        mark = "*" if element.accepts_multiple else "?" if element.is_optional else ""
        assert element.qname.namespace is None, "children have no namespace"
        assert element.nillable == (mark == "*")
        described.append(child + ("" if kind == "string" or mark == "*" else f":{kind}") + mark)
    return " ".join(described)


@pytest.mark.parametrize("name", SEQUENCES)
def test_schema_has_the_sequences_of_the_manual(client: Client, name: str) -> None:
    assert sequence(client, name) == SEQUENCES[name]


def test_wsdl_has_the_names_of_the_manual() -> None:
    root = etree.fromstring(paynet_wsdl.wsdl(ADDRESS))

    def found(path: str) -> list[str]:
        return [str(value) for value in root.xpath(path, namespaces=NAMES)]

    methods = [soap.PERFORM, soap.CHECK, soap.CANCEL, soap.STATEMENT, soap.INFORMATION, soap.CHANGE_PASSWORD]
    assert found("@targetNamespace") == [soap.UWS]
    assert found("wsdl:service/@name") == ["ProviderWebService"]
    assert found("wsdl:service/wsdl:port/@name") == ["ProviderWebServicePort"]
    assert found("wsdl:binding/@name") == ["ProviderWebServiceBinding"]
    assert found("wsdl:binding/soap:binding/@style") == ["document"]
    assert set(found("//soap:body/@use")) == {"literal"}
    assert found("wsdl:binding/wsdl:operation/soap:operation/@soapAction") == [f"urn:{method}" for method in methods]
    assert found("wsdl:service/wsdl:port/soap:address/@location") == [ADDRESS]
    assert found("//xs:schema/@elementFormDefault") == []


def test_schema_alone_is_the_one_inside_the_wsdl() -> None:
    inside = etree.fromstring(paynet_wsdl.wsdl(ADDRESS)).find(".//xs:schema", NAMES)

    alone = etree.fromstring(paynet_wsdl.schema())

    assert etree.canonicalize(alone, strip_text=True) == etree.canonicalize(etree.tostring(inside).decode(), strip_text=True)


REQUESTS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    soap.PERFORM: (
        {"amount": 150_000, "parameters": ACCOUNT, "serviceId": 1, "transactionId": 2**63 - 1, "transactionTime": SENT_AT},
        {"amount_tiyin": 150_000, "account_number": "262801234567", "service_id": 1, "transaction_id": 2**63 - 1}
        | {"transaction_at": SENT_AT},
    ),
    soap.CHECK: (
        {"serviceId": 1, "transactionId": 437, "transactionTime": datetime(2026, 4, 26, 18, 7, 22)},  # noqa: DTZ001
        {"transaction_id": 437, "transaction_at": SENT_AT},
    ),
    soap.CANCEL: (
        {"serviceId": 1, "transactionId": 437, "transactionTime": SENT_AT, "parameters": [{"paramKey": "reason", "paramValue": "Ошибка"}]},
        {"transaction_id": 437, "parameters": {"reason": "Ошибка"}},
    ),
    soap.STATEMENT: (
        {"dateFrom": SENT_AT, "dateTo": AT, "serviceId": 1, "onlyTransactionId": True},
        {"date_from": SENT_AT, "date_to": AT, "service_id": 1, "only_transaction_id": True},
    ),
    soap.INFORMATION: (
        {"serviceId": 3, "parameters": [*ACCOUNT, {"paramKey": "getInfoType", "paramValue": "CHK_PERFORM_TRN"}]},
        {"service_id": 3, "information_type": "CHK_PERFORM_TRN", "account_number": "262801234567"},
    ),
    soap.CHANGE_PASSWORD: ({"newPassword": "n"}, {"new_password": "n"}),
}


@pytest.mark.parametrize("method", REQUESTS)
def test_request_of_another_client_is_read(client: Client, method: str) -> None:
    sent, expected = REQUESTS[method]

    call = soap.parse(etree.tostring(client.create_message(client.service, method, **LOGIN, **sent)))

    assert {field: getattr(call, field) for field in expected} == expected
    assert (call.method, call.envelope, call.username, call.password) == (method, SOAP_11, "user", "p<w&d")


REPLIES: Mapping[str, tuple[Callable[[str], bytes], dict[str, Any]]] = {
    soap.PERFORM: (
        lambda envelope: soap.performed(envelope, answered_at=AT, provider_transaction_id=72, parameters={"balance": "200500"}),
        {"providerTrnId": 72, "parameters": [{"paramKey": "balance", "paramValue": "200500"}]},
    ),
    soap.CHECK: (
        lambda envelope: soap.checked(envelope, answered_at=AT, provider_transaction_id=155, state=soap.SUCCEEDED),
        {"providerTrnId": 155, "transactionState": 1, "transactionStateErrorStatus": 0, "transactionStateErrorMsg": "Ok"},
    ),
    soap.CANCEL: (lambda envelope: soap.cancelled(envelope, answered_at=AT), {"transactionState": 2}),
    soap.STATEMENT: (
        lambda envelope: soap.statement(envelope, [PaynetStatementLine(120_000, 23, 4, SENT_AT)], answered_at=AT),
        {"statements": [{"amount": 120_000, "providerTrnId": 23, "transactionId": 4, "transactionTime": SENT_AT}]},
    ),
    soap.INFORMATION: (
        lambda envelope: soap.information(envelope, answered_at=AT, parameters={"name": "A*** & Oʻgʻli"}),
        {"parameters": [{"paramKey": "name", "paramValue": "A*** & Oʻgʻli"}]},
    ),
    soap.CHANGE_PASSWORD: (lambda envelope: soap.password_changed(envelope, answered_at=AT), {}),
}


def called(client: Client, wire: dict[str, Any], method: str, reply: bytes) -> dict[str, Any]:
    """Call a method by zeep and return the result as a dictionary."""
    wire["reply"] = reply
    found: dict[str, Any] = serialize_object(client.service[method](**LOGIN, **REQUESTS[method][0]), dict)
    return found


@pytest.mark.parametrize("method", REPLIES)
def test_another_client_reads_our_reply(client: Client, wire: dict[str, Any], method: str) -> None:
    build, expected = REPLIES[method]

    result = called(client, wire, method, build(SOAP_11))

    assert result == {"errorMsg": "Ok", "status": 0, "timeStamp": AT, **expected}
    assert wire["action"] == f'"urn:{method}"'
    assert soap.parse(wire["body"]).method == method


@pytest.mark.parametrize("method", REPLIES)
def test_another_client_reads_our_refusal(client: Client, wire: dict[str, Any], method: str) -> None:
    refusal = soap.refusal(SOAP_11, method, statuses.WRONG_LOGIN, answered_at=AT)

    result = called(client, wire, method, refusal)

    assert (result["status"], result["errorMsg"]) == (412, "Неверный логин или пароль")


def test_another_client_reads_our_fault(client: Client, wire: dict[str, Any]) -> None:
    with pytest.raises(Fault, match="unknown method") as caught:
        called(client, wire, soap.CHECK, soap.fault(SOAP_11, "unknown method"))

    assert caught.value.code == "s:Client"


def test_request_of_another_client_in_the_later_version_is_read_and_answered_in_it(client: Client) -> None:
    body = etree.tostring(client.create_message(client.service, soap.CHECK, **LOGIN, **REQUESTS[soap.CHECK][0]))

    call = soap.parse(body.replace(SOAP_11.encode(), SOAP_12.encode()))

    assert call.envelope == SOAP_12
    assert SOAP_12.encode() in soap.cancelled(call.envelope, answered_at=AT)


def test_descriptor_files_name_the_service_and_the_account() -> None:
    files = paynet_wsdl.descriptors(3, account_length=13, account_pattern="^[0-9]{12,13}$")

    roots = {name: etree.fromstring(content) for name, content in files.items()}
    assert sorted(roots) == [
        "GetInformationArgumentsDescriptorList.xml",
        "GetInformationResultDescriptorList.xml",
        "PerformTransactionArgumentsDescriptorList.xml",
    ]
    for root in roots.values():
        assert int(root.findtext("count")) == len(root.findall("parameters"))
        assert {parameter.findtext("srv_id") for parameter in root.findall("parameters")} == {"3"}


@pytest.mark.parametrize("name", ["GetInformationArgumentsDescriptorList.xml", "PerformTransactionArgumentsDescriptorList.xml"])
def test_account_is_described_in_the_order_of_the_manual(name: str) -> None:
    files = paynet_wsdl.descriptors(3, account_length=13, account_pattern="^[0-9]{12,13}$")

    root = etree.fromstring(files[name])

    assert root.tag == f"{{{soap.UWS}}}RequestParamDescriptorList"
    assert [(child.tag, child.text) for child in root.find("parameters")] == [
        ("srv_id", "3"),
        ("name", "clientid"),
        ("type", "string"),
        ("validator", "^[0-9]{12,13}$"),
        ("length", "13"),
        ("caption_ru", "Лицевой счёт"),
        ("caption_uz", "Shaxsiy hisobraqam"),
        ("required", "true"),
        ("visible", "true"),
        ("order", "1"),
    ]


def test_what_is_shown_is_described_in_the_order_of_the_manual() -> None:
    files = paynet_wsdl.descriptors(3, account_length=13, account_pattern="^[0-9]{12,13}$")

    root = etree.fromstring(files["GetInformationResultDescriptorList.xml"])

    assert root.tag == f"{{{soap.UWS}}}ResponseParamDescriptorList"
    assert [[child.tag for child in shown] for shown in root.findall("parameters")] == [
        ["srv_id", "name", "type", "caption_ru", "caption_uz"]
    ] * 2
    assert [shown.findtext("name") for shown in root.findall("parameters")] == ["balance", "name"]
