/**
 * Puts the parts of a consultation together, with the browser's own clock, sockets and connections by default.
 */

import { Channel } from "./channel.js";
import { browserClock } from "./clock.js";
import { CrossingDoor } from "./crossing_door.js";
import { lastingMemory, recallDevices } from "./device_memory.js";
import { followEncodings } from "./encodings.js";
import { failure } from "./errors.js";
import { MediaLine } from "./media_line.js";
import { Observation } from "./observation.js";
import { Pictures } from "./pictures.js";
import { PlayerList } from "./player_list.js";
import { Publisher } from "./publisher.js";
import { patientReconnect } from "./reconnect.js";
import { Roster } from "./roster.js";
import { SeatLine } from "./seat_line.js";
import { SeatMemory, tabStorage } from "./seat_memory.js";
import { Slots } from "./slots.js";
import { Standing } from "./standing.js";
import { relayUrl, seatOf, tokenFacts } from "./token.js";
import { wordsFor } from "./words/index.js";

/**
 * @param {import("./public.js").ConsultationOptions} options
 * @param {string} lang
 */
export function assemble({ token, renewToken, url, reconnectPolicy = patientReconnect(), iceTransportPolicy, environment = {} }, lang) {
  const facts = typeof token === "string" ? tokenFacts(token) : {};
  if (!facts) throw failure(lang, "invalid_token");
  const { clock = browserClock, newStream = () => new MediaStream(), storage = tabStorage(), memory = lastingMemory() } = environment;
  const chosen = recallDevices(memory);
  let latest = token;
  /** @param {string} next */
  const renew = (next) => {
    const isSame = typeof latest === "string" && seatOf(latest) === seatOf(next);
    if (isSame) latest = next;
    return isSame;
  };
  const line = new SeatLine({
    lang,
    url: relayUrl(url, facts, import.meta.url),
    given: () => (renewToken && typeof latest === "string" ? latest : null),
    token: async () => {
      if (!renewToken) return typeof latest === "string" ? latest : latest();
      const fail = (/** @type {string} */ code, /** @type {unknown} */ cause) => failure(lang, code, { cause });
      const { renewed } = await import("./renewal.js").catch((cause) => Promise.reject(fail("unreachable", cause)));
      return renewed(renewToken, fail);
    },
    memory: new SeatMemory(storage, facts),
    policy: reconnectPolicy,
    clock,
    openSocket: environment.openSocket ?? ((address, protocol) => new WebSocket(address, protocol)),
  });
  /** @type {Publisher} */
  let publisher;
  const media = new MediaLine({
    lang,
    clock,
    line,
    iceTransportPolicy,
    openConnection: environment.openConnection ?? ((configuration) => new RTCPeerConnection(configuration)),
    published: () => publisher.announcer.known,
  });
  publisher = new Publisher({ lang, clock, line, media, newStream, chosen });
  const crossing = new CrossingDoor({ clock, line, media, announcer: publisher.announcer });
  followEncodings({ line, media, sourceOf: (track) => publisher.announcer.sourceOf(track) });
  const roster = new Roster(clock);
  const slots = new Slots(newStream);
  const words = wordsFor(lang);
  const pictures = new Pictures({ roster, slots, words });
  const standing = new Standing(words);
  const players = new PlayerList(chosen.speaker);
  const quality = new Observation({ clock, line, media, publisher, roster, slots, players, words, policy: iceTransportPolicy });
  const canConnect = Boolean(environment.openConnection) || typeof globalThis.RTCPeerConnection === "function";
  return { facts, renew, canConnect, clock, memory, standing, line, media, crossing, publisher, roster, slots, pictures, players, quality, channel: new Channel(lang) };
}
