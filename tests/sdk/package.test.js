import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const client = resolve(here, "../../signalling/client");
const pages = resolve(here, "../../signalling/pages");
const tsc = resolve(here, "../node_modules/typescript/bin/tsc");
/** Every module a module loads, itself first. */
function graph(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const imports = readFileSync(entry, "utf8").matchAll(/^(?:import|export)\s[^;]*?from "(\.[^"]+)"|^import "(\.[^"]+)"/gm);
  for (const [, from, bare] of imports) graph(resolve(dirname(entry), from ?? bare), seen);
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
  const used = new Set(["visavis.js", "check.js"].flatMap((entry) => [...graph(join(client, entry))]));
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

test("the generated declarations serve a front-end written in TypeScript", () => {
  const folder = mkdtempSync(join(tmpdir(), "visavis-types-"));
  try {
    execFileSync(process.execPath, [tsc, "--project", join(client, "tsconfig.declarations.json"), "--outDir", join(folder, "types")]);
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
import { Consultation, ConsultationError, type VisavisConsultation } from "./types/visavis.js";

export async function consult(token: string, video: HTMLVideoElement, element: VisavisConsultation) {
  const consultation = new Consultation({ token, lang: "fr", reconnectPolicy: (attempt, waited_ms) => (waited_ms > 1e4 ? null : attempt * 100) });
  const stop: () => void = consultation.on("track", ({ participant, track, stream }) => {
    const role: "practitioner" | "patient" | string = participant.role;
    if (track.source === "camera" && role) video.srcObject = stream;
  });
  consultation.on("quality", ({ participant, direction, verdict, words }) => console.log(participant?.id, direction, verdict, words));
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
    await element.consultation?.switchDevice("camera", "id");
  } catch (error) {
    if (error instanceof ConsultationError) console.log(error.code, error.words, error.retry_after_s);
  }
  stop();
  await consultation.leave();
}
`;
