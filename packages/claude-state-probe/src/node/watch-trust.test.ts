import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TrustProbe } from "../trust-probe.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { type WatchQuestion, watchTrust } from "./watch-trust.ts";

let home: string;
let stops: (() => void)[] = [];
const at = (path: string) => join(home, path);

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "watch-trust-")));
});
afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops) stop();
  stops = [];
  await rm(home, { recursive: true, force: true });
});

const paths = (real: string): WorkspacePaths => ({
  given: real,
  real,
  gitRoot: null,
  mainRoot: null,
  pointed: [],
  doubt: null,
  readSoSince: null,
  home,
});
const state = (...keys: string[]) =>
  JSON.stringify({
    projects: Object.fromEntries(keys.map((key) => [key, { hasTrustDialogAccepted: true }])),
  });

/** Writes like Claude Code: a new file beside the old one, then a rename. */
const write = async (file: string, content: string) => {
  await writeFile(`${file}.tmp.1`, content);
  await rename(`${file}.tmp.1`, file);
};

const watch = (real: string, more: Partial<WatchQuestion> = {}) => {
  const told: TrustProbe[] = [];
  const stop = watchTrust({ paths: paths(real), env: {}, home, ...more }, (probe) => told.push(probe));
  stops.push(stop);
  const codes = () => told.map(({ code }) => code);
  return {
    stop,
    codes,
    until: (...expected: string[]) => vi.waitFor(() => expect(codes()).toEqual(expected), { interval: 5 }),
  };
};

test("reports the state at the start, and that the folder became trusted", async () => {
  const { until } = watch("/w/a");
  await until("no-state-file");
  await write(at(".claude.json"), state());
  await until("no-state-file", "no-key");
  await write(at(".claude.json"), state("/w/a"));
  await until("no-state-file", "no-key", "own-key");
});

test("sees that a file is written in place, and that it is removed", async () => {
  await writeFile(at(".claude.json"), state("/w/a"));
  const { until } = watch("/w/a");
  await until("own-key");
  await writeFile(at(".claude.json"), state("/w/b"));
  await until("own-key", "no-key");
  await rm(at(".claude.json"));
  await until("own-key", "no-key", "no-state-file");
});

test("sees a write to the file that the state file is a link to", async () => {
  await mkdir(at("dotfiles"));
  await write(at("dotfiles/state.json"), state());
  await symlink(at("dotfiles/state.json"), at(".claude.json"));
  const { until } = watch("/w/a");
  await until("no-key");
  await write(at("dotfiles/state.json"), state("/w/a"));
  await until("no-key", "own-key");
});

test.each([
  { what: "the state file", file: ".claude.json" },
  { what: "the file that it links to", file: "dotfiles/state.json" },
])("learns of a change of $what from an event: no timer runs here", async ({ file }) => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  await mkdir(at("dotfiles"));
  await write(at(file), state());
  if (file !== ".claude.json") await symlink(at(file), at(".claude.json"));
  const codes: string[] = [];
  await new Promise<void>((resolve) => {
    const question = { paths: paths("/w/a"), env: {}, home };
    const stop = watchTrust(question, async ({ code }) => {
      codes.push(code);
      if (code === "no-key") await write(at(file), state("/w/a"));
      else resolve();
    });
    stops.push(stop);
  });
  expect(codes).toEqual(["no-key", "own-key"]);
});

test("sees a state folder that is created later", async () => {
  const { until } = watch("/w/a", { env: { CLAUDE_CONFIG_DIR: at("config") } });
  await until("no-state-file");
  await mkdir(at("config"));
  await write(at("config/.claude.json"), state("/w/a"));
  await until("no-state-file", "own-key");
});

test("reports its own folder to each watcher of one file, also to one that starts later", async () => {
  const [a, b] = [watch("/w/a"), watch("/w/b")];
  await Promise.all([a.until("no-state-file"), b.until("no-state-file")]);
  await write(at(".claude.json"), state("/w/b"));
  await Promise.all([a.until("no-state-file", "no-key"), b.until("no-state-file", "own-key")]);
  await watch("/w/b").until("own-key");
});

test("does not miss the last of many quick writes", async () => {
  const { codes, until } = watch("/w/last");
  await until("no-state-file");
  for (let count = 0; count < 50; count++) await write(at(".claude.json"), state(`/w/${count}`));
  await write(at(".claude.json"), state("/w/last"));
  await vi.waitFor(() => expect(codes().at(-1)).toBe("own-key"), { interval: 5 });
});

test("reports nothing after it was stopped", async () => {
  const [stopped, witness] = [watch("/w/a"), watch("/w/a")];
  await Promise.all([stopped, witness].map(({ until }) => until("no-state-file")));
  stopped.stop();
  stopped.stop();
  await write(at(".claude.json"), state("/w/a"));
  await witness.until("no-state-file", "own-key");
  expect(stopped.codes()).toEqual(["no-state-file"]);
});

test("reports nothing after the stop, not even an answer that is already queued", async () => {
  const question = { paths: paths("/w/a"), env: {}, home };
  const told: string[] = [];
  stops.push(
    watchTrust(question, () => {
      told.push("first");
      stopSecond();
    }),
  );
  const stopSecond = watchTrust(question, () => told.push("second"));
  await watch("/w/a").until("no-state-file");
  expect(told).toEqual(["first"]);
});
