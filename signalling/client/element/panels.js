/**
 * What is one step away from the picture. It is fetched when somebody takes that step, and for those who lead.
 */

import { LiveText } from "./live_text.js";
import { MessagesPanel } from "./messages_panel.js";
import { PeoplePanel, SOON_S } from "./people_panel.js";
import { SettingsPanel } from "./settings_panel.js";
import { panels } from "./styles/panels.js";

export class Panels {
  /** What was told last of how the room stands. @type {import("../public.js").StandingEvents["room"] | null} */
  #room = null;

  /** @param {import("./room.js").RoomActions} actions */
  constructor(actions) {
    const close = () => actions.panel(null);
    this.messages = new MessagesPanel(close, actions);
    this.settings = new SettingsPanel({ ...actions, close });
    this.people = new PeoplePanel(close, actions.moderate);
    this.live = new LiveText();
    this.elements = [this.messages.element, this.settings.element, this.people.element, this.people.news];
    this.styles = new CSSStyleSheet();
    this.styles.replaceSync(panels);
  }

  /**
   * The panel that something is in.
   *
   * @param {Element} part
   */
  holding(part) {
    return [this.messages, this.settings, this.people].find(({ element }) => element.contains(part));
  }

  /** @param {import("./model.js").Model} model */
  update(model) {
    this.messages.update(model);
    this.settings.update(model);
    this.people.update(model);
    const present = model.people.filter(({ participant }) => participant.connected);
    this.live.keep([model.self, ...present.map(({ participant }) => participant.id)]);
    this.#tellEnd(model);
  }

  /** @param {import("./model.js").Model} model */
  #tellEnd({ standing, words }) {
    if (!standing || standing.room === this.#room) return;
    this.#room = standing.room;
    const { ends_in_s = Infinity } = standing.room;
    if (ends_in_s > SOON_S) return;
    const end = new Date(Date.now() + ends_in_s * 1_000);
    this.live.note(words.ui.endsAt(end.toLocaleTimeString(words.lang, { timeStyle: "short" })));
  }
}
