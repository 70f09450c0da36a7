"""How everybody's sound and picture travelled in one consultation, slot by slot, in bounded memory.

Pure: figures and times are handed in. Written by `relay.charting`, read by whoever reports.
"""
