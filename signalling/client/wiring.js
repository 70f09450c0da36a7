/**
 * Leads what the parts of a consultation tell to one another, to its course, and to its page.
 */

import { messageUntrusted } from "./channel.js";
import { watchDevices } from "./devices.js";
import { watchNetwork } from "./network.js";
import { TEXT_TYPE } from "./text_door.js";

/**
 * @typedef {object} Wired
 * @property {import("./events.js").Emitter<import("./public.js").ConsultationEvents>} events
 * @property {ReturnType<typeof import("./assembly.js").assemble>} parts
 * @property {import("./course.js").Course} course
 * @property {import("./telling.js").Telling} telling
 * @property {() => import("./public.js").ConsultationEvents["local"]} local
 * @property {import("./text_door.js").TextDoor} texts
 * @property {() => void} close It has ended.
 */

/** @param {Wired} about */
export function wireParts({ events, parts, course, telling, local, texts, close }) {
  const line = parts.line.events;
  line.on("attached", (joined) => {
    course.role = joined.role;
    if (joined.standing === "waiting") course.wasConnected = false;
    telling.start(joined);
    course.refresh();
  });
  line.on("detached", () => course.refresh());
  line.on("over", () => course.refresh());
  line.on("ended", (error) => {
    course.end(error);
    close();
  });
  line.on("message", (message) => {
    if (message.type === "waiting" || (message.type === "moved" && !message.keeps_leg)) course.wasConnected = false;
    telling.relay(message, course.self);
    course.refresh();
  });
  const media = parts.media.events;
  media.on("status", (status) => {
    course.wasConnected ||= status === "up";
    course.isSlow &&= status !== "up";
    course.refresh();
  });
  media.on("slow", () => {
    course.isSlow = true;
    course.refresh();
  });
  media.on("received", (received) => telling.tracks(parts.slots.receive(received)));
  media.on("channel", (channel) => parts.channel.use(channel));
  media.on("data", (text) => {
    const message = messageUntrusted(text);
    if (message?.type === TEXT_TYPE) texts.take(message);
    else if (message) events.emit("message", message);
  });
  for (const type of /** @type {const} */ (["waiting", "waiting-room", "held-back", "room"])) {
    parts.standing.events.on(type, (detail) => events.emit(type, detail));
  }
  parts.roster.events.on("absence", () => course.refresh());
  parts.publisher.events.on("local", () => events.emit("local", local()));
  parts.publisher.events.on("problem", (error) => events.emit("error", error));
  parts.quality.events.on("verdict", (verdict) => telling.quality(verdict));
  parts.quality.events.on("interruption", (sources) => telling.interruption(sources));
  parts.quality.events.on("path", (path) => events.emit("path", path));
  parts.quality.events.on("subscriptions", (sent) => events.emit("subscriptions", sent));
  parts.quality.events.on("silence", (silence) => events.emit("silence", silence));
}

/**
 * @param {Pick<Wired, "parts" | "course">} about
 * @param {() => void} tellDevices
 * @returns {(() => void)[]} What stops it.
 */
export function wireBrowser({ parts: { line, media, quality }, course }, tellDevices) {
  return [
    () => quality.stop(),
    watchDevices(tellDevices),
    watchNetwork({
      changed: () => (line.hurry(), media.networkChanged()),
      shown: () => line.hurry(),
      offline: (isOffline) => ((course.isOffline = isOffline), course.refresh()),
    }),
  ];
}
