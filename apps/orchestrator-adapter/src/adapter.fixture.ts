import { spawn, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTable } from "@gatehouse/processes";
import { trustSettings, type CodexConfigOverride } from "@trust/codex-overrides";
import { expect, inject, onTestFinished } from "vitest";
import type { AdapterEvent } from "./events.ts";

const programs = new URL("../../../test-fixtures/programs/", import.meta.url);
const adapter = inject("programs")["orchestrator-adapter"];

/** An event that a fake agent noted: see test-fixtures/programs. */
type Note = {
  readonly pid: number;
  readonly cwd: string;
  readonly event: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly key?: string;
  readonly child?: number;
};

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A running adapter. */
export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly events: () => readonly AdapterEvent[];
  /** Waits for an event of this name. */
  sees(event: AdapterEvent["event"]): Promise<void>;
};

/**
 * A throw-away machine with a fake Claude and a fake Codex on its PATH, and a repository to start them in.
 */
export type Fixture = {
  readonly home: string;
  readonly bin: string;
  readonly project: string;
  start(args: readonly string[]): Running;
  notes(): readonly Note[];
  /** Running processes of the fake agents, and of their children. */
  running(): readonly number[];
};

export type FixtureOptions = {
  /** The behaviour of the fake agents. */
  readonly scenario?: { readonly [field: string]: string | number | boolean | null };
  /** The folders that the fake Claude trusts; `"project"` means the project. */
  readonly trusted?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Codex's config.toml, in which `PROJECT` means the project. */
  readonly config?: string;
};

export const makeFixture = ({
  scenario = {},
  trusted = [],
  env = {},
  config,
}: FixtureOptions = {}): Fixture => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "adapter-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [home, project, bin] = [join(root, "home"), join(root, "my app.v2"), join(root, "bin")];
  for (const folder of [join(home, ".codex"), join(project, ".git"), bin])
    mkdirSync(folder, { recursive: true });
  for (const name of ["claude", "codex"]) {
    symlinkSync(fileURLToPath(new URL(`fake-${name}.mjs`, programs)), join(bin, name));
    writeFileSync(join(bin, `fake-${name}.json`), JSON.stringify(scenario));
  }
  const projects = Object.fromEntries(
    trusted.map((key) => [key === "project" ? project : key, { hasTrustDialogAccepted: true }]),
  );
  writeFileSync(
    join(home, ".claude.json"),
    JSON.stringify({ hasCompletedOnboarding: true, theme: "dark", projects }),
  );
  if (config !== undefined)
    writeFileSync(join(home, ".codex", "config.toml"), config.replaceAll("PROJECT", project));
  const PATH = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const full = { HOME: home, PATH, TMPDIR: root, ...env };

  const notes = (): readonly Note[] =>
    ["claude", "codex"].flatMap((name) => linesOf<Note>(join(home, `fake-${name}.log`)));
  const running = (): readonly number[] =>
    [...new Set(notes().flatMap(({ pid, child }) => (child === undefined ? [pid] : [pid, child])))].filter(
      isRunning,
    );
  onTestFinished(() => running().forEach((pid) => process.kill(pid, "SIGKILL")));
  return { home, bin, project, notes, running, start: (args) => startAdapter(args, full, root) };
};

const startAdapter = (args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Running => {
  const child = spawn(process.execPath, [adapter, ...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  const events = (): readonly AdapterEvent[] => parseLines<AdapterEvent>(stdout);
  return {
    child,
    ended,
    events,
    sees: (event) => expect.poll(() => events().map((line) => line.event)).toContain(event),
  };
};

/** Settings that carry trust for these folders, as an argument. */
export const settingsFor = (...folders: readonly string[]): string =>
  JSON.stringify(
    trustSettings(folders.map((folder): CodexConfigOverride => `projects."${folder}".trust_level="trusted"`)),
  );

const linesOf = <T>(file: string): T[] => (existsSync(file) ? parseLines<T>(readFileSync(file, "utf8")) : []);

/** Parses whole lines only: the last one may still be being written. */
const parseLines = <T>(text: string): T[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);

/** False for a zombie. */
const isRunning = (pid: number): boolean => processTable.find(pid)?.isZombie === false;
