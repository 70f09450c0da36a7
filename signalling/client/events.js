/**
 * The typed emitter behind `Consultation.on`.
 *
 * @template {Record<string, any>} Events Event name to event detail.
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /**
   * Calls `listener` on each event of this type.
   *
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {(detail: Events[Type]) => void} listener
   * @returns {() => void} Stops listening.
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /**
   * Tells every listener, in the order in which they came.
   *
   * A listener that throws is reported to the page and does not keep the others from hearing.
   *
   * @template {keyof Events} Type
   * @param {Type} type
   * @param {Events[Type]} detail
   */
  emit(type, detail) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
