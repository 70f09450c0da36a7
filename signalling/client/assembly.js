/**
 * Puts the parts of a consultation together, with the browser's own clock, sockets and connections by default.
 */

import { withoutConnections } from "./browser_support.js";
import { Channel } from "./channel.js";
import { browserClock } from "./clock.js";
import { Crossing } from "./crossing.js";
import { followEncodings } from "./encodings.js";
import { failure } from "./errors.js";
import { HealthWatch } from "./health.js";
import { MediaLine } from "./media_line.js";
import { Pictures } from "./pictures.js";
import { Players } from "./players.js";
import { Publisher } from "./publisher.js";
import { QualityWatch } from "./quality_watch.js";
import { patientReconnect } from "./reconnect.js";
import { Roster } from "./roster.js";
import { SeatLine } from "./seat_line.js";
import { SeatMemory, tabStorage } from "./seat_memory.js";
import { SilenceBook } from "./silences.js";
import { Slots } from "./slots.js";
import { Subscriptions } from "./subscriptions.js";
import { Standing } from "./standing.js";
import { relayUrl, tokenFacts } from "./token.js";
import { wordsFor } from "./words/index.js";

/**
 * @param {import("./public.js").ConsultationOptions} options
 * @param {string} lang
 */
export function assemble({ token, url, reconnectPolicy = patientReconnect(), environment = {} }, lang) {
  const facts = typeof token === "string" ? tokenFacts(token) : {};
  if (!facts) throw failure(lang, "invalid_token");
  const { clock = browserClock, newStream = () => new MediaStream(), storage = tabStorage() } = environment;
  const line = new SeatLine({
    lang,
    url: relayUrl(url, facts, import.meta.url),
    token: async () => (typeof token === "string" ? token : token()),
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
    openConnection: environment.openConnection ?? ((configuration) => new RTCPeerConnection(configuration)),
    published: () => publisher.announcer.known,
  });
  publisher = new Publisher({ lang, clock, line, media, newStream });
  const crossing = new Crossing({ clock, line, media, announcer: publisher.announcer });
  followEncodings({ line, media, sourceOf: (track) => publisher.announcer.sourceOf(track) });
  const roster = new Roster(clock);
  const slots = new Slots(newStream);
  const quality = new QualityWatch({ clock, media, roster, slots });
  const words = wordsFor(lang);
  const pictures = new Pictures({ roster, slots, words });
  const standing = new Standing(words.place);
  const subscriptions = new Subscriptions(roster);
  const silences = new SilenceBook({ roster, words });
  const players = new Players(clock);
  const health = new HealthWatch({ clock, line, media, publisher, roster, slots, players });
  const lack = environment.openConnection ? null : withoutConnections();
  return { facts, lack, standing, line, media, crossing, publisher, roster, slots, pictures, silences, players, health, quality, subscriptions, channel: new Channel(lang) };
}
