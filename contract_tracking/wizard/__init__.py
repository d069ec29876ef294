from . import base
from . import contract
from . import term
from . import delivery
from . import money
from . import frame
from . import approval
from . import coordination
