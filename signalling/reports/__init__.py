"""Reports on consultations: written down as it happens, told as JSON, in sentences, and as a page.

`keeper` holds what is open or was a while ago; everything else here is pure. Called by
`signalling.platform` and `signalling.api`.
"""
