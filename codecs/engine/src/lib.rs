//! The compiled module `relay._engine`.
