/**
 * The way of text that is seen while it is written: what reads and writes it is fetched with the first of it.
 */

/** @typedef {import("./texts.js").Texts} Texts */

const fetchTexts = () => import("./texts.js");

/** Messages of this type are not the page's: they come as `text`. */
export const TEXT_TYPE = "visavis.text";

export class TextDoor {
  /** @type {Promise<Texts> | null} */
  #texts = null;

  /** @param {ConstructorParameters<typeof import("./texts.js").Texts>[0]} about */
  constructor(about) {
    this.about = about;
  }

  /**
   * @param {string} text
   * @param {import("./public.js").TextWish} wish
   */
  async type(text, wish) {
    const texts = await this.#open().catch(() => {
      throw this.about.failure("unreachable");
    });
    await texts.type(text, wish);
  }

  /** @param {import("./channel.js").IncomingMessage} message */
  take(message) {
    // What comes meanwhile is not lost for long: whole lines follow.
    this.#open().then((texts) => texts.takeUntrusted(message), () => {});
  }

  #open() {
    this.#texts ??= fetchTexts().then(({ Texts }) => new Texts(this.about));
    this.#texts.catch(() => (this.#texts = null));
    return this.#texts;
  }
}
