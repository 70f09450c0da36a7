/**
 * Remembers the seat across a reload of the page.
 *
 * In the tab's own sessionStorage, so that it ends with the tab; under the room and the pseudonym of the token, so
 * that another consultation in the same tab does not find it.
 *
 * @typedef {{ seat: string, secret: string, url?: string, group?: string, token?: string }} SeatKey `url`: of another relay than the
 *   page's own. `group`: the key of a private conversation that this page is in. `token`: with which it was sent on there.
 */
export class SeatMemory {
  /** A seat at another relay: forgotten, this page would end up alone at its own. @type {SeatKey | null} */
  #elsewhere = null;

  /**
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage `null` remembers nothing.
   * @param {import("./token.js").TokenFacts} facts
   */
  constructor(storage, facts) {
    this.storage = storage;
    this.name = `visavis.seat ${facts.room ?? ""} ${facts.sub ?? ""}`;
  }

  /** @returns {SeatKey | null} */
  recall() {
    if (this.#elsewhere) return this.#elsewhere;
    try {
      const key = JSON.parse(this.storage?.getItem(this.name) ?? "null");
      return typeof key?.seat === "string" && typeof key?.secret === "string" ? key : null;
    } catch {
      return null;
    }
  }

  /** @param {SeatKey} key */
  keep({ seat, secret, url, group, token }) {
    this.#elsewhere = url ? { seat, secret, url, group, token } : null;
    try {
      this.storage?.setItem(this.name, JSON.stringify({ seat, secret, url, group: group || undefined, token }));
    } catch {
      // A full or forbidden storage costs the resume after a reload, nothing else.
    }
  }

  forget() {
    this.#elsewhere = null;
    try {
      this.storage?.removeItem(this.name);
    } catch {
      // As above.
    }
  }
}

/**
 * The tab's storage; `null` where the browser forbids it (third-party frames with cookies blocked throw on access).
 *
 * @returns {Storage | null}
 */
export function tabStorage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
