import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { listHeld, startHeld, stopHeld, type HeldAgent, type HeldRecord } from "@gatehouse/held-client";
import { measuredVersion } from "../claude/find-cli.ts";
import { makeClaudeHome, type ClaudeHome } from "../claude/claude-home.ts";
import type { Context } from "../measurement.ts";
import { startStandIn } from "./stand-in.ts";
import { makeTinyAgent } from "./tiny-agent.ts";
import { standInKey, trustedProfile } from "./trusted-profile.ts";

/** The program of an agent. */
export type AgentProgram = { readonly path: string; readonly env: ClaudeHome["env"] };

/** Held agents, each in a trusted folder, in one HOME and one data folder. */
export type HeldTeam = {
  readonly dataDir: string;
  readonly claudeHome: ClaudeHome;
  readonly agents: readonly HeldRecord[];
  readonly program: AgentProgram;
  /** A description of the agents, for a person. */
  readonly kind: string;
  readonly dispose: () => Promise<void>;
};

export type HeldTeamOptions = {
  /** The built `gatehouse`; the holder's bundle is beside its bundle. */
  readonly gatehouse: string;
  readonly count: number;
  /** Default, or if it failed: tiny programs. */
  readonly cli?: Context["cli"];
  /** Called before the agents start. */
  readonly prepareFolder?: (folder: string, index: number) => Promise<void>;
};

/** Number of agents that are started at one time. */
const atOnce = 2;
const readyMs = 180_000;

/** Starts the agents. Real agents are ready on return. */
export const startHeldTeam = async (options: HeldTeamOptions): Promise<HeldTeam> => {
  const { count, cli, prepareFolder = async () => {} } = options;
  const claudeHome = await makeClaudeHome(count);
  const dataDir = join(claudeHome.root, "data");
  await writeFile(claudeHome.stateFile, JSON.stringify(trustedProfile(claudeHome.folders)));
  for (const [index, folder] of claudeHome.folders.entries()) await prepareFolder(folder, index);
  const standIn = cli?.ok === true ? await startStandIn() : null;
  const program =
    standIn === null || cli?.ok !== true
      ? { path: await makeTinyAgent(claudeHome.root), env: claudeHome.env }
      : { path: cli.value.path, env: { ...claudeHome.env, ...realEnv(standIn.address) } };
  const dispose = async (): Promise<void> => {
    for (const agent of await agentsIn(dataDir)) await stopHeld(dataDir, agent);
    await standIn?.stop();
    rmSync(claudeHome.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  try {
    const agents = await startAll(options, { claudeHome, dataDir, program });
    if (standIn !== null) await untilAll(dataDir, ({ state }) => state === "ready");
    const kind = standIn === null ? "a tiny program" : `Claude Code ${measuredVersion}, its model a stand-in`;
    return { dataDir, claudeHome, agents, program, kind, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};

const realEnv = (address: string): ClaudeHome["env"] => ({
  ANTHROPIC_BASE_URL: address,
  ANTHROPIC_API_KEY: standInKey,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
});

const startAll = async (
  { gatehouse }: HeldTeamOptions,
  { claudeHome, dataDir, program }: Pick<HeldTeam, "claudeHome" | "dataDir" | "program">,
): Promise<readonly HeldRecord[]> => {
  const adapter = join(dirname(gatehouse), "../dist/orchestrator-adapter.js");
  const started: HeldRecord[] = [];
  const startOne = async (folder: string, index: number): Promise<void> => {
    const { path: cli, env } = program;
    const own = { member: `member-${index}`, folder, env, cli, dataDir, adapter };
    const held = await startHeld({ ...own, team: "bench", provider: "claude" });
    if (!held.ok) throw new Error(`member-${index}: ${held.error.message}`);
    started[index] = held.value;
  };
  for (let next = 0; next < claudeHome.folders.length; next += atOnce)
    await Promise.all(
      claudeHome.folders.slice(next, next + atOnce).map((folder, index) => startOne(folder, next + index)),
    );
  return started;
};

const agentsIn = async (dataDir: string): Promise<readonly HeldAgent[]> => {
  const listed = await listHeld(dataDir);
  if (!listed.ok) throw new Error(listed.error.message);
  return listed.value.agents;
};

const untilAll = async (dataDir: string, holds: (agent: HeldAgent) => boolean): Promise<void> => {
  const deadline = performance.now() + readyMs;
  for (;;) {
    const others = (await agentsIn(dataDir)).filter((agent) => !holds(agent));
    const [first] = others;
    if (first === undefined) return;
    if (first.state === "ended" || performance.now() > deadline)
      throw new Error(`${others.length} agents are not ready; ${first.member} is ${first.state}`);
    await after(100);
  }
};
