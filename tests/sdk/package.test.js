import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const client = resolve(here, "../../signalling/client");
const pages = resolve(here, "../../signalling/pages");
const tsc = resolve(here, "../node_modules/typescript/bin/tsc");
/** Every module a module loads, itself first; also what it fetches later, if `later` says so. */
function graph(entry, { seen = new Set(), later = false } = {}) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const text = readFileSync(entry, "utf8");
  const imports = text.matchAll(/^(?:import|export)\s[^;]*?from "(\.[^"]+)"|^import "(\.[^"]+)"/gm);
  for (const [, from, bare] of imports) graph(resolve(dirname(entry), from ?? bare), { seen, later });
  // A type in a comment is written in the same way.
  const code = text.replaceAll(/\/\*[^]*?\*\//g, "");
  if (later) for (const [, path] of code.matchAll(/\bimport\("(\.[^"]+)"\)/g)) graph(resolve(dirname(entry), path), { seen, later });
  return seen;
}

function sources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !/node_modules|^types[/\\]|^dist[/\\]/.test(relative(folder, path)));
}

test("no module imports anything but its own files, and every file is used", () => {
  for (const path of sources(client)) {
    assert.doesNotMatch(readFileSync(path, "utf8"), /^(?:import|export)\s[^;]*?from "[^.]/m, path);
  }
  const used = new Set();
  for (const entry of ["visavis.js", "check.js", "react.js"]) graph(join(client, entry), { seen: used, later: true });
  // Types only: nothing of it is loaded.
  const typesOnly = [join(client, "public.js")];
  assert.deepEqual(sources(client).filter((path) => !used.has(path) && !typesOnly.includes(path)), []);
});

test("nothing a stranger sent is ever read as markup or code", () => {
  for (const path of [...sources(client), ...sources(pages)]) {
    const text = readFileSync(path, "utf8");
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\("style"/, path);
  }
});

test("the page asks for everything it needs at once instead of discovering it file by file", () => {
  const html = readFileSync(join(pages, "consultation.html"), "utf8");
  const preloaded = [...html.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, path]) => path);
  const needed = [...graph(join(pages, "consultation.js"))].map((path) => `pages/${relative(pages, path)}`);
  assert.deepEqual([...preloaded, "pages/consultation.js"].sort(), [...needed, "sdk/visavis.js"].sort());
  assert.match(html, /<script type="module" src="pages\/consultation.js">/);
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/, "its policy forbids anything inline");
});

test("importing the SDK where there is no document does not fail", async () => {
  const { Consultation, ConsultationError } = await import("../../signalling/client/visavis.js");
  assert.equal(typeof Consultation, "function");
  assert.throws(() => new Consultation({ token: "not a token" }), (error) => error instanceof ConsultationError && error.code === "invalid_token");
});

test("every event of the types stands in the guide, and every one of the guide in the types", () => {
  const types = readFileSync(join(client, "public.js"), "utf8");
  const tables = ["StandingEvents", "ConsultationOwnEvents"].map((name) => types.split(`@typedef {object} ${name}\n`)[1].split(" * @typedef")[0]);
  const typed = tables.flatMap((table) => [...table.matchAll(/^ \* @property \{.*\} ([a-z-]+)/gm)].map(([, name]) => name));
  const guide = readFileSync(resolve(here, "../../docs/embedding.md"), "utf8").split("\n## Events\n")[1].split("\n## ")[0];
  const told = [...guide.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  assert.ok(typed.length > 15, typed.join());
  assert.deepEqual(told.sort(), typed.sort());
});

test("the generated declarations serve a front-end written in TypeScript", () => {
  const folder = mkdtempSync(join(tmpdir(), "visavis-types-"));
  try {
    execFileSync(process.execPath, [tsc, "--project", join(client, "tsconfig.declarations.json"), "--outDir", join(folder, "types")]);
    copyFileSync(join(client, "entry.d.ts"), join(folder, "entry.d.ts"));
    writeFileSync(join(folder, "front_end.ts"), FRONT_END);
    const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "--types", "", "--lib", "es2022,dom"];
    execFileSync(process.execPath, [tsc, ...options, join(folder, "front_end.ts")], { encoding: "utf8" });
    const exported = JSON.parse(readFileSync(join(client, "package.json"), "utf8")).exports;
    for (const target of Object.values(exported).filter((one) => one.types)) {
      assert.ok(statSync(join(folder, target.types)).isFile() && statSync(join(client, target.import)).isFile());
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const FRONT_END = `
import { Consultation, ConsultationError, type VisavisConsultation } from "./entry.js";

export async function consult(token: string, video: HTMLVideoElement, element: VisavisConsultation) {
  const consultation = new Consultation({ token, lang: "fr", iceTransportPolicy: "relay", reconnectPolicy: (attempt, waited_ms) => (waited_ms > 1e4 ? null : attempt * 100) });
  const stop: () => void = consultation.on("track", ({ participant, track, stream }) => {
    const role: "practitioner" | "patient" | string = participant.role;
    if (track.source === "camera" && role) video.srcObject = stream;
  });
  consultation.on("quality", ({ participant, direction, verdict, words }) => console.log(participant?.id, direction, verdict, words));
  consultation.on("path", ({ way, over, blocked, words }) => console.log(way === "turn", over === "tls", blocked, words, consultation.path?.way));
  // @ts-expect-error there is no such event
  consultation.on("tracks", () => {});
  // @ts-expect-error a source is not any string
  await consultation.mute("keyboard");
  try {
    await consultation.join({ takeover: true });
    await consultation.publish({ video: { keeps: "motion" } });
    await consultation.mark("camera", "detail");
    // @ts-expect-error nothing else can be kept
    await consultation.mark("camera", "colour");
    const kbps: number | undefined | null = consultation.subscriptions?.pictures[0]?.kbps;
    consultation.on("subscriptions", ({ state, path_kbps, pictures }) => console.log(state, path_kbps, pictures.length, kbps));
    const { published, problems } = await consultation.publish({ audio: true, tracks: [] });
    console.log(published.includes("microphone"), problems.map((problem) => problem.action));
    await consultation.send({ to: "practitioners", type: "note", body: { any: "thing" } });
    await consultation.type("It hur", { done: false });
    consultation.on("text", ({ participant, writer, kind, text, done }) => console.log(participant.role, writer.id, kind === "caption", text.length, done));
    // @ts-expect-error nothing else is known of a line
    await consultation.type("It hurts", { finished: true });
    await element.consultation?.switchDevice("camera", "id");
    await consultation.switchDevice("speaker", "id");
    await consultation.audioOnly(!consultation.isAudioOnly);
    consultation.on("interruption", ({ sources, words }) => console.log(sources.includes("microphone"), words));
    const speaker: string | undefined = (await consultation.devices()).speaker;
    console.log(speaker);
  } catch (error) {
    if (error instanceof ConsultationError) console.log(error.code, error.words, error.retry_after_s);
  }
  stop();
  await consultation.leave();
}
`;
