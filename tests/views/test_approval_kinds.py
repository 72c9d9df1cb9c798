"""Kinds of requests say beside what they do who decides, what people call them and where they lead."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app import labels
from app.domain.administration import ApprovalKind
from app.domain.administration.roles import ROLES
from app.services.administration import approvals
from app.services.administration.approvals import ApprovalSpec
from app.views.administration import APPROVALS, ApprovalView

#: A request as the pages of its subject need it.
CONTENTS = {"account_id": 5, "billing_month": "2026-01-01", "kind": "CREDIT", "move": "REFUND", "decision": "DROP", "rows": 1}


def test_every_kind_of_request_is_declared_and_collected_once() -> None:
    assert set(APPROVALS) == set(ApprovalKind)
    assert APPROVALS == approvals.SPECS


@pytest.mark.parametrize("spec", APPROVALS.values(), ids=lambda spec: str(spec.kind))
def test_somebody_decides_about_a_kind_of_request(app: Flask, spec: ApprovalSpec) -> None:
    permission = approvals.permission_of(spec.kind)

    assert spec.approvers
    assert set(spec.approvers) <= set(ROLES)
    assert ApprovalView.page.rights[permission] == spec.approvers
    with app.test_request_context():
        assert labels.permission(permission) == spec.permits
        assert labels.member(spec.kind) == spec.label


@pytest.mark.parametrize("subject_id", [7, None])
@pytest.mark.parametrize("spec", APPROVALS.values(), ids=lambda spec: str(spec.kind))
def test_page_of_a_request_exists(app: Flask, spec: ApprovalSpec, subject_id: int | None) -> None:
    request: Any = SimpleNamespace(kind=spec.kind, subject_id=subject_id, division_id=3, contents=CONTENTS)
    address = spec.page_of(request) if spec.page_of else None

    assert address is None or address[0] in app.view_functions
    assert set(spec.describe(request)) <= {"campaign", "move", "held", "note_kind", "subsidies"}
