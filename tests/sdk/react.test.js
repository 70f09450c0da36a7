import assert from "node:assert/strict";
import test from "node:test";

import React from "react";
import TestRenderer from "react-test-renderer";

import { hooksOf } from "../../signalling/client/react.js";
import { DOCTOR } from "./consultation_bench.js";
import { FakeRelay, joined, token } from "./fake_relay.js";
import { FakeConnection, FakeStream, fakeMediaDevices, unanswered } from "./fake_webrtc.js";
import { VirtualClock, settled } from "./virtual_clock.js";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { act, create } = TestRenderer;
const { useConsultation, useEvent, useVideo } = hooksOf(React);
const SLOT = { mid: "2", participant: "d", track: "voice", kind: "audio", source: "microphone" };

/** What a component needs of the world, and what it has done with it. */
function world(refuse) {
  const relay = new FakeRelay();
  relay.answers.join = () => joined({ room: { participants: [DOCTOR] } });
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: fakeMediaDevices(refuse) } });
  const connections = [];
  const environment = {
    clock: new VirtualClock(),
    storage: null,
    memory: null,
    openSocket: relay.openSocket,
    newStream: () => new FakeStream(),
    openConnection: (configuration) => {
      const connection = new FakeConnection(configuration);
      connections.push(connection);
      queueMicrotask(() => connection.become("connected", "connected"));
      return connection;
    },
  };
  return { relay, connections, environment, views: [], heard: [] };
}

function Room({ options, told, player = null }) {
  const view = useConsultation(options);
  const video = useVideo(view.consultation, view.tracks[0]?.stream ?? null);
  useEvent(view.consultation, "message", ({ body }) => told.heard.push([options.nickname, body]));
  told.views.push(view);
  const { state, error } = view;
  const shown = player && React.createElement("video", { ref: video, player });
  return React.createElement("p", null, state || error ? state?.words : "Nobody", error && error !== state?.error && error.words, shown);
}

const show = async (element) => {
  let root;
  await act(async () => {
    // As `createRoot` does: strict mode shows, hides and shows again in such a root only.
    root = create(element, { unstable_isConcurrent: true, createNodeMock: ({ props }) => props.player });
    await settled();
  });
  const change = (next) => act(async () => (root.update(next), await settled()));
  return { change, words: () => root.toJSON().children.filter((child) => typeof child === "string").join(), hide: () => act(async () => (root.unmount(), await settled())) };
};

const room = (props) => React.createElement(Room, props);

test("a component joins, publishes, shows who is there, plays them, and leaves when it goes", async () => {
  const made = world();
  const { relay, connections, environment } = made;
  const player = { srcObject: null };
  const options = { token: token(), lang: "en", environment, publish: { audio: true } };
  const page = await show(room({ options, told: made, player }));
  assert.equal(page.words(), "You are in the consultation.");
  assert.deepEqual(relay.asked("publish").map(({ tracks }) => tracks), [{ 0: "microphone" }]);
  await act(async () => (relay.push({ type: "slots", bindings: [SLOT] }), await settled()));
  const view = made.views.at(-1);
  assert.deepEqual([view.participants[0].id, view.tracks.length, view.local.sources.length, view.error], ["d", 1, 1, null]);
  assert.equal(player.srcObject, view.tracks[0].stream);
  await page.hide();
  assert.equal(relay.asked("leave").length, 1);
  assert.equal(connections[0].connectionState, "closed");
});

test("a <video> that is shown after its stream has come plays it, and so does the next one", async () => {
  const made = world();
  const options = { token: token(), environment: made.environment, publish: null };
  const page = await show(room({ options, told: made }));
  await act(async () => (made.relay.push({ type: "slots", bindings: [SLOT] }), await settled()));
  const { stream } = made.views.at(-1).tracks[0];
  for (const player of [{ srcObject: null }, { srcObject: null }]) {
    await page.change(room({ options, told: made, player }));
    assert.equal(player.srcObject, stream);
    await page.change(room({ options, told: made }));
  }
  await page.hide();
});

