import process from "node:process";
import { spawn } from "node:child_process";
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
import { openTerminal, type UserTerminal } from "@gatehouse/test-kit";
import { expect, inject, onTestFinished } from "vitest";
import { startHeld, type HeldRecord, type HeldStart, stopHeld } from "@gatehouse/held-client";
import { listHeld, type HeldAgent } from "@gatehouse/held-client/records";
import { awaitHeld } from "./await-held.fixture.ts";

const program = fileURLToPath(
  new URL("../../../../../test-fixtures/programs/fake-session.mjs", import.meta.url),
);
const { gatehouse, "orchestrator-adapter": adapter } = inject("programs");

/** An event that the fake session noted: see test-fixtures/programs/fake-session.mjs. */
type Note = { readonly pid: number; readonly event: string; readonly [field: string]: unknown };

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A throw-away machine: a HOME, a trusted project, a data folder, and a fake session as its `claude`. */
export type HeldFixture = {
  readonly dataDir: string;
  readonly home: string;
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  /** The start of a member, with some fields replaced. */
  readonly startOf: (member: string, more?: Partial<HeldStart>) => HeldStart;
  /** Starts a member and waits until it is ready. */
  readonly ready: (member: string, more?: Partial<HeldStart>) => Promise<HeldRecord>;
  readonly agents: () => Promise<readonly HeldAgent[]>;
  readonly agent: (member: string) => Promise<HeldAgent | undefined>;
  readonly gatehouse: (...args: readonly string[]) => Promise<Ended>;
  /** The same, with this text on its stdin. */
  readonly piped: (input: string, ...args: readonly string[]) => Promise<Ended>;
  /** A terminal of 100 x 30 in which gatehouse runs. */
  readonly openTerminal: (...args: readonly string[]) => Promise<UserTerminal>;
  readonly notes: () => readonly Note[];
};

export const patience = { timeout: 100_000, interval: 25 };

export type HeldFixtureOptions = { readonly session?: object; readonly dataDir?: string };

export const makeHeldFixture = ({
  session = {},
  dataDir: deep = "data",
}: HeldFixtureOptions = {}): HeldFixture => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "held-")));
  const [home, project, bin, dataDir] = [
    join(root, "home"),
    join(root, "my app"),
    join(root, "bin"),
    join(root, deep),
  ];
  for (const folder of [home, project, bin]) mkdirSync(folder, { recursive: true });
  symlinkSync(program, join(bin, "claude"));
  writeFileSync(join(bin, "fake-session.json"), JSON.stringify(session));
  const projects = { [project]: { hasTrustDialogAccepted: true } };
  writeFileSync(
    join(home, ".claude.json"),
    JSON.stringify({ hasCompletedOnboarding: true, theme: "dark", projects }),
  );
  const PATH = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const env = { HOME: home, PATH, TMPDIR: root, TERM: "xterm-256color", GATEHOUSE_DATA: dataDir };
  const agents = async (): Promise<readonly HeldAgent[]> => {
    const listed = await listHeld(dataDir);
    if (!listed.ok) throw new Error(listed.error.message);
    return listed.value.agents;
  };
  onTestFinished(async () => {
    for (const agent of await agents()) await stopHeld(dataDir, agent);
    rmSync(root, { recursive: true, force: true });
  });
  const startOf = (member: string, more: Partial<HeldStart> = {}): HeldStart => ({
    dataDir,
    team: null,
    member,
    provider: "claude",
    folder: project,
    env,
    adapter,
    ...more,
  });
  return {
    dataDir,
    home,
    project,
    env,
    startOf,
    agents,
    ready: async (member, more) => {
      const started = await startHeld(startOf(member, more));
      if (!started.ok) throw new Error(started.error.message);
      expect(await awaitHeld(started.value, { timeoutMs: 60_000 })).toEqual({ state: "ready" });
      return started.value;
    },
    agent: async (member) => (await agents()).find((agent) => agent.member === member),
    gatehouse: (...args) => runPiped([gatehouse, ...args], env, root),
    piped: (input, ...args) => runPiped([gatehouse, ...args], env, root, input),
    openTerminal: (...args) =>
      openTerminal({ file: process.execPath, args: [gatehouse, ...args], env, cwd: root }),
    notes: () => notesIn(join(home, "fake-session.log")),
  };
};

const notesIn = (file: string): readonly Note[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Note)
    : [];

const runPiped = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  input: string = "",
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    // A program that reads no stdin may have ended before the write.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });

/** False for a zombie. */
export const isRunning = (pid: number): boolean => processTable.find(pid)?.isZombie === false;
