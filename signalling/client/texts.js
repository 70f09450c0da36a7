/**
 * Text that is seen while it is written, and captions: what stands in a line goes out as it changes, and is put together
 * here again.
 *
 * Real-time text as EN 301 549 §6.2 asks for it: characters are there within a second. A message carries what of the line
 * stays as it was and what follows (docs/protocol.md), over the channel of all messages: ordered and reliable, but for what
 * was under way when a connection is replaced. So the whole line goes out now and then, and over every new connection.
 */

/** @typedef {import("./public.js").TextLine} TextLine */
/** @typedef {import("./public.js").TextWish} TextWish */
/** @typedef {{ id: string, role: import("./protocol.js").Role }} Writer */
/** @typedef {{ line: number, characters: string[] }} Known */

// ITU-T T.140 §8 and RFC 4103 §5.1 buffer for as long; with a second's way there it is half of what is allowed.
const PACE_MS = 300;
// XEP-0301 §4.7.3: who has missed something reads on after that.
const WHOLE_MS = 10_000;
// Longer than anybody writes without ending a line; it bounds what a stranger makes this page hold.
const MOST_CHARACTERS = 1_000;

export class Texts {
  /** What is being written here, by whose words it is and whom it is for. @type {Map<string, Writing>} */
  #writing = new Map();
  /** What is being written there, by writer and by whose words it is. @type {Map<string, Known>} */
  #known = new Map();
  /** Another page of this person began elsewhere. */
  #nextLine = Math.floor(Math.random() * 2 ** 32);

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./roster.js").Roster} about.roster
   * @param {(to: string, body: object) => Promise<void>} about.send
   * @param {() => Writer | null} about.self
   * @param {(line: TextLine) => void} about.tell
   * @param {(code: string) => Error} about.failure
   */
  constructor(about) {
    this.about = about;
    about.media.events.on("channel", () => {
      for (const writing of this.#writing.values()) writing.forgetSent();
    });
    about.line.events.on("attached", () => this.#forgetGone());
    about.line.events.on("message", () => this.#forgetGone());
  }

  /**
   * Says what stands in a line written here.
   *
   * @param {string} text
   * @param {TextWish} wish
   * @returns {Promise<void>} Resolves when it is on its way, or will be with what follows. Where the end of a line rejects, what is
   *   typed next goes on with that line.
   */
  async type(text, { done = false, to = "all", of, lang }) {
    const characters = [...text];
    if (of !== undefined && !this.#person(of)) throw this.about.failure("invalid_argument");
    if (characters.length > MOST_CHARACTERS) throw this.about.failure("message_too_large");
    const key = `${to} ${of ?? ""}`;
    const writing = this.#writing.get(key) ?? this.#begin(to, { of, lang });
    if (done) this.#writing.delete(key);
    else this.#writing.set(key, writing);
    const sent = writing.write(characters, done);
    const self = this.about.self();
    if (self) this.#tell(self, of, { line: writing.line, text, done, lang });
    try {
      await sent;
    } catch (error) {
      // The next line may have begun.
      if (done && !this.#writing.has(key)) this.#writing.set(key, writing);
      throw error;
    }
  }

  /**
   * Takes what somebody else writes.
   *
   * @param {import("./channel.js").IncomingMessage} message
   */
  takeUntrusted({ from, role, body }) {
    const { line, keep, text, done, of, lang } = /** @type {Record<string, unknown>} */ (Object(body));
    if (!Number.isSafeInteger(line) || !Number.isSafeInteger(keep) || typeof text !== "string") return;
    if (of !== undefined && !this.#person(of)) return;
    const key = JSON.stringify(of === undefined ? [from] : [from, of]);
    const known = this.#known.get(key);
    const before = known && known.line === line ? known.characters : [];
    // Something is missing: the whole line follows.
    if (Number(keep) < 0 || Number(keep) > before.length) return;
    const characters = [...before.slice(0, Number(keep)), ...text].slice(0, MOST_CHARACTERS);
    if (done === true) this.#known.delete(key);
    else this.#known.set(key, { line: Number(line), characters });
    this.#tell({ id: from, role }, of, { line: Number(line), text: characters.join(""), done: done === true, lang });
  }

  /**
   * @param {string} to
   * @param {{ of: string | undefined, lang: string | undefined }} about
   */
  #begin(to, about) {
    return new Writing(this.about.clock, this.#nextLine++, (body) => this.about.send(to, { ...body, ...about }));
  }

  /**
   * @param {Writer} writer
   * @param {unknown} of
   * @param {{ line: number, text: string, done: boolean, lang: unknown }} line
   */
  #tell(writer, of, { line, text, done, lang }) {
    const participant = of === undefined ? writer : this.#person(of);
    if (!participant) return;
    const { id, role } = participant;
    const kind = of === undefined ? "typed" : "caption";
    this.about.tell({ participant: { id, role }, writer, kind, line, text, done, lang: typeof lang === "string" ? lang : "" });
  }

  /** Nobody goes on with a line of somebody who has left, or about them. */
  #forgetGone() {
    for (const key of this.#known.keys()) {
      if (!JSON.parse(key).every((/** @type {string} */ id) => this.#person(id))) this.#known.delete(key);
    }
  }

  /** @param {unknown} id Of somebody in the room. */
  #person(id) {
    const self = this.about.self();
    if (self && id === self.id) return self;
    return typeof id === "string" ? this.about.roster.find(id) : undefined;
  }
}

/** One line, from its first character to its end. */
class Writing {
  /** What the others have of it. @type {string[]} */
  #sent = [];
  /** @type {string[]} */
  #wanted = [];
  #whole_ms = -Infinity;
  /** Between one message and the next; during a cut one waits, and no more. */
  #isBusy = false;

  /**
   * @param {import("./clock.js").Clock} clock
   * @param {number} line
   * @param {(body: { line: number, keep: number, text: string, done: boolean }) => Promise<void>} send
   */
  constructor(clock, line, send) {
    this.clock = clock;
    this.line = line;
    this.send = send;
  }

  /**
   * @param {string[]} characters
   * @param {boolean} done
   * @returns {Promise<void>}
   */
  write(characters, done) {
    this.#wanted = characters;
    if (this.#isBusy && !done) return Promise.resolve();
    return this.#flush(done);
  }

  /** Nobody can be counted on to have what was sent. */
  forgetSent() {
    this.#whole_ms = -Infinity;
  }

  /** @param {boolean} done */
  async #flush(done) {
    this.#isBusy = true;
    const now_ms = this.clock.now_ms();
    const isWhole = now_ms - this.#whole_ms >= WHOLE_MS;
    if (isWhole) this.#whole_ms = now_ms;
    const differs = this.#wanted.findIndex((character, index) => character !== this.#sent[index]);
    const common = differs < 0 ? this.#wanted.length : differs;
    const keep = isWhole ? 0 : Math.min(common, this.#sent.length);
    this.#sent = this.#wanted;
    try {
      await this.send({ line: this.line, keep, text: this.#sent.slice(keep).join(""), done });
    } catch (error) {
      this.forgetSent();
      // Its writer may go on with it.
      this.#isBusy &&= !done;
      throw error;
    } finally {
      if (!done) this.clock.after(PACE_MS, () => this.#goOn());
    }
  }

  #goOn() {
    this.#isBusy = false;
    // What cannot be sent now is part of what is sent next.
    if (this.#wanted !== this.#sent) this.#flush(false).catch(() => {});
  }
}
