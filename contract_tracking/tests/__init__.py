from . import test_facts_delivery
from . import test_facts_payment
from . import test_search
from . import test_queries
from . import test_tracking_record
