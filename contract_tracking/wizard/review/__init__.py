from . import contract_review_opinion
from . import contract_review_opinion_condition
