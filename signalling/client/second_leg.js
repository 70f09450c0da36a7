/**
 * A leg that comes up beside the present one, for a move: on another worker of this relay, or on another relay.
 *
 * It only opens and closes it; `media_line.js` takes it over.
 */

/** @typedef {import("./leg.js").Leg} Leg */

export class SecondLeg {
  /** @type {Leg | null} */
  leg = null;
  /** What its offers name, on this relay. */
  ticket = "";

  /**
   * Opens it; one that was opened before is given up.
   *
   * @param {Leg} leg
   * @param {string} [ticket]
   */
  open(leg, ticket = "") {
    this.close();
    this.leg = leg;
    this.ticket = ticket;
    const drop = () => leg === this.leg && this.close();
    leg.events.on("path", (path) => path === "down" && drop());
    // Without it the move comes later and by a fresh leg, or not at all.
    leg.negotiate().catch(() => leg.isAnswered || drop());
    return leg;
  }

  close() {
    this.take()?.close();
  }

  /** Gives it away. */
  take() {
    const { leg } = this;
    this.leg = null;
    this.ticket = "";
    return leg;
  }
}