test("the listener of the last render hears, and another token is another consultation", async () => {
  const made = world();
  const { relay, connections, environment } = made;
  const options = { token: token({ sub: "one" }), environment, publish: null, nickname: "first" };
  const page = await show(room({ options, told: made }));
  const say = (body) => connections.at(-1).channel.onmessage({ data: JSON.stringify({ from: "d", role: "practitioner", type: "note", body }) });
  say(1);
  await page.change(room({ options: { ...options, nickname: "second" }, told: made }));
  say(2);
  assert.deepEqual(made.heard, [["first", 1], ["second", 2]]);
  assert.equal(relay.asked("join").length, 1, "the same token is the same consultation");
  await page.change(room({ options: { ...options, token: token({ sub: "two" }) }, told: made }));
  assert.deepEqual([relay.asked("join").length, relay.asked("leave").length], [2, 1]);
  await page.change(room({ options: { ...options, token: null }, told: made }));
  assert.deepEqual([relay.asked("leave").length, page.words()], [2, "Nobody"]);
  assert.equal(relay.asked("publish").length, 0);
});

test("a newer token of the same seat leaves nothing, and begins anew where it is over", async () => {
  const made = world();
  const options = (jti) => ({ token: token({ jti }), environment: made.environment, publish: null, lang: "en" });
  const page = await show(room({ options: options("1"), told: made }));
  const { consultation } = made.views.at(-1);
  await page.change(room({ options: options("2"), told: made }));
  assert.equal(made.views.at(-1).consultation, consultation);
  assert.deepEqual([made.relay.asked("join").length, made.relay.asked("leave").length], [1, 0]);
  await act(async () => (await consultation.leave(), await settled()));
  await page.change(room({ options: options("3"), told: made }));
  assert.deepEqual(made.relay.asked("join").map((request) => request.token), [token({ jti: "1" }), token({ jti: "3" })]);
  assert.equal(page.words(), "You are in the consultation.");
  await page.hide();
});

test("strict mode takes one seat", async () => {
  const made = world();
  const options = { token: token(), environment: made.environment, publish: null };
  const page = await show(React.createElement(React.StrictMode, null, room({ options, told: made })));
  assert.equal(made.relay.asked("join").length, 1);
  await page.hide();
});

test("what fails is an error with words, not a broken page", async () => {
  const made = world();
  const refused = await show(room({ options: { token: "not a token", environment: made.environment, lang: "fr" }, told: made }));
  assert.equal(refused.words(), "Le lien vers cette consultation est incomplet.");
  made.relay.answers.join = () => ({ type: "error", code: "token_expired", words: "w", action: "a" });
  const late = await show(room({ options: { token: token(), environment: made.environment, lang: "en", publish: null }, told: made }));
  assert.equal(late.words(), "This link has expired.");
  await refused.hide();
  await late.hide();
});

test("what one device lacks is said beside how it goes on, not instead of it", async () => {
  const made = world({ video: Object.assign(new Error(""), { name: "NotFoundError" }) });
  const page = await show(room({ options: { token: token(), lang: "en", environment: made.environment }, told: made }));
  const { error } = made.views.at(-1);
  assert.deepEqual([error.code, error.source], ["device_missing", "camera"]);
  assert.equal(page.words(), `You are in the consultation.,${error.words}`);
  await act(async () => (made.relay.push({ type: "participant_left", participant: "d", reason: "left" }), await settled()));
  assert.equal(page.words(), `Waiting for your practitioner.,${error.words}`);
  await page.hide();
});

test("whoever goes while the browser still asks for the devices leaves none of them open", async () => {
  const made = world();
  const { opened, answer } = unanswered(globalThis.navigator.mediaDevices);
  const page = await show(room({ options: { token: token(), lang: "en", environment: made.environment }, told: made }));
  await page.hide();
  await act(async () => (answer(), await settled()));
  assert.deepEqual(opened.map(({ kind, readyState }) => [kind, readyState]), [["audio", "ended"], ["video", "ended"]]);
});
