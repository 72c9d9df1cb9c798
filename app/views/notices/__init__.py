"""Messages: what became of each, what they go by, what consumers chose."""

from app.views.notices.campaigns import CampaignView
from app.views.notices.choices import NoticePreferenceView
from app.views.notices.outbox import DeliveryReceiptView, NoticeView
from app.views.notices.settings import MessageContractView, NoticeStopView, NoticeTemplateView

#: The pages of this area.
VIEWS = (NoticeView, CampaignView, DeliveryReceiptView, NoticeStopView, NoticePreferenceView, NoticeTemplateView, MessageContractView)
