"""syncd keeps website chats and helpdesk tickets in step, both ways."""

import sys
from typing import cast

# httpx imports a command line of its own wherever its parts happen to be installed, as they are with typer: a tenth of
# a start and 4 MB for what a daemon never uses. None is how Python is told to refuse an import; httpx goes on without.
cast("dict[str, object]", sys.modules).setdefault("httpx._main", None)
