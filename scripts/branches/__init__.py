"""The branches: each folder is a kind of service, and declares all that the core has to know of it (its `BRANCH`).

A site's own stand beside these (`branches/` in the site), and are imported by the same names.
"""

import os

from scripts.lib.code import OF_SITE

__path__ += filter(None, [os.environ.get(OF_SITE)])
