"""Pages tried in the browser."""

PAGES = (
    "/", "/accountview/list/", "/accountview/show/1", "/householdconsumerview/list/",
    "/householdconsumerview/add", "/legalconsumerview/list/", "/penaltyholdview/add", "/supplyview/list/", "/servicepointview/add",
    "/readingview/list/", "/readingimportview/list/", "/readingimportview/load", "/reading-entry/1",
    "/deviceview/list/", "/deviceview/show/1",
    "/meterinstallationview/list/", "/billrunview/list/", "/billrunview/open", "/billrunview/show/1", "/billview/list/", "/billview/show/1",
    "/billexceptionview/list/", "/cashier/", "/cashier/take/1", "/paymentview/list/", "/paymentview/show/1", "/tenderview/list/",
    "/paymentcontractview/list/", "/paymentcontractview/add", "/ledgerentryview/list/", "/accountbalanceview/list/", "/debtview/list/",
    "/charts/", "/jobview/list/", "/noticeview/list/", "/tariffview/list/", "/tariffversionview/show/1", "/tariffversionview/add",
    "/divisionview/list/", "/divisionview/add", "/divisionaccessview/add", "/division-file/load", "/search/?q=karimov", "/users/list/",
    "/approvalview/inbox", "/reference/tariff_version/on", "/reference/bank/difference",
    "/reference/bank/1/history", "/reference/resource/1/uses",
    "/reference/bank/load", "/my-sessions/", "/my-sessions/device", "/usersessionview/list/", "/totpdeviceview/list/", "/logout/",
    "/users/add", "/users/show/1", "/users/edit/2", "/users/reset/2", "/roles/list/", "/roles/show/4", "/roles/edit/4", "/roles/add",
    "/groups/list/", "/groups/add", "/divisionaccessview/list/", "/divisionaccessview/show/1", "/access-today/", "/structure/",
    "/departmentview/list/", "/departmentview/add", "/postview/list/", "/staffmemberview/list/", "/staffmemberview/add",
    "/substitutionview/list/", "/substitutionview/add", "/profile/", "/resetmypassword/form", "/userinfoeditview/form",
    "/console/", "/parameters/", "/parameters/billing.hold_high",
    "/parameters/access.idle_minutes", "/tariffversionview/add?tariff=1",
    "/console/job_run/", "/console/job_run/details/?id=1", "/console/audit_entry/",
    "/console/notice/", "/console/tender/", "/console/gateway_call/", "/console/stored_file/",
)  # fmt: skip
