import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const tools = join(root, "tests/node_modules");
const tsc = join(tools, "typescript/bin/tsc");
/** Of the bundle, compressed: all that the SDK ever fetches, in every language, with the check. */
const MOST_BUNDLED_BYTES = 82_000;
const STRICT = ["--noEmit", "--strict", "--target", "es2022", "--types", "", "--lib", "es2022,dom"];

let folder;
let project;

/** The package as `npm publish` makes it, by its own scripts, installed where nothing else is, without a network. */
before(() => {
  for (const tool of ["tsc", "esbuild"]) assert.ok(existsSync(join(tools, ".bin", tool)), `missing: ${tool}; \`make test-tools\` installs it`);
  folder = mkdtempSync(join(tmpdir(), "visavis-packed-"));
  const source = join(folder, "repository/signalling/client");
  mkdirSync(dirname(source), { recursive: true });
  const isBuilt = /[/\\](?:node_modules|types|dist|LICENSE)$/;
  cpSync(join(root, "signalling/client"), source, { recursive: true, filter: (path) => !isBuilt.test(path) });
  cpSync(join(root, "LICENSE"), join(folder, "repository/LICENSE"));
  // Where the package's own tools would be, had they been asked of a registry.
  const env = { ...process.env, PATH: join(tools, ".bin") + delimiter + process.env.PATH };
  const npm = (cwd, ...words) => execFileSync("npm", [...words, "--offline"], { cwd, env, encoding: "utf8", stdio: "pipe" });
  npm(source, "pack", "--pack-destination", folder);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  npm(project, "install", "--no-audit", "--no-fund", join(folder, archive));
});

after(() => rmSync(folder, { recursive: true }));

test("the package holds what its manifest names and nothing of the workshop", () => {
  const installed = join(project, "node_modules/visavis");
  const files = readdirSync(installed, { recursive: true });
  for (const needed of ["package.json", "README.md", "LICENSE", "visavis.js", "element/element.js", "react.js", "words/fr.js", "dist/visavis.min.js", "dist/visavis.min.js.map"]) assert.ok(files.includes(needed), needed);
  assert.deepEqual(files.filter((path) => /tsconfig|node_modules|\.test\.|\.py$/.test(path)), []);
  const { exports, types, unpkg, dependencies = {} } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const targets = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
  for (const target of [...targets, types, unpkg]) assert.ok(files.includes(target.slice(2)), target);
  assert.deepEqual(dependencies, {});
});

test("the tools it is built with here are those that its manifest names", () => {
  const toolsOf = (path) => JSON.parse(readFileSync(join(root, path, "package.json"), "utf8")).devDependencies;
  const { esbuild, typescript } = toolsOf("tests");
  assert.deepEqual({ esbuild, typescript }, toolsOf("signalling/client"));
});

/** Runs a module where the package is installed, and gives what it printed. */
const run = (code) => execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: project, encoding: "utf8", stdio: "pipe", timeout: 60_000 });

for (const [what, from] of [["an entry", "visavis/consultation"], ["the bundle", "./node_modules/visavis/dist/visavis.min.js"]]) {
  test(`what ${what} fetches later is in the package, too, and comes`, () => {
    const said = JSON.parse(run(`const { Consultation } = await import("${from}");\n${FAIL_TO_JOIN}`));
    assert.equal(said[0], "connection_lost");
    assert.match(said[1], /^La connexion/);
  });
}

