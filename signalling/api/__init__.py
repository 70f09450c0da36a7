"""The HTTP API: how a platform's backend makes rooms, invites, steers and asks how it goes.

`operations` is the one table: requests are routed and validated by it, and the document at
`/v1/openapi.json` is built from it. Nothing here speaks to a browser: there is no CORS.
"""
