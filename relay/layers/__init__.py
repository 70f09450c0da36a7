"""What each receiver's rate is spent on: sound first, then pictures by priority.

Pure: no clock, no I/O, no randomness; the time is an argument. `room_layers.RoomLayers` is the only
door: it is told what there is and what each path carries, and says what has to change.
"""
