"""How a consultation goes while it lasts: verdicts, silences, charts, counts.

Reads the engine's figures, once a second and oftener where something is still. Of all of it only
`silences` acts: it tries to mend what it finds. Called by `relay.service`; starts no task.
"""
