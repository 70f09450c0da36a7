import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const tsc = join(root, "tests/node_modules/typescript/bin/tsc");
const STRICT = ["--noEmit", "--strict", "--target", "es2022", "--types", "", "--lib", "es2022,dom"];

let folder;
let project;

/** The package as `npm pack` makes it, installed where nothing else is, without a network. */
before(() => {
  folder = mkdtempSync(join(tmpdir(), "visavis-packed-"));
  const source = join(folder, "client");
  const isBuilt = /[/\\](?:node_modules|types|dist)$/;
  cpSync(join(root, "signalling/client"), source, { recursive: true, filter: (path) => !isBuilt.test(path) });
  cpSync(join(root, "LICENSE"), join(source, "LICENSE"));
  execFileSync(process.execPath, [tsc, "--project", join(source, "tsconfig.declarations.json")]);
  // Its scripts would ask a registry for the bundler.
  const npm = (cwd, ...words) => execFileSync("npm", [...words, "--offline", "--ignore-scripts"], { cwd, encoding: "utf8", stdio: "pipe" });
  const [{ filename }] = JSON.parse(npm(source, "pack", "--json", "--pack-destination", folder));
  project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  npm(project, "install", "--no-audit", "--no-fund", join(folder, filename));
});

after(() => rmSync(folder, { recursive: true }));

test("the package holds what its manifest names and nothing of the workshop", () => {
  const installed = join(project, "node_modules/visavis");
  const files = readdirSync(installed, { recursive: true });
  for (const needed of ["package.json", "README.md", "LICENSE", "visavis.js", "element/element.js", "react.js", "words/fr.js"]) assert.ok(files.includes(needed), needed);
  assert.deepEqual(files.filter((path) => /tsconfig|node_modules|\.test\.|\.py$/.test(path)), []);
  const { exports, dependencies = {} } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const targets = Object.values(exports).flatMap((target) => (typeof target === "string" ? [target] : Object.values(target)));
  for (const target of targets) assert.ok(files.includes(target.slice(2)), target);
  assert.deepEqual(dependencies, {});
});

test("what an entry fetches later is in the package, too, and comes", () => {
  const code = `
    const { Consultation } = await import("visavis/consultation");
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
  const said = JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: project, encoding: "utf8", stdio: "pipe", timeout: 60_000 }));
  assert.equal(said[0], "connection_lost");
  assert.match(said[1], /^La connexion/);
});

test("every entry loads by its name, and no other file can be reached", () => {
  const run = (code) => execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd: project, encoding: "utf8", stdio: "pipe" });
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
