/** A check before the consultation, with a browser, a relay and a person that are a test's. */

import { PrecallCheck } from "../../signalling/client/check.js";
import { FakeRelay, token } from "./fake_relay.js";
import { FakeConnection, FakeStream, fakeMediaDevices } from "./fake_webrtc.js";
import "./fetched.js";
import { VirtualClock, settled } from "./virtual_clock.js";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36";
export const SDP = "v=0\r\na=candidate:1 1 udp 1 192.0.2.1 7882 typ host\r\na=end-of-candidates\r\n";
const NOW_MS = 1_790_000_000_000;
export const refused = (name, message = "") => Object.assign(new Error(message), { name });

/** A browser, a relay and a person, all of whom do well unless a test says otherwise. */
export function bench({ mediaDevices = fakeMediaDevices(), browser = {}, seen = { hasFrames: true, brightest: 180 }, clockOffset_s = 0, ...options } = {}) {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices } });
  const clock = new VirtualClock();
  const relay = new FakeRelay();
  relay.answers.begin = () => {
    relay.push({ type: "hello", unix_ms: NOW_MS - 1_000 * clockOffset_s });
    return { type: "begun", ice_servers: [], max_kbps: 3_000, duration_s: 2 };
  };
  relay.answers.try_path = () => ({ type: "answer", sdp: SDP });
  relay.answers.drop_path = () => ({ type: "ok" });
  relay.answers.conclude = () => ({ type: "ok" });
  const all = { relay, clock, connections: [], told: [], verdicts: [], previews: [], say: () => {} };
  const check = new PrecallCheck({
    token: token(),
    lang: "en",
    ...options,
    environment: {
      clock,
      storage: null,
      memory: null,
      unixNow_ms: () => NOW_MS,
      openSocket: relay.openSocket,
      openConnection: (configuration) => {
        all.connections.push(new FakeConnection(configuration));
        return all.connections.at(-1);
      },
      newStream: () => new FakeStream(),
      browser: { isSecure: true, canConnect: true, canCapture: true, agent: CHROME, ...browser },
      senses: {
        lookAt: async () => seen,
        listenTo: (_, tell) => {
          all.say = tell;
          return () => {};
        },
      },
      playTones: async () => {},
      ...options.environment,
    },
  });
  check.on("finding", (one) => all.told.push(one));
  check.on("verdict", (one) => all.verdicts.push(one));
  check.on("preview", (one) => all.previews.push(one));
  return Object.assign(all, {
    check,
    /** The connection of a way; the first is UDP's, the second TCP's. */
    up: async (index = 0) => {
      all.connections[index].channel.open();
      await settled();
    },
    /** Lets the relay end the measurement that it was asked for last. */
    measured: async (fields = {}) => {
      await settled();
      const { id } = relay.asked("measure").at(-1);
      relay.push({ type: "measured", id, received_bytes: 500_000, duration_ms: 2_000, ...fields });
      await settled();
    },
    code: (of) => check.findings.find((one) => one.of === of)?.code,
  });
}

/** Two seconds of messages from the relay, evenly spaced. */
async function receives({ clock, connections: [udp] }, messages) {
  for (let index = 0; index < messages; index++) {
    udp.channel.onmessage({ data: "0".repeat(1_000) });
    await clock.pass(2_000 / messages);
  }
}

export async function throughTheNetwork(all) {
  await settled();
  await all.up();
  await all.measured({ kbps: 1_800 });
  await receives(all, 400);
  await all.measured();
}
