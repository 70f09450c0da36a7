/** A whole `Consultation` on a scripted relay, with a virtual clock and connections moved by hand. */

import { Consultation } from "../../signalling/client/consultation.js";
import { FakeRelay, MemoryStorage, token } from "./fake_relay.js";
import { FakeConnection, FakeStream, fakeMediaDevices } from "./fake_webrtc.js";
import "./fetched.js";
import { VirtualClock } from "./virtual_clock.js";

export const DOCTOR = {
  id: "d",
  role: "practitioner",
  connected: true,
  tracks: [{ id: "voice", kind: "audio", source: "microphone", muted: false }],
};

/** A page with its consultation; `relay` and `storage` of another page make it that page's reload. */
export function bench({ refuse, relay = new FakeRelay(), storage = new MemoryStorage(), lang = "en", memory = null, given = token(), options = {}, connects = true, Made = Consultation } = {}) {
  const clock = new VirtualClock();
  const connections = [];
  const mediaDevices = fakeMediaDevices(refuse);
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices } });
  const consultation = new Made({
    token: given,
    lang,
    ...options,
    environment: {
      clock,
      storage,
      memory,
      openSocket: relay.openSocket,
      newStream: () => new FakeStream(),
      openConnection: (configuration) => {
        const connection = new FakeConnection(configuration);
        connections.push(connection);
        if (connects) queueMicrotask(() => connection.become("connected", "connected"));
        return connection;
      },
    },
  });
  const told = [];
  for (const type of ["state", "track", "track-ended", "muted", "participant", "picture", "silence", "path", "quality", "subscriptions", "message", "speaking", "interruption", "error"]) {
    consultation.on(type, (detail) => told.push([type, detail]));
  }
  const of = (type) => told.filter(([name]) => name === type).map(([, detail]) => detail);
  const states = () => of("state").map(({ state, reason }) => (reason ? `${state} ${reason}` : state));
  return { relay, storage, clock, connections, consultation, of, states, mediaDevices };
}

