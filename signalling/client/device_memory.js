/**
 * Which devices a person chose, over visits: their ids are the browser's own for this origin, and say nothing elsewhere.
 */

const NAME = "visavis.devices";

/** @typedef {Partial<Record<"microphone" | "camera" | "speaker", string>>} Chosen */
/** @typedef {Pick<Storage, "getItem" | "setItem"> | null} Memory */

/**
 * @param {Memory} memory `null` remembers nothing.
 * @returns {Chosen}
 */
export function recallDevices(memory) {
  try {
    const kept = Object.entries(JSON.parse(memory?.getItem(NAME) ?? "{}"));
    return Object.fromEntries(kept.filter(([, id]) => typeof id === "string"));
  } catch {
    return {};
  }
}

/**
 * @param {Memory} memory
 * @param {Chosen} chosen
 */
export function keepDevices(memory, chosen) {
  try {
    memory?.setItem(NAME, JSON.stringify(chosen));
  } catch {
    // A full or forbidden storage costs a choice at the next visit, nothing else.
  }
}

/**
 * The browser's storage for this origin; `null` where it forbids it.
 *
 * @returns {Memory}
 */
export function lastingMemory() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
