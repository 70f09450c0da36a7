/**
 * Goes on with another microphone, camera or loudspeaker; where that does not open, all is as it was. It is fetched when
 * somebody chooses.
 */

import { KEPT_DEVICES } from "./device_key.js";

/** @typedef {import("./capture.js").Device} Device */
/** @typedef {import("./publisher.js").Publisher} Publisher */
/** @typedef {{ sinkId?: string | object, setSinkId: (id: string | object) => Promise<void> }} Led Types know it of media elements alone. */

/**
 * @param {object} parts
 * @param {Publisher} parts.publisher
 * @param {import("./player_list.js").PlayerList} parts.players
 * @param {import("./device_memory.js").Memory} parts.memory Where the choice is kept for the next visit.
 * @param {Device | "speaker"} device
 * @param {string} id From `devices()`.
 * @returns {Promise<void>} Rejects where it does not open; nothing is remembered then.
 */
export async function switchDevice({ publisher, players, memory }, device, id) {
  if (device === "speaker") await useSpeaker(players, id);
  else await takeDevice(publisher, device, id);
  publisher.chosen[device] = id;
  try {
    memory?.setItem(KEPT_DEVICES, JSON.stringify(publisher.chosen));
  } catch {
    // A full or forbidden storage costs a choice at the next visit, nothing else.
  }
}

/**
 * @param {Publisher} publisher
 * @param {Device} device
 * @param {string} id
 * @returns {Promise<void>} Rejects where it does not open; the one in use goes on then.
 */
export async function takeDevice(publisher, device, id) {
  const { chosen } = publisher;
  const sent = publisher.of(device);
  const before = sent?.mediaTrack;
  const wished = { ...chosen, [device]: id };
  if (sent?.isLost && !publisher.waits(device, true)) {
    sent.muted = false;
    try {
      await publisher.reopen(sent, device, wished);
    } catch (error) {
      sent.muted = true;
      throw error;
    }
    publisher.announcer.sync();
  } else if (sent?.owned && before) {
    const used = before.getSettings().deviceId;
    // Phones cannot open a second camera while the first one is open.
    if (device === "camera") before.stop();
    try {
      await publisher.reopen(sent, device, wished);
    } catch (error) {
      const again = used ? { ...chosen, [device]: used } : chosen;
      if (device === "camera") await publisher.reopen(sent, device, again).catch(() => publisher.mute(device, true));
      throw error;
    }
  }
  chosen[device] = id;
}

/**
 * @param {import("./player_list.js").PlayerList} players
 * @param {string} id
 * @returns {Promise<void>} Rejects where one of them cannot be led there; all play where they did then.
 */
async function useSpeaker(players, id) {
  const led = /** @type {Led[]} */ (/** @type {unknown} */ ([...players.all.keys()]));
  // Safari cannot, nor can AudioContext in Firefox: what would play here and there is heard twice, or not at all.
  const canBeLed = led.length > 0 ? led.every((player) => "setSinkId" in player) : "setSinkId" in (globalThis.HTMLMediaElement?.prototype ?? {});
  if (!canBeLed) throw new TypeError("no loudspeaker can be chosen here");
  const before = led.map(({ sinkId }) => sinkId ?? "");
  const tried = await Promise.allSettled(led.map((player) => player.setSinkId(id)));
  const refusals = tried.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (refusals.length > 0) {
    await Promise.allSettled(led.map((player, index) => player.setSinkId(before[index] ?? "")));
    throw refusals[0];
  }
  players.speaker = id;
}
