//! A bound on how often something may happen: a token bucket.

/// So many things a second, a second's worth at once.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    per_second: u64,
    tokens_nano: u64,
    filled_ns: u64,
}

impl Allowance {
    /// A full allowance.
    #[must_use]
    pub const fn new(per_second: u64, now_ns: u64) -> Self {
        Self {
            per_second,
            tokens_nano: per_second * NANO,
            filled_ns: now_ns,
        }
    }

    /// Takes one; `false` when there is none left.
    pub fn take(&mut self, now_ns: u64) -> bool {
        let gained = now_ns
            .saturating_sub(self.filled_ns)
            .saturating_mul(self.per_second);
        self.tokens_nano = self
            .tokens_nano
            .saturating_add(gained)
            .min(self.per_second * NANO);
        self.filled_ns = now_ns;
        let enough = self.tokens_nano >= NANO;
        if enough {
            self.tokens_nano -= NANO;
        }
        enough
    }
}

const NANO: u64 = 1_000_000_000;
