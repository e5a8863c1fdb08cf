import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listHeld, startHeld, stopHeld } from "@gatehouse/held-client";
import { makeClaudeHome, type ClaudeHome } from "../claude/claude-home.ts";
import { contender, type Measurement } from "../measurement.ts";
import { pssOf } from "../process-cost.ts";
import { builtPrograms, startProgram } from "../programs.ts";

const floor = "Node with a PTY and a terminal model";
const agents = 20;
/** Fewer than holders: their memory differs little, and the machine keeps more of its own. */
const bareHolders = 4;
/** Time until the holders are idle after the start of the last agent, ms. */
const restMs = 10_000;

/** Each agent is a tiny program, and is not counted: it needs the same memory with any holder. */
export const holderMemory: Measurement = {
  name: "holder-memory",
  title: `Memory of the process that holds an agent (PSS), the mean of ${agents}`,
  unit: "KB",
  floor,
  rounds: { full: 5, quick: 2 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    if (!existsSync("/proc/self/smaps_rollup")) return { ok: false, error: "only Linux reports the PSS" };
    const home = await makeClaudeHome(agents);
    onEnd(home.dispose);
    const dataDir = join(home.root, "data");
    onEnd(() => stopAll(dataDir));
    const program = await makeAgent(home);
    const projects = home.folders.map((folder) => [folder, { hasTrustDialogAccepted: true }]);
    const state = { hasCompletedOnboarding: true, projects: Object.fromEntries(projects) };
    await writeFile(home.stateFile, JSON.stringify(state));
    const holders: number[] = [];
    for (const [index, folder] of home.folders.entries()) {
      const held = await startHeld({
        member: `member-${index}`,
        team: "bench",
        provider: "claude",
        folder,
        env: home.env,
        cli: program,
        dataDir,
        adapter: built.value.adapter,
      });
      if (!held.ok) throw new Error(`member-${index}: ${held.error.message}`);
      holders.push(held.value.holder);
    }
    const bareHolder = fileURLToPath(new URL("bare-holder.mjs", import.meta.url));
    const bare: number[] = [];
    for (const folder of home.folders.slice(0, bareHolders)) {
      const { pid, stop } = await startProgram([bareHolder, folder, program], home.env);
      onEnd(stop);
      bare.push(pid);
    }
    await after(restMs);
    return {
      ok: true,
      value: [
        contender(floor, async () => meanPss(bare)),
        contender("a holder", async () => meanPss(holders)),
      ],
    };
  },
};

/** Makes a program that replaces Claude Code, and stays until its input ends. Returns its path. */
const makeAgent = async ({ root }: ClaudeHome): Promise<string> => {
  const path = join(root, "tiny-agent");
  const version = '[ "$1" = --version ] && exec echo "2.1.332 (Claude Code)"';
  await writeFile(path, `#!/bin/sh\n${version}\nexec cat > /dev/null\n`, { mode: 0o755 });
  return path;
};

const stopAll = async (dataDir: string): Promise<void> => {
  const listed = await listHeld(dataDir);
  if (!listed.ok) throw new Error(listed.error.message);
  for (const agent of listed.value.agents) await stopHeld(dataDir, agent);
};

/** The mean of the processes' memory, KB. */
const meanPss = (pids: readonly number[]): number =>
  pids.map(pssOf).reduce((sum, pss) => sum + pss, 0) / pids.length;
