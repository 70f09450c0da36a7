/**
 * What a sender's encodings become, as the relay asks. It is fetched when it asks for the first time.
 */

/** What a browser calls that which is given up last; Firefox has no word for it, and takes none amiss. */
const PREFERENCES = /** @type {const} */ ({ motion: "maintain-framerate", detail: "maintain-resolution" });

/** @typedef {import("./protocol.js").EncodingChoice} EncodingChoice */

/**
 * @param {RTCRtpSender} sender
 * @param {import("./encodings.js").Wish | undefined} wish
 * @param {ReadonlyMap<string, number>} firstScales By rid.
 */
export async function change(sender, wish, firstScales) {
  if (!wish) return;
  const parameters = sender.getParameters();
  const preference = wish.keeps && PREFERENCES[wish.keeps];
  const isOther = parameters.degradationPreference !== preference;
  if (preference) parameters.degradationPreference = preference;
  else delete parameters.degradationPreference;
  const changed = parameters.encodings.filter((encoding) => {
    const choice = wish.choices.get(encoding.rid ?? "");
    return choice && adopt(encoding, { scale: firstScales.get(choice.rid) ?? 1, ...choice });
  });
  if (isOther || changed.length > 0) await sender.setParameters(parameters);
}

/**
 * @param {RTCRtpEncodingParameters} encoding Written where it differs; what the choice does not speak of stays.
 * @param {EncodingChoice & { scale: number }} choice
 * @returns {boolean} Whether it differed.
 */
function adopt(encoding, { active, max_bitrate_bps, scale }) {
  const hasScale = (encoding.scaleResolutionDownBy ?? 1) === scale;
  if (hasScale && encoding.active === active && encoding.maxBitrate === max_bitrate_bps) return false;
  encoding.active = active;
  if (max_bitrate_bps === undefined) delete encoding.maxBitrate;
  else encoding.maxBitrate = max_bitrate_bps;
  if (!hasScale) encoding.scaleResolutionDownBy = scale;
  return true;
}