test("the bundle is one file, with what the entry gives and nothing to fetch", () => {
  const [bundle, entry] = ["./node_modules/visavis/dist/visavis.min.js", "visavis"].map((from) => run(`console.log(Object.keys(await import("${from}")).sort().join());`));
  assert.equal(bundle, entry);
  const text = readFileSync(join(project, "node_modules/visavis/dist/visavis.min.js"), "utf8");
  const size_bytes = gzipSync(text, { level: 9 }).length;
  assert.ok(size_bytes <= MOST_BUNDLED_BYTES, `${size_bytes} bytes`);
  assert.doesNotMatch(text, /\bimport\s*\(\s*["'`]|^import\b|\bfrom\s*["']\./m);
});

test("the hooks of the package work with somebody's own React", () => {
  for (const name of ["react", "react-test-renderer"]) symlinkSync(join(tools, name), join(project, "node_modules", name));
  assert.equal(run(SHOW_A_HOOK).trim(), "nobody yet");
});

test("every entry loads by its name, and no other file can be reached", () => {
  const names = `for (const name of ["visavis", "visavis/consultation", "visavis/element", "visavis/check", "visavis/react"]) console.log(Object.keys(await import(name)).join());`;
  assert.equal(run(names), "Consultation,ConsultationError,VisavisConsultation,patientReconnect\nConsultation,ConsultationError\nVisavisConsultation\nPrecallCheck,VisavisCheck,checkWithin\nConsultation,ConsultationError,hooksOf\n");
  assert.throws(() => run('await import("visavis/leg.js")'), /ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

for (const resolution of ["bundler", "nodenext"]) {
  test(`a front-end in TypeScript type-checks against the package (${resolution})`, () => {
    writeFileSync(join(project, "front_end.ts"), FRONT_END);
    const module = resolution === "bundler" ? "es2022" : "nodenext";
    const check = () => execFileSync(process.execPath, [tsc, ...STRICT, "--module", module, "--moduleResolution", resolution, "front_end.ts"], { cwd: project, encoding: "utf8", stdio: "pipe" });
    check();
    writeFileSync(join(project, "front_end.ts"), `${FRONT_END}\nnew Consultation({ token: 3 });\n`);
    assert.throws(check, ({ stdout }) => /not assignable to type/.test(stdout));
  });
}

/** In French, at a relay that does not answer: the sentence for that is fetched. */
const FAIL_TO_JOIN = `
  const part = (value) => btoa(JSON.stringify(value)).replace(/=+$/, "");
  const token = [part({}), part({ url: "ws://127.0.0.1:9/" }), ""].join(".");
  const openSocket = () => {
    const socket = { readyState: 3, close() {} };
    queueMicrotask(() => socket.onclose({ code: 1006 }));
    return socket;
  };
  const environment = { storage: null, memory: null, openSocket, openConnection: () => ({}), newStream: () => ({}) };
  const consultation = new Consultation({ token, lang: "fr", environment, reconnectPolicy: () => null });
  const joining = consultation.join().catch(({ code, words }) => [code, words]);
  console.log(JSON.stringify(await joining));
`;

const SHOW_A_HOOK = `
  import React from "react";
  import TestRenderer from "react-test-renderer";
  import { hooksOf } from "visavis/react";

  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const { useConsultation } = hooksOf(React);
  const Room = () => React.createElement("p", null, useConsultation({ token: null }).state?.words ?? "nobody yet");
  let root;
  await TestRenderer.act(async () => void (root = TestRenderer.create(React.createElement(Room))));
  console.log(root.toJSON().children.join());
`;

const FRONT_END = `
import { Consultation, ConsultationError, type VisavisConsultation } from "visavis";
import { Consultation as Bare } from "visavis/consultation";
import { hooksOf } from "visavis/react";

export async function consult(token: string, video: HTMLVideoElement, element: VisavisConsultation): Promise<Bare | null> {
  const consultation: Bare = new Consultation({ token, lang: "fr" });
  consultation.on("track", ({ stream }) => { video.srcObject = stream; });
  consultation.on("picture", ({ participant, source, paused, reason, words }) => console.log(participant.role, source, paused, reason, words));
  const still: string[] = consultation.pictures.filter(({ paused }) => paused).map(({ words }) => words);
  console.log(still);
  // @ts-expect-error there is no such event
  consultation.on("pictures", () => {});
  element.addEventListener("visavis-silence", ({ detail }) => console.log(detail.cause, detail.isMine));
  document.querySelector("visavis-check")?.addEventListener("visavis-precall", ({ detail }) => console.log(detail.verdict));
  // @ts-expect-error a silence has no such thing
  document.createElement("visavis-consultation").addEventListener("visavis-silence", ({ detail }) => detail.volume);
  try {
    await consultation.join();
  } catch (error) {
    if (error instanceof ConsultationError) console.log(error.code, error.words);
  }
  return element.consultation;
}

/** As React types them, or near enough. */
declare const React: {
  useState<S>(initial: S | (() => S)): [S, (next: S | ((before: S) => S)) => void];
  useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;
  useRef<T>(initial: T): { current: T };
};
const { useConsultation, useEvent, useVideo } = hooksOf(React);
export function useDoctor(token: string | null) {
  const { consultation, state, tracks, error } = useConsultation({ token, lang: "fr", publish: { audio: true } });
  useEvent(consultation, "message", ({ from, body }) => console.log(from, body));
  // @ts-expect-error there is no such event
  useEvent(consultation, "messages", () => {});
  return { video: useVideo(consultation, tracks[0]?.stream ?? null), words: error?.words ?? state?.words ?? "" };
}
`;
