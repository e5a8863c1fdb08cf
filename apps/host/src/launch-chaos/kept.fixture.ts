import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { acquireFileLock } from "@gatehouse/fs-kit";
import { listHeld, type HeldAgent } from "@gatehouse/held-client";
import { processRecords, processesWith } from "@gatehouse/processes/records";
import { defaultFlags, type JournalEntry, type Team } from "@trust/team-launch";
import { launch, readJournals, type KeptLaunch } from "@trust/team-launch/node";
import { expect } from "vitest";
import { textOf as textIn } from "../chaos/processes.fixture.ts";
import type { LaunchMachine } from "./launch-machine.fixture.ts";

/** The saved state of a team: the texts of its files, its worktrees and branches. */
export type Kept = {
  readonly team: string | null;
  readonly snapshot: string | null;
  readonly worktrees: readonly string[];
  readonly branches: string;
};

export const keptOf = ({ dataDir, git }: LaunchMachine, team: string): Kept => {
  const worktrees = join(dataDir, "worktrees", team);
  return {
    team: textOf(join(dataDir, "launches/teams", `${team}.json`)),
    snapshot: textOf(join(dataDir, "launches/last", `${team}.json`)),
    worktrees: existsSync(worktrees) ? readdirSync(worktrees) : [],
    branches: git("branch", "--list", `gatehouse/${team}/*`, "--format=%(refname)"),
  };
};

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);

export const agentsOf = async ({ dataDir }: LaunchMachine): Promise<readonly HeldAgent[]> => {
  const listed = await listHeld(dataDir);
  if (!listed.ok) expect.fail(listed.error.message);
  expect(listed.value.torn).toEqual([]);
  return listed.value.agents;
};

export const journalsOf = ({ dataDir }: LaunchMachine): Promise<readonly KeptLaunch[]> =>
  readJournals(dataDir);

export const journalCount = ({ dataDir }: LaunchMachine): number => {
  const folder = join(dataDir, "launches/journals");
  return existsSync(folder) ? readdirSync(folder).length : 0;
};

/** True if a launch has started an agent, or may have. */
export const isSpawned = (entries: readonly JournalEntry[]): boolean => {
  const failed = new Set(entries.flatMap((it) => (it.type === "not-spawned" ? [it.member] : [])));
  return entries.some((it) => it.type === "spawning" && !failed.has(it.member));
};

/** Launches a team after the kill. The launch ends as blocked at its check, since a member's folder is HOME. */
export const nextStart = async (machine: LaunchMachine, name: string): Promise<void> => {
  const { dataDir, home, env, at } = machine;
  const lead = { name: "ana", role: "lead", provider: "claude", folder: at("a"), worktree: false } as const;
  const team: Team = { name, lead, members: [{ ...lead, name: "ho", role: "member", folder: home }] };
  const request = { team, dataDir, env, flags: defaultFlags };
  const agents = { list: async () => [], start: () => expect.fail("it started an agent") };
  const setting = { signal: new AbortController().signal, redact: (text: string) => text };
  expect(await launch(request, agents, setting)).toMatchObject({
    ok: true,
    value: { launch: { state: "blocked" }, error: { code: "home-not-persistable" } },
  });
};

/** The processes of a machine that neither `ps` lists nor a holder's record names. */
export const unseenIn = async (machine: LaunchMachine): Promise<readonly string[]> => {
  const running = machine.processes();
  if (running.length === 0) return [];
  const holders = await processRecords(join(machine.dataDir, "held/holders")).list();
  if (!holders.ok) expect.fail(holders.error.message);
  const alive = (await agentsOf(machine)).filter(({ state }) => state !== "ended");
  const seen = new Set<number | null>([
    ...alive.flatMap(({ id, pid }) => [pid, ...processesWith("GATEHOUSE_HELD_AGENT", id)]),
    ...holders.value.records
      .filter(({ id }) => alive.some((agent) => agent.id === id))
      .map((record) => record.process.pid),
  ]);
  return running.filter((pid) => !seen.has(pid)).map((pid) => `${pid}: ${commandOf(pid)}`);
};

/** The command line of a process; empty once it has ended. */
export const commandOf = (pid: number): string => textIn(`/proc/${pid}/cmdline`).replaceAll("\0", " ");

/** Locks that are held although no command runs, and unfinished files. */
export const leftIn = async ({ dataDir }: LaunchMachine): Promise<readonly string[]> => {
  const root = join(dataDir, "launches");
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const locks = files.filter((name) => name.endsWith(".lock")).map((name) => join(root, name));
  const held = await Promise.all(
    [...locks, join(dataDir, "held/start.lock")].filter(existsSync).map(async (path) => {
      const lock = await acquireFileLock({ path, timeoutMs: 2_000 });
      if (lock.ok) await lock.value.release();
      return lock.ok ? [] : [`${path}: ${lock.error.code}`];
    }),
  );
  return [...held.flat(), ...files.filter((name) => name.endsWith(".new"))];
};
