"""What every suite shares: how Hypothesis searches."""

from __future__ import annotations

import hypothesis

# A machine that also runs browsers is no clock: what must be fast has a benchmark.
hypothesis.settings.register_profile("visavis", deadline=None, print_blob=True)
hypothesis.settings.load_profile("visavis")
