/** How the example clinic's pages follow the day. */

import assert from "node:assert/strict";
import test from "node:test";

import { follow } from "../../examples/clinic/static/live.js";

/** Server-sent events, moved by hand. */
class FakeEventSource {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  static made = [];

  constructor(url) {
    this.url = url;
    this.readyState = FakeEventSource.CONNECTING;
    this.listeners = new Map();
    FakeEventSource.made.push(this);
  }

  addEventListener(type, listener) {
    this.listeners.set(type, listener);
  }

  tell(today) {
    this.readyState = FakeEventSource.OPEN;
    this.listeners.get("message")({ data: JSON.stringify(today) });
  }

  /** A cut, after which the browser connects again; or, with `CLOSED`, an answer that is the end of it. */
  fail(readyState) {
    this.readyState = readyState;
    this.listeners.get("error")({});
  }
}

const day = (id) => ({ rows: [{ id }], is_true: true });

/** A page that follows the day: what it shows, and what it waits for. */
function page() {
  const waits = [];
  FakeEventSource.made = [];
  Object.assign(globalThis, {
    EventSource: FakeEventSource,
    setTimeout: (action, delay_ms) => waits.push({ action, delay_ms }),
    setInterval: () => 0,
  });
  const shown = [];
  follow(day(0), ({ rows: [{ id }], is_true }) => shown.push([id, is_true]));
  return { shown, waits, sources: FakeEventSource.made };
}

test("a page shows what it was sent with, then each change", () => {
  const { shown, sources } = page();
  sources[0].tell(day(1));
  assert.deepEqual(shown, [[0, true], [1, true]]);
  assert.deepEqual(sources.map(({ url }) => url), ["/today/events"]);
});

test("after a cut the browser comes back by itself, and the page says meanwhile that it may be old", () => {
  const { shown, waits, sources } = page();
  sources[0].fail(FakeEventSource.CONNECTING);
  assert.deepEqual([shown.at(-1), waits, sources.length], [[0, false], [], 1]);
  sources[0].tell(day(1));
  assert.deepEqual(shown.at(-1), [1, true]);
});

test("after an answer that ends it the page asks again, every fifteen seconds until there is a day", () => {
  const { shown, waits, sources } = page();
  for (let attempt = 0; attempt < 3; attempt++) {
    assert.equal(sources.length, attempt + 1);
    sources[attempt].fail(FakeEventSource.CLOSED);
    assert.deepEqual(shown.at(-1), [0, false]);
    assert.deepEqual(waits.map(({ delay_ms }) => delay_ms), [15_000]);
    waits.pop().action();
  }
  sources[3].tell(day(1));
  assert.deepEqual([shown.at(-1), sources.length, waits], [[1, true], 4, []]);
});
