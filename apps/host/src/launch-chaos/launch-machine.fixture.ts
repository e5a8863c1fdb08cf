import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { processesWith } from "@gatehouse/processes/records";
import { parseJson } from "@gatehouse/std";
import { inject, onTestFinished } from "vitest";
import { kill } from "../chaos/processes.fixture.ts";

const tinyClaude = fileURLToPath(
  new URL("../../../../test-fixtures/programs/tiny-claude.sh", import.meta.url),
);

/** All processes of a machine have this environment variable, except hosts and guards. */
const mark = "GATEHOUSE_LAUNCH_CHAOS";

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A running gatehouse command. */
export type RunningCommand = { readonly child: ChildProcess; readonly ended: Promise<Ended> };

/**
 * A temporary machine: tiny agents, the trusted folders a and repo (with a commit), a data folder, and unrelated
 * processes.
 */
export type LaunchMachine = {
  readonly home: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly at: (name: string) => string;
  /** Writes a team file: `ana` in a, and `cy` in a worktree of repo. Returns its path. */
  readonly teamFile: (team: string) => string;
  readonly gatehouse: (...args: readonly string[]) => RunningCommand;
  readonly git: (...args: readonly string[]) => string;
  /** The pids of running processes that were started here. */
  readonly processes: () => readonly number[];
  /** The number of ended bystanders: unrelated processes in the agents' folders with an agent's name. */
  readonly endedBystanders: () => number;
};

export const makeLaunchMachine = (): LaunchMachine => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "launch-chaos-")));
  const at = (name: string): string => join(root, name);
  const [home, bin, dataDir] = [at("home"), at("bin"), at("data")];
  for (const folder of [home, bin, at("a"), at("repo")]) mkdirSync(folder);
  symlinkSync(tinyClaude, join(bin, "claude"));
  const trusted = { hasTrustDialogAccepted: true };
  const projects = { [at("a")]: trusted, [at("repo")]: trusted };
  const state = { hasCompletedOnboarding: true, theme: "dark", projects };
  writeFileSync(join(home, ".claude.json"), JSON.stringify(state));
  const PATH = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const env = { HOME: home, PATH, TMPDIR: root, TERM: "xterm-256color", GATEHOUSE_DATA: dataDir };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", at("repo"), ...args], { env, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  for (const name of Array.from({ length: 50 }, (_, index) => `file-${index}`))
    writeFileSync(join(at("repo"), name), name.repeat(1_000));
  git("add", ".");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=first");
  const processes = (): readonly number[] => processesWith(mark, root);
  const bystanders = [at("a"), at("repo")].map((cwd) =>
    spawn("sleep", ["3600"], { cwd, argv0: "claude", detached: true, stdio: "ignore" }),
  );
  onTestFinished(async () => {
    for (const child of bystanders) child.kill("SIGKILL");
    // Processes are left only if the test failed.
    for (const pid of processes()) kill(pid);
    rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return {
    home,
    dataDir,
    at,
    git,
    processes,
    env: { ...env, [mark]: root },
    teamFile: (team) => {
      const file = at(`${team}.yaml`);
      const members = "members: [{ name: cy, provider: claude, folder: repo, worktree: true }]";
      writeFileSync(file, `name: ${team}\nlead: { name: ana, provider: claude, folder: a }\n${members}\n`);
      return file;
    },
    gatehouse: (...args) => startCommand(args, { ...env, [mark]: root }, root),
    endedBystanders: () => bystanders.filter((it) => it.exitCode !== null || it.signalCode !== null).length,
  };
};

const startCommand = (args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): RunningCommand => {
  const program = inject("programs").gatehouse;
  const child = spawn(process.execPath, [program, ...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return { child, ended: once(child, "close").then(() => ({ code: child.exitCode, stdout, stderr })) };
};

/** The JSON document of a command; null if it was killed before it printed one. */
export const documentOf = ({ stdout }: Ended): Readonly<Record<string, unknown>> | null =>
  parseJson(stdout) as Readonly<Record<string, unknown>> | null;
