/**
 * Time, as the modules of the SDK receive it.
 *
 * Nothing else here reads a clock or starts a timer, so every delay can be tested with a virtual one.
 *
 * @typedef {object} Clock
 * @property {() => number} now_ms Monotonic milliseconds.
 * @property {(delay_ms: number, action: () => void) => () => void} after Runs `action` once; the result cancels it.
 */

/** @type {Clock} */
export const browserClock = {
  now_ms: () => performance.now(),
  after(delay_ms, action) {
    const timer = setTimeout(action, delay_ms);
    return () => clearTimeout(timer);
  },
};

/** The date as this device has it, in milliseconds since 1970: to say that it is wrong, and for nothing else. */
export const wallClock_ms = () => Date.now();

/**
 * Runs `action` at a fixed pace until the result is called.
 *
 * @param {Clock} clock
 * @param {number} period_ms
 * @param {() => void} action
 * @returns {() => void}
 */
export function every(clock, period_ms, action) {
  let cancel = clock.after(period_ms, turn);
  let stopped = false;
  function turn() {
    action();
    if (!stopped) cancel = clock.after(period_ms, turn);
  }
  return () => {
    stopped = true;
    cancel();
  };
}

/**
 * Resolves after a delay.
 *
 * @param {Clock} clock
 * @param {number} delay_ms
 * @returns {Promise<void>}
 */
export function pause(clock, delay_ms) {
  return new Promise((resolve) => clock.after(delay_ms, resolve));
}
