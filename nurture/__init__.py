"""nurture turns leads into prospects with useful content at the right pace, and says why.

This file stays empty of imports: `python3 -m nurture` passes through it before any dependency
is installed, and `nurture --help` pays for every module loaded here.
"""

__version__ = "0.1.0"
