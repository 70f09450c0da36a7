/**
 * English: why a picture is not shown here.
 */

import { capital } from "./capital.js";

/** @typedef {import("../protocol.js").Role} Role */

/** @param {Record<Role, import("./en.js").RoleWords>} roles */
export function pictureWords(roles) {
  /**
   * @param {Role} role
   * @param {string} reason Empty: it can be shown again.
   * @param {import("../protocol.js").Source} source
   */
  function picture(role, reason, source) {
    const whose = `the ${source === "screen" ? "screen" : "picture"} of ${roles[role].the}`;
    if (reason === "") return `${capital(whose)} can be shown again.`;
    if (reason === "low_rate") {
      const short = source === "screen" ? "The shared screen" : "The picture";
      return `Your connection is weak just now. ${short} is paused so that you can hear each other; it comes back by itself.`;
    }
    if (reason === "no_room") return `Your connection does not carry every picture just now. ${capital(whose)} is paused; it comes back by itself.`;
    if (reason === "no_common_codec") {
      return `This browser cannot show ${whose}. Sound is not affected. An up-to-date Chrome, Edge, Firefox or Safari can show it.`;
    }
    return `${capital(whose)} is not arriving just now; it comes back by itself. The sound goes on.`;
  }
  return picture;
}
