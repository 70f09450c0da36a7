/**
 * What may go wrong on the way into a consultation and what to do, in English: by code, or by code and device where that reads
 * better.
 */

/** @type {Record<string, readonly [words: string, action: string]>} */
export const errors = {
  insecure_context: ["This page was not opened securely, so the browser keeps camera and microphone closed.", "Open the link again with https:// in front."],
  unsupported_browser: ["This browser cannot hold a video consultation.", "Use a recent Chrome, Edge, Firefox or Safari."],
  device_unsuitable: ["This device cannot be used for a call.", "Choose another one in the settings."],
  capture_failed: ["The device could not be opened.", "Close other applications that use it, then try again."],
  connection_lost: ["The connection was lost for too long.", "Check your internet connection, then come back."],
  media_unreachable: ["This network lets no sound or picture through.", "Try another network, for example your phone’s."],
  timed_out: ["The server takes too long to answer.", "Try again in a moment."],
  token_invalid: ["This link is not valid.", "Ask for a new link."],
  token_expired: ["This link has expired.", "Ask for a new link."],
  link_used: ["This link works once, and it has been used.", "Go on where it was opened first, or ask for a new link."],
  unknown_room: ["This consultation does not exist, or is over.", "Check your appointment, or ask for a new link."],
  seat_taken: ["This consultation is already open in another window.", "Continue here to close the other one."],
  seat_unknown: ["Your place was kept for a while and has been given up.", "Come back with your link."],
  room_locked: ["This consultation lets nobody else in.", "Ask whoever invited you, then open your link again."],
  room_full: ["The consultation is full.", "Ask whoever invited you."],
  invalid_offer: ["The connection could not be agreed with this browser.", "Reload the page, or use a recent browser."],
  limit_reached: ["A limit of this consultation is reached.", "Try again in a moment."],
  overloaded: ["The server is very busy.", "Try again in a moment."],
  replaced: ["The consultation went on in another window.", "Continue there, or come back here."],
  taken_over: ["The consultation was opened in another window.", "Continue there, or come back here."],
  room_closed: ["The consultation is over.", "You can close this page."],
  ejected: ["This consultation is no longer open to you.", "Ask whoever invited you."],
};
