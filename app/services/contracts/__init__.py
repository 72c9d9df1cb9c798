"""Contracts of supply: made with an account, numbered, printed, and left when an account closes or changes hands."""

from app.services.contracts.numbers import next_number as next_number
from app.services.contracts.papers import draft_texts as draft_texts
from app.services.contracts.papers import make_paper as make_paper
from app.services.contracts.papers import offer_paper as offer_paper
from app.services.contracts.standard import leave_contract as leave_contract
from app.services.contracts.standard import make_missing_contracts as make_missing_contracts
from app.services.contracts.standard import make_standard_contract as make_standard_contract
from app.services.contracts.standard import return_to_contract as return_to_contract
from app.services.contracts.standard import unmake_contract as unmake_contract
from app.services.contracts.templates import TemplateInThePast as TemplateInThePast
from app.services.contracts.templates import add_template as add_template
