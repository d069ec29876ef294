from . import contract_delivery_receipt
from . import contract_delivery_receipt_line
