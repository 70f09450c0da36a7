"""What a call through the relay is held against: the same link without one."""

from __future__ import annotations

from benchmarks.adaptation.endtoend.bars import bars_beside


def test_a_picture_is_held_against_what_browsers_make_of_the_same_link_directly() -> None:
    def named(frozen_s: float, frames_per_s: float, *direct: tuple[float, float]) -> list[bool]:
        beside = [{"frozen_s": frozen, "frames_per_s": frames} for frozen, frames in direct]
        own = [{"frozen_s": frozen_s, "frames_per_s": frames_per_s}] * 3
        found = bars_beside({"loss_20": own}, {"loss_20": beside}, 3)
        assert [bar.name.partition(",")[0] for bar in found] == [
            "loss_20: frozen in 50 s",
            "loss_20: frames",
        ]
        return [bar.met for bar in found]

    # What was found of 2 Mbit/s that lose 20 %, and directly beside it.
    direct = ((3.25, 23.9), (5.06, 24.08), (8.69, 24.26))
    assert named(14.15, 11.72, *direct) == [False, False]
    assert named(6.06, 23.08, *direct) == [True, True]
    assert named(6.07, 23.07, *direct) == [False, False]
    assert named(0.5, 25.0) == [False, False], "nothing stands beside it"
    assert bars_beside({"step": []}, {}, 3) == []
    unproven = bars_beside({"loss_2": []}, {}, 3)
    assert {bar.verdict for bar in unproven} == {"not met: no run counts"}
