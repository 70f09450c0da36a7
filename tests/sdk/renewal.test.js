import assert from "node:assert/strict";
import test from "node:test";

import { renewed } from "../../signalling/client/renewal.js";
import { bench } from "./consultation_bench.js";
import { joined, refusal, token } from "./fake_relay.js";

const [FIRST, NEWER] = [token({ jti: "1" }), token({ jti: "2" })];
const used = ({ relay }) => relay.asked("join").map((request) => request.token);

/** The relay has forgotten the seat, as after its restart. */
async function loseSeat({ relay, clock }) {
  relay.answers.resume = () => refusal("seat_unknown");
  relay.socket.cut(1006);
  await clock.pass(10_000);
}

test("a newer token of the same seat is for the next join, and nobody leaves for it", async () => {
  const made = bench({ given: FIRST });
  await made.consultation.join();
  assert.equal(made.consultation.renew(NEWER), true);
  assert.deepEqual([made.relay.asked("leave").length, made.relay.sockets.length], [0, 1]);
  await loseSeat(made);
  assert.deepEqual(used(made), [FIRST, NEWER]);
});

test("a token of another seat is none that follows, and what is over is not renewed", async () => {
  const made = bench({ given: FIRST });
  await made.consultation.join();
  const others = [{ room: "other" }, { sub: "other" }, { role: "practitioner" }, { url: "wss://other.test/v1/ws" }].map(token);
  for (const other of [...others, "not a token"]) assert.equal(made.consultation.renew(other), false);
  await loseSeat(made);
  assert.deepEqual(used(made), [FIRST, FIRST]);
  await made.consultation.leave();
  assert.equal(made.consultation.renew(NEWER), false);
});

test("a first token that is too old for the relay is renewed at once, one that is not is no reason to ask", async () => {
  let asked = 0;
  const options = { renewToken: async () => (asked++, NEWER) };
  const made = bench({ given: FIRST, options });
  made.relay.answers.join = (request) => (request.token === NEWER ? joined() : refusal("token_expired"));
  await made.consultation.join();
  assert.deepEqual([used(made), asked], [[FIRST, NEWER], 1]);
  await bench({ given: FIRST, options }).consultation.join();
  assert.equal(asked, 1);
});

test("a renewed token that is too old for the relay ends it, and so does a first one where there is no other", async () => {
  for (const [options, joins] of [[{ renewToken: () => NEWER }, [FIRST, NEWER]], [{}, [FIRST]]]) {
    const made = bench({ given: FIRST, options });
    made.relay.answers.join = () => refusal("token_expired");
    await assert.rejects(made.consultation.join(), { code: "token_expired" });
    assert.deepEqual(used(made), joins);
  }
});

test("whose seat is gone comes back with a token of now, asked for until the page's server gives one", async () => {
  let asked = 0;
  const renewToken = async () => {
    if (++asked === 1) throw new TypeError("the page's server is away");
    return NEWER;
  };
  const made = bench({ given: FIRST, options: { renewToken } });
  await made.consultation.join();
  await loseSeat(made);
  assert.deepEqual([used(made), asked], [[FIRST, NEWER], 2]);
  assert.equal(made.consultation.state.state, "waiting");
});

/** What comes of asking an address that answers so. */
function asking(status, text = "") {
  const asked = [];
  globalThis.fetch = async (url, how) => {
    asked.push({ url, ...how });
    // A redirect that is not followed, as `fetch` tells it to a page.
    const isRedirect = status >= 300 && status < 400;
    if (isRedirect && how.redirect !== "manual") return { status: 200, ok: true, text: async () => "<!doctype html><title>Log in</title>" };
    return { status: isRedirect ? 0 : status, ok: status >= 200 && status < 300, text: async () => `${text}\n` };
  };
  return { asked, token: renewed("/token", (code, cause) => Object.assign(new Error(code, { cause }), { code })) };
}

test("a server that has no token for the person any more is believed, one that is away is not", async () => {
  const { asked, token: given } = asking(200, NEWER);
  assert.equal(await given, NEWER);
  assert.deepEqual(asked.map(({ url, cache, redirect }) => [url, cache, redirect]), [["/token", "no-store", "manual"]]);
  for (const status of [401, 403, 404, 410]) await assert.rejects(asking(status).token, { code: "token_expired" });
  for (const status of [429, 500, 503]) await assert.rejects(asking(status).token, { code: "unreachable" });
});

test("a page for logging in is no token, whether it is led to or given", async () => {
  for (const status of [302, 303, 307]) await assert.rejects(asking(status).token, { code: "token_expired" });
  for (const text of ["", "<!doctype html><title>Log in</title>", "two.parts", `${NEWER} ${NEWER}`]) {
    await assert.rejects(asking(200, text).token, { code: "token_expired" }, text);
  }
});

test("a server that says nothing is given up after ten seconds, and is away", async () => {
  const { timeout } = AbortSignal;
  const within_ms = [];
  AbortSignal.timeout = (delay_ms) => (within_ms.push(delay_ms), AbortSignal.abort(new DOMException("late", "TimeoutError")));
  try {
    globalThis.fetch = async (_url, { signal }) => signal.throwIfAborted();
    await assert.rejects(renewed("/token", (code) => Object.assign(new Error(code), { code })), { code: "unreachable" });
    assert.deepEqual(within_ms, [10_000]);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test("where tokens are asked for by a function, none is taken beside it", async () => {
  const made = bench({ given: () => FIRST, options: { url: "wss://relay.test/v1/ws" } });
  await made.consultation.join();
  assert.equal(made.consultation.renew(NEWER), false);
  await loseSeat(made);
  assert.deepEqual(used(made), [FIRST, FIRST]);
});

test("the address of another token is asked as a function is", async () => {
  globalThis.fetch = async () => ({ status: 200, ok: true, text: async () => `${NEWER}\n` });
  const made = bench({ given: FIRST, options: { renewToken: "/token" } });
  await made.consultation.join();
  await loseSeat(made);
  assert.deepEqual(used(made), [FIRST, NEWER]);
  globalThis.fetch = async () => ({ status: 410, ok: false });
  await loseSeat(made);
  assert.equal(made.consultation.state.error.code, "token_expired");
});
