import process from "node:process";
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { listHeld, stopHeld, type HeldAgent } from "@gatehouse/held-client";
import { parseJson } from "@gatehouse/std";
import { openTerminal, type UserTerminal } from "@gatehouse/test-kit";
import { inject, onTestFinished } from "vitest";

const fakeClaude = fileURLToPath(
  new URL("../../../../../test-fixtures/programs/fake-claude.mjs", import.meta.url),
);
const fakeSession = fileURLToPath(
  new URL("../../../../../test-fixtures/programs/fake-session.mjs", import.meta.url),
);
const { gatehouse } = inject("programs");

export type Ended = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: unknown;
};

/**
 * A throw-away machine: a HOME with a fake Claude, the folders a, b and repo (with one commit), a data
 * folder.
 */
export type LaunchFixture = {
  readonly root: string;
  readonly home: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly at: (name: string) => string;
  /** Sets the behaviour of the fake Claude from now on. */
  readonly behaves: (scenario: object) => void;
  /** Writes a team file with the lead `ana`, in `a`. Returns its path. */
  readonly teamFile: (...members: readonly string[]) => string;
  readonly gatehouse: (args: readonly string[], onStart?: (pid: number) => void) => Promise<Ended>;
  /** Runs it in a terminal of 100 x 30. */
  readonly openTerminal: (args: readonly string[]) => Promise<UserTerminal>;
  /** Replaces the fake Claude with one that has sessions; HOME trusts `a` and `b`. */
  readonly haveSessions: (session: object) => void;
  readonly agents: () => Promise<readonly HeldAgent[]>;
  /** The trusted keys in Claude's state. */
  readonly trusted: () => readonly string[];
  /** The text of all journals. */
  readonly journals: () => string;
  readonly git: (...args: readonly string[]) => string;
};

export const makeLaunchFixture = (
  scenario: object = {},
  variables: Readonly<Record<string, string>> = {},
): LaunchFixture => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "launch-")));
  const at = (name: string): string => join(root, name);
  const [home, bin, dataDir] = [at("home"), at("bin"), at("data")];
  for (const folder of [home, bin, at("a"), at("b"), at("repo")]) mkdirSync(folder);
  symlinkSync(fakeClaude, join(bin, "claude"));
  const behaves = (next: object): void => writeFileSync(join(bin, "fake-claude.json"), JSON.stringify(next));
  behaves(scenario);
  const stateFile = join(home, ".claude.json");
  writeFileSync(stateFile, JSON.stringify({ hasCompletedOnboarding: true, theme: "dark" }));
  const PATH = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const env = {
    HOME: home,
    PATH,
    TMPDIR: root,
    TERM: "xterm-256color",
    GATEHOUSE_DATA: dataDir,
    ...variables,
  };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", at("repo"), ...args], { env, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message=first");
  const agents = async (): Promise<readonly HeldAgent[]> => {
    const listed = await listHeld(dataDir);
    if (!listed.ok) throw new Error(listed.error.message);
    return listed.value.agents;
  };
  onTestFinished(async () => {
    for (const agent of await agents()) await stopHeld(dataDir, agent);
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    home,
    dataDir,
    env,
    at,
    git,
    agents,
    behaves,
    teamFile: (...members) => {
      const file = at("team.yaml");
      const rows = members.map((member) => `  - ${member}\n`).join("");
      const lead = `lead: { name: ana, provider: claude, folder: a }\n`;
      writeFileSync(file, `name: shop\n${lead}${rows === "" ? "" : `members:\n${rows}`}`);
      return file;
    },
    gatehouse: (args, onStart = () => {}) => runGatehouse([gatehouse, ...args], { env, cwd: root, onStart }),
    openTerminal: (args) =>
      openTerminal({ file: process.execPath, args: [gatehouse, ...args], env, cwd: root }),
    haveSessions: (session) => {
      rmSync(join(bin, "claude"));
      symlinkSync(fakeSession, join(bin, "claude"));
      writeFileSync(join(bin, "fake-session.json"), JSON.stringify(session));
      const isTrusted = { hasTrustDialogAccepted: true };
      const projects = { [at("a")]: isTrusted, [at("b")]: isTrusted };
      writeFileSync(stateFile, JSON.stringify({ hasCompletedOnboarding: true, theme: "dark", projects }));
    },
    trusted: () => {
      const { projects = {} } = parseJson(readFileSync(stateFile, "utf8")) as {
        projects?: Record<string, { hasTrustDialogAccepted?: boolean }>;
      };
      return Object.keys(projects)
        .filter((key) => projects[key]?.hasTrustDialogAccepted === true)
        .sort();
    },
    journals: () => {
      const folder = join(dataDir, "launches", "journals");
      const names = existsSync(folder) ? readdirSync(folder).sort() : [];
      return names.map((name) => readFileSync(join(folder, name), "utf8")).join("");
    },
  };
};

type Run = {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly onStart: (pid: number) => void;
};

const runGatehouse = (args: readonly string[], { env, cwd, onStart }: Run): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("close", (code) => resolve({ code, stdout, stderr, json: parseJson(stdout) }));
    if (child.pid !== undefined) onStart(child.pid);
  });
