/**
 * Which microphones, cameras and loudspeakers there are, and when that changes.
 *
 * @typedef {{ id: string, label: string }} DeviceChoice
 * @typedef {object} DeviceList
 * @property {DeviceChoice[]} microphones
 * @property {DeviceChoice[]} cameras
 * @property {DeviceChoice[]} speakers Empty where the browser does not let a page choose.
 */

/**
 * The devices a person can choose from.
 *
 * Browsers name them only after a permission was given; until then the list is empty.
 *
 * @returns {Promise<DeviceList>}
 */
export async function listDevices() {
  const found = (await globalThis.navigator?.mediaDevices?.enumerateDevices?.()) ?? [];
  return {
    microphones: choices(found, "audioinput"),
    cameras: choices(found, "videoinput"),
    speakers: choices(found, "audiooutput"),
  };
}

/**
 * Tells when a device is plugged in or out.
 *
 * @param {() => void} action
 * @returns {() => void} Stops watching.
 */
export function watchDevices(action) {
  const mediaDevices = globalThis.navigator?.mediaDevices;
  mediaDevices?.addEventListener?.("devicechange", action);
  return () => mediaDevices?.removeEventListener?.("devicechange", action);
}

/**
 * @param {MediaDeviceInfo[]} found
 * @param {MediaDeviceKind} kind
 * @returns {DeviceChoice[]}
 */
function choices(found, kind) {
  return (
    found
      // Chromium lists `default` and `communications` as aliases of devices that follow under their own names.
      .filter((device) => device.kind === kind && device.label && !["default", "communications"].includes(device.deviceId))
      .map(({ deviceId, label }) => ({ id: deviceId, label }))
  );
}

/**
 * The devices in use, or chosen for when they will be.
 *
 * @param {{ source: string, mediaTrack: MediaStreamTrack | null }[]} sources
 * @param {import("./device_memory.js").Chosen} chosen
 * @returns {import("./device_memory.js").Chosen}
 */
export function devicesInUse(sources, chosen) {
  const used = sources.map(({ source, mediaTrack }) => [source, mediaTrack?.getSettings().deviceId ?? ""]);
  const known = used.filter(([source, id]) => source !== "screen" && id);
  return { ...chosen, ...Object.fromEntries(known) };
}
