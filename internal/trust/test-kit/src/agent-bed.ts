import { spawn, spawnSync } from "node:child_process";
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
import { inject, onTestFinished } from "vitest";
import { openTerminal, type UserTerminal } from "./user-terminal.ts";

const fakeClaude = fileURLToPath(
  new URL("../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url),
);
const gatehouse = inject("programs").gatehouse;
const shown = [process.execPath, gatehouse].join(" ");

/** One line of the fake Claude's log: see test-fixtures/programs/fake-claude.mjs. */
type Note = {
  readonly pid: number;
  readonly event: string;
  readonly args?: readonly string[];
  /** The names of its environment variables. */
  readonly env?: readonly string[];
  readonly key?: string;
  readonly pointed?: string;
  readonly child?: number;
};

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A throw-away machine with a fake Claude on its PATH and a project folder. */
export type AgentBed = {
  readonly home: string;
  /** The first entry of PATH. */
  readonly bin: string;
  readonly fakeClaude: string;
  readonly project: string;
  readonly stateFile: string;
  /** Runs gatehouse without a terminal; calls `onStart` with the process id. */
  run(args: readonly string[], onStart?: (pid: number) => void): Promise<Ended>;
  /** Opens a terminal of 100 x 30 and runs a shell command in it; `$gatehouse` there is gatehouse. */
  openTerminal(command: string): Promise<UserTerminal>;
  notes(): readonly Note[];
  /** The running processes of the fake Claude, with their children. */
  running(): readonly number[];
};

export type AgentBedOptions = {
  /** The behaviour of the fake Claude. */
  readonly scenario?: { readonly [field: string]: string | number | boolean | null };
  readonly state?: object | null;
  readonly env?: NodeJS.ProcessEnv;
  /** If false, there is no `claude` on PATH. */
  readonly isInstalled?: boolean;
};

export const setUp = { hasCompletedOnboarding: true, theme: "dark" };

export const makeAgentBed = ({
  scenario = {},
  state = setUp,
  env = {},
  isInstalled = true,
}: AgentBedOptions = {}): AgentBed => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "gatehouse-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [home, project, bin] = [join(root, "home"), join(root, "project"), join(root, "bin")];
  for (const folder of [home, project, bin]) mkdirSync(folder);
  const stateFile = join(home, ".claude.json");
  if (state !== null) writeFileSync(stateFile, JSON.stringify(state));
  if (isInstalled) symlinkSync(fakeClaude, join(bin, "claude"));
  writeFileSync(join(bin, "fake-claude.json"), JSON.stringify(scenario));
  const path = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const full = { HOME: home, PATH: path, TMPDIR: root, TERM: "xterm-256color", ...env };

  const notes = (): readonly Note[] => {
    const file = join(home, "fake-claude.log");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Note);
  };
  return {
    home,
    bin,
    fakeClaude,
    project,
    stateFile,
    notes,
    run: (args, onStart) => runPiped(args, full, root, onStart),
    openTerminal: (command) =>
      openTerminal({ file: "/bin/sh", args: ["-c", command], cwd: root, env: { ...full, gatehouse: shown } }),
    running: () =>
      [...new Set(notes().flatMap(({ pid, child }) => (child === undefined ? [pid] : [pid, child])))].filter(
        isRunning,
      ),
  };
};

const runPiped = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  onStart: (pid: number) => void = () => {},
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [gatehouse, ...args], {
      env,
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    if (child.pid !== undefined) onStart(child.pid);
  });

/** False for a zombie. */
const isRunning = (pid: number): boolean => {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
};
