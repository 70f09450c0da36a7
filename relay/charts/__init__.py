"""How everybody's sound and picture travelled in one consultation, slot by slot, in bounded memory.

Pure: figures and times are handed in. Written by `relay.monitoring.charting`, read by whoever
reports.
"""
