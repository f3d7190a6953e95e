"""Roll calls over HTTP."""
