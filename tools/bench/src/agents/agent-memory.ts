import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Measurement } from "../measurement.ts";
import { meanMemory } from "../launches/process-memory.ts";
import { startAgentParts } from "./agent-parts.ts";

const floor = "the bare CLI";
const ours = "a session: its CLI, its runner, and its share of the host";

/** Sessions and bare CLIs; fewer in a quick run, because each CLI needs some 200 MB. */
const count = (quick: boolean): number => (quick ? 3 : 20);

/** Measured after each has answered one message. */
export const agentMemory: Measurement = {
  name: "agent-memory",
  title: "Memory of a session with Claude Code (PSS), the mean of 20 (3 with --quick)",
  unit: "KB",
  floor,
  bounds: {},
  rounds: { full: 5, quick: 2 },
  prepare: async (context) => {
    if (!existsSync("/proc/self/smaps_rollup")) return { ok: false, error: "only Linux tells the PSS" };
    const parts = await startAgentParts(context);
    if (!parts.ok) return parts;
    const { host, startBare, dispose } = parts.value;
    const sessions = count(context.quick);
    const bare: number[] = [];
    try {
      for (let index = 0; index < sessions; index += 1) {
        const [one, chat] = [await startBare(), await host.openGroup()];
        await Promise.all([one.say("hello"), chat.roundTrip("hello")]);
        bare.push(one.pid);
      }
    } catch (error) {
      await dispose();
      throw error;
    }
    const each = (pids: readonly number[]): number => (meanMemory(pids).pss * pids.length) / sessions;
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: () => Promise.resolve({ ok: true, value: each(bare.flatMap(familyOf)) }) },
          { name: ours, run: () => Promise.resolve({ ok: true, value: each(familyOf(host.pid)) }) },
        ],
        dispose,
      },
    };
  },
};

/** A process and all that it started, and so on. */
const familyOf = (pid: number): readonly number[] => {
  const children = readdirSync("/proc").filter((name) => /^\d+$/u.test(name) && parentOf(name) === pid);
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))];
};

/** The fourth field of `stat`; the name before it may contain spaces. Null for a process that has ended. */
const parentOf = (pid: string): number | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
};
