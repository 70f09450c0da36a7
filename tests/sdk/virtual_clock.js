/** A clock whose time passes only when a test says so. */
export class VirtualClock {
  #now_ms = 0;
  #timers = new Set();

  now_ms = () => this.#now_ms;

  after = (delay_ms, action) => {
    const timer = { due_ms: this.#now_ms + delay_ms, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets time pass, with every promise settled between two timers. */
  async pass(duration_ms) {
    const end_ms = this.#now_ms + duration_ms;
    await settled();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.due_ms <= end_ms).sort((a, b) => a.due_ms - b.due_ms)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now_ms = Math.max(this.#now_ms, due.due_ms);
      due.action();
      await settled();
    }
    this.#now_ms = Math.max(this.#now_ms, end_ms);
  }

  /** Lets time pass while no timer runs, as in a page that the system has stopped. */
  stand(duration_ms) {
    this.#now_ms += duration_ms;
  }
}

/** Lets every promise that can settle do so. */
export async function settled() {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
