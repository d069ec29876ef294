from . import contract_frame_correction
