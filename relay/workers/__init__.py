"""What is said to the engine's worker threads about one leg, and what they tell.

Types, bounded queues and the leg's commands; the compiled module itself is behind `relay.engine`.
"""
