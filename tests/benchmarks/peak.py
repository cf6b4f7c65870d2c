"""How large this very process became, for what tells its own memory; it imports next to nothing, so as to weigh nothing."""

import re
import resource
import sys
from pathlib import Path


def peak_megabytes() -> float:
    """The greatest resident size so far, of this program alone: what the system's call tells may still be the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return round(int(peak) / 1024, 1)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
