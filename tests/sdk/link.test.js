import assert from "node:assert/strict";
import test from "node:test";

import { SeatMemory } from "../../signalling/client/seat_memory.js";
import { relayUrl, tokenFacts } from "../../signalling/client/token.js";
import { readLink } from "../../signalling/pages/link.js";
import { MemoryStorage, token } from "./fake_relay.js";

const MODULE = "https://relay.test/visavis/sdk/assembly.js";

test("a token says where its relay is; the page may say otherwise; else it is beside the SDK", () => {
  const facts = tokenFacts(token({ url: "wss://one.test/v1/ws", sub: "pseudonyme-é" }));
  assert.equal(facts.sub, "pseudonyme-é");
  assert.equal(relayUrl(undefined, facts, MODULE), "wss://one.test/v1/ws");
  assert.equal(relayUrl("https://two.test", facts, MODULE), "wss://two.test/v1/ws");
  assert.equal(relayUrl(undefined, {}, MODULE), "wss://relay.test/visavis/v1/ws");
  assert.equal(relayUrl("http://127.0.0.1:8080/v1/ws", facts, MODULE), "ws://127.0.0.1:8080/v1/ws");
});

test("what is not a token is recognised", () => {
  for (const text of ["", "a", "a.b.c", "a.bnVsbA.c", "..", "a.MQ.c"]) assert.equal(tokenFacts(text), null, text);
});

test("a seat is remembered per room and person, and a broken memory is none", () => {
  const storage = new MemoryStorage();
  const memory = new SeatMemory(storage, { room: "r", sub: "s" });
  memory.keep({ seat: "1", secret: "2", more: "3" });
  assert.deepEqual(memory.recall(), { seat: "1", secret: "2" });
  assert.equal(new SeatMemory(storage, { room: "r", sub: "t" }).recall(), null);
  for (const text of ["", "{", "null", '{"seat":1}']) {
    storage.setItem(memory.name, text);
    assert.equal(memory.recall(), null);
  }
  const forbidden = { getItem: fail, setItem: fail, removeItem: fail };
  const blocked = new SeatMemory(forbidden, {});
  blocked.keep({ seat: "1", secret: "2" });
  blocked.forget();
  assert.equal(blocked.recall(), null);
});

function fail() {
  throw new DOMException("blocked", "SecurityError");
}

test("the link's token leaves the address at once and is kept for a reload of the tab", () => {
  const storage = new MemoryStorage();
  const addresses = [];
  const history = { replaceState: (_state, _title, address) => addresses.push(address) };
  const given = token({ role: "practitioner" });
  const location = { hash: `#token=${given}`, search: "?lang=fr", pathname: "/consultation" };
  const read = { token: given, lang: "fr", role: "practitioner", isFirstOfOnce: false };
  assert.deepEqual(readLink(location, history, storage, ["en"]), read);
  assert.deepEqual(addresses, ["/consultation?lang=fr"]);
  assert.equal(readLink({ ...location, hash: "" }, history, storage, []).token, given);
  assert.equal(addresses.length, 1);
});

test("a link that works once is known when it is opened, and no longer when its page is reloaded", () => {
  const storage = new MemoryStorage();
  const read = (hash) => readLink({ hash, search: "", pathname: "/consultation" }, { replaceState() {} }, storage, []);
  assert.equal(read(`#token=${token({ once: true })}`).isFirstOfOnce, true);
  assert.equal(read("").isFirstOfOnce, false);
  for (const said of [{ once: false }, { once: "yes" }, {}]) assert.equal(read(`#token=${token(said)}`).isFirstOfOnce, false);
  for (const broken of ["a.bnVsbA.c", "..", ""]) assert.equal(read(`#token=${broken}`).isFirstOfOnce, false);
});

test("the person's own languages choose where the link does not", () => {
  const read = (search, preferred) => readLink({ hash: "", search, pathname: "/" }, {}, new MemoryStorage(), preferred).lang;
  assert.equal(read("", ["de-DE", "fr-CA", "en"]), "fr");
  assert.equal(read("?lang=en", ["fr"]), "en");
  assert.equal(read("?lang=xx", ["de"]), "en");
});

test("the landing page opens a consultation of this relay and nothing else", async () => {
  const { consultationAddress } = await import("../../signalling/pages/landing.js");
  const here = "http://127.0.0.1:8080/";
  const link = "http://127.0.0.1:8080/consultation#token=a.b.c";
  assert.equal(consultationAddress(` ${link}\n`, here), link);
  for (const other of ["", "javascript:alert(1)", "http://evil.test/consultation#token=a", "http://127.0.0.1:8080/consultation", "http://127.0.0.1:8080/#token=a"]) {
    assert.equal(consultationAddress(other, here), null, other);
  }
});
