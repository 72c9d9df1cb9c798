"""Pages of acts: one base for all, the list, and a class a kind."""

from app.views.acts.accounts import ChangeOwnerView, CloseAccountView, NewAccountView, ReopenAccountView
from app.views.acts.base import ActForm, ActView, buttons_of
from app.views.acts.bills import (
    ChangeBenefitView,
    ChangeTariffGroupView,
    ChangeTermView,
    CorrectAddressView,
    CorrectReadingView,
    WithdrawPrepaidView,
)
from app.views.acts.consumers import CorrectIdentityView, JoinConsumersView
from app.views.acts.contracts import (
    AnnexContractView,
    EndContractView,
    RenewContractView,
    SignContractView,
    contract_buttons,
)
from app.views.acts.meters import ExchangeMeterView, InstallMeterView, RemoveMeterView
from app.views.acts.register import AccountActView
from app.views.acts.supply import (
    SUPPLY_ORDER_ACTS,
    DisconnectView,
    OrderDisconnectionView,
    OrderReconnectionView,
    ReconnectView,
    RefuseSupplyOrderView,
)

#: The pages of this area.
VIEWS = (
    AccountActView,
    NewAccountView,
    ChangeOwnerView,
    CloseAccountView,
    ReopenAccountView,
    CorrectIdentityView,
    JoinConsumersView,
    ChangeTariffGroupView,
    ChangeTermView,
    ChangeBenefitView,
    WithdrawPrepaidView,
    CorrectReadingView,
    CorrectAddressView,
    ExchangeMeterView,
    InstallMeterView,
    RemoveMeterView,
    SignContractView,
    AnnexContractView,
    RenewContractView,
    EndContractView,
    OrderDisconnectionView,
    DisconnectView,
    OrderReconnectionView,
    ReconnectView,
    RefuseSupplyOrderView,
)

__all__ = ["SUPPLY_ORDER_ACTS", "VIEWS", "AccountActView", "ActForm", "ActView", "buttons_of", "contract_buttons"]
