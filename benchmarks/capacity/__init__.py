"""How many consultations a core holds, what each packet costs beside the floor, and memory.

`python -m benchmarks.capacity`.
"""
