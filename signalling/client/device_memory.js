/**
 * Which devices a person chose, over visits: their ids are the browser's own for this origin, and say nothing elsewhere.
 */

import { KEPT_DEVICES } from "./device_key.js";

/** @typedef {Partial<Record<"microphone" | "camera" | "speaker", string>>} Chosen */
/** @typedef {Pick<Storage, "getItem" | "setItem"> | null} Memory */

/**
 * @param {Memory} memory `null` remembers nothing.
 * @returns {Chosen}
 */
export function recallDevices(memory) {
  try {
    const kept = Object.entries(JSON.parse(memory?.getItem(KEPT_DEVICES) ?? "{}"));
    return Object.fromEntries(kept.filter(([, id]) => typeof id === "string"));
  } catch {
    return {};
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
