import assert from "node:assert/strict";
import test from "node:test";

import { NetworkCheck } from "../../signalling/client/check/network_check.js";
import { heldWith } from "../../signalling/client/one_shot.js";
import { bench } from "./consultation_bench.js";
import { MemoryStorage, joined, refusal, token } from "./fake_relay.js";

let drawn = 0;
const link = () => token({ once: true, jti: `link ${++drawn}` });
const held = ({ relay }) => relay.asked("join").map(({ holder }) => holder);

/** A tab's own storage, as browsers give it. */
function tab(storage) {
  Object.defineProperty(globalThis, "sessionStorage", { value: storage, configurable: true });
}

test("a page shows the same beside a link each time, and something else beside another", () => {
  tab(new MemoryStorage());
  const given = link();
  const { holder } = heldWith(given);
  assert.match(holder, /^[0-9a-f]{32}$/);
  assert.equal(heldWith(given).holder, holder);
  assert.notEqual(heldWith(link()).holder, holder);
  for (const other of [token({ jti: "x" }), "not a token", ""]) assert.deepEqual(heldWith(other), {});
});

test("a reload finds it in the tab, and another tab does not", async () => {
  const storage = new MemoryStorage();
  tab(storage);
  const given = link();
  const { holder } = heldWith(given);
  const reloaded = await import("../../signalling/client/one_shot.js?reloaded");
  assert.equal(reloaded.heldWith(given).holder, holder);
  tab(new MemoryStorage());
  const another = await import("../../signalling/client/one_shot.js?another");
  assert.notEqual(another.heldWith(given).holder, holder);
});

test("where the tab keeps nothing, the page does", () => {
  const fail = () => {
    throw new DOMException("blocked", "SecurityError");
  };
  for (const storage of [null, { getItem: fail, setItem: fail }]) {
    tab(storage);
    const given = link();
    assert.equal(heldWith(given).holder, heldWith(given).holder);
  }
});

test("the join of such a link says so, and so does the one after the relay has forgotten the seat", async () => {
  tab(new MemoryStorage());
  const given = link();
  const made = bench({ given });
  await made.consultation.join();
  made.relay.answers.resume = () => refusal("seat_unknown");
  made.relay.socket.cut(1006);
  await made.clock.pass(10_000);
  const { holder } = heldWith(given);
  assert.deepEqual(held(made), [holder, holder]);
});

test("the join of a link that may be used again says nothing of it", async () => {
  const made = bench({ given: token({ jti: "many" }) });
  await made.consultation.join();
  assert.equal("holder" in made.relay.asked("join")[0], false);
});

test("a link that another page has used ends it, in words that say what to do", async () => {
  const made = bench({ given: link() });
  made.relay.answers.join = () => refusal("link_used");
  await assert.rejects(made.consultation.join(), {
    code: "link_used",
    words: "This link works once, and it has been used.",
    action: "Go on where it was opened first, or ask for a new link.",
  });
  assert.equal(made.relay.asked("join").length, 1);
});

test("where the page's server has another link, it is asked for it", async () => {
  const [given, newer] = [link(), link()];
  const made = bench({ given, options: { renewToken: async () => newer } });
  made.relay.answers.join = (request) => (request.token === newer ? joined() : refusal("link_used"));
  await made.consultation.join();
  assert.deepEqual(made.relay.asked("join").map((request) => request.token), [given, newer]);
});

test("a check of devices shows it, too", async () => {
  tab(new MemoryStorage());
  const given = link();
  const made = bench({ given });
  const found = [];
  made.relay.answers.begin = () => refusal("link_used");
  const check = new NetworkCheck({
    lang: "en",
    url: "wss://relay.test/v1/check",
    token: async () => given,
    seat: () => null,
    clock: made.clock,
    unixNow_ms: () => 0,
    openSocket: made.relay.openSocket,
    openConnection: () => assert.fail("nothing has begun"),
    found: (finding) => found.push(finding),
  });
  await check.run(false);
  assert.equal(made.relay.asked("begin")[0].holder, heldWith(given).holder);
  assert.deepEqual(found.map(({ of, code }) => [of, code]), [["server", "token_invalid"]]);
});
