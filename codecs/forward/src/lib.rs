//! The sans-IO packet path: what happens to a packet between one socket read and the next send.
#![forbid(unsafe_code)]
