/**
 * The others, laid out calmly: one large, two side by side, a shared screen before faces.
 */

import { build, setAttribute } from "./dom.js";
import { Tile } from "./tile.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Person} Person */

export class Stage {
  /** @type {Map<string, Tile>} */
  #tiles = new Map();

  /**
   * @param {() => void} blocked
   * @param {(words: string) => void} say
   * @param {(player: HTMLVideoElement) => () => void} watch
   */
  constructor(blocked, say, watch) {
    this.blocked = blocked;
    this.say = say;
    this.watch = watch;
    this.element = build("div", { class: "tiles" });
  }

  /** @param {Model} model */
  update(model) {
    const wanted = model.people.flatMap((person) => [
      ...(person.screen ? [{ key: `${person.participant.id} screen`, traits: screenTraits(model, person) }] : []),
      // Somebody who only looks on, or a device, has no face to show.
      ...(person.stream || !["observer", "device"].includes(person.participant.role)
        ? [{ key: person.participant.id, traits: personTraits(model, person) }]
        : []),
    ]);
    for (const [key, tile] of this.#tiles) {
      if (wanted.some((one) => one.key === key)) continue;
      tile.remove();
      this.#tiles.delete(key);
    }
    for (const { key, traits } of wanted) {
      const tile = this.#tiles.get(key) ?? new Tile(this.blocked, this.say, this.watch);
      if (!this.#tiles.has(key)) {
        this.#tiles.set(key, tile);
        if (traits.isScreen) this.element.prepend(tile.element);
        else this.element.append(tile.element);
      }
      tile.update(traits);
    }
    setAttribute(this.element, "data-count", String(this.#tiles.size));
    setAttribute(this.element, "data-screen", model.people.some(({ screen }) => screen));
  }

  /** After a touch: plays everything. */
  play() {
    for (const tile of this.#tiles.values()) tile.play();
  }

  /** Shows nobody and frees what played. */
  clear() {
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
  }
}

/**
 * @param {Model} model
 * @param {Person} person
 * @returns {import("./tile.js").TileTraits}
 */
function personTraits({ words, fit, state, people, audioOnly }, person) {
  const { role, connected } = person.participant;
  const withoutCamera = person.cameraOff ? words.muted(role, "camera", true) : words.ui.noPicture;
  const why = person.hidden ? words.picture(role, person.hidden.reason, "camera") : "";
  const missing = audioOnly ? words.ui.audioOnly : words.ui.pictureSoon;
  const absent = person.cameraOff || !person.cameraAnnounced ? withoutCamera : why || missing;
  return {
    stream: person.stream,
    isScreen: false,
    picture: person.picture,
    speaking: person.speaking,
    microphoneOff: person.microphoneOff,
    label: labelOf(words, person),
    name: words.roles[role].name,
    paused: person.hidden?.paused ? why : "",
    back: words.picture(role, "", "camera"),
    absence: connected || state?.state === "reconnecting" ? absent : words.participant(role, "interrupted"),
    // Several pictures of one shape are calmer than several shapes.
    fit: fit === "auto" && people.length > 1 ? "fill" : fit,
  };
}

/**
 * @param {Model["words"]} words
 * @param {Person} person
 */
function labelOf({ ui, picture }, { participant: { role }, hidden, cameraOff, microphoneOff }) {
  const name = hidden && !cameraOff ? picture(role, hidden.reason, "camera") : `${ui.pictureOf(role)}.`;
  return microphoneOff ? `${name} ${ui.theyAreMuted(role)}.` : name;
}

/**
 * @param {Model} model
 * @param {Person} person
 * @returns {import("./tile.js").TileTraits}
 */
function screenTraits({ words }, { screen, hiddenScreen, participant: { role } }) {
  return {
    stream: screen,
    isScreen: true,
    picture: true,
    speaking: false,
    microphoneOff: false,
    label: words.ui.screenOf(role),
    name: words.ui.screenOf(role),
    absence: "",
    paused: hiddenScreen?.paused ? words.picture(role, hiddenScreen.reason, "screen") : "",
    back: words.picture(role, "", "screen"),
    fit: "whole",
  };
}
