import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { syntheticOutput } from "../inputs/synthetic-output.ts";
import type { Contender, Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { median } from "../statistics.ts";
import { askState, attachOnce, rowsOf } from "./attach.ts";
import { startHeldTeam, type HeldTeam } from "./held-team.ts";
import { drawn, type Drawn } from "./terminal-model.ts";
import { outputFile } from "./tiny-agent.ts";

const floor = "the state, painting nothing";
const half = "attach, to its first paint: the median of 20";
const slowest = "the slowest of 20";
const agents = 20;
const bytes = 10 * 2 ** 20;
const drawnMs = 600_000;

/** The last row that an agent writes. */
const lastRow = (index: number): string => `agent ${index} has written all`;

/**
 * A figure counts only if every screen equals the drawing of the same bytes by a bare terminal model, colours
 * included.
 */
export const heldAgentsScreen: Measurement = {
  name: "held-agents-screen",
  title: `Attaching to ${agents} held programs that wrote 10 MB each, from the connection to the first paint`,
  unit: "ms",
  floor,
  bounds: { [half]: { figureAtMost: 50 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { gatehouse } = built.value;
    const frames = syntheticOutput(bytes);
    const prepareFolder = (folder: string, index: number) => writeOutput(frames, folder, index);
    const team = await startHeldTeam({ gatehouse, count: agents, prepareFolder });
    try {
      const startedAt = performance.now();
      await untilDrawn(team);
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      const expected = await Promise.all(team.claudeHome.folders.map(expectedIn));
      return { ok: true, value: { ...attachments(team, expected, seconds), dispose: team.dispose } };
    } catch (error) {
      await team.dispose();
      throw error;
    }
  },
};

/** Writes the same frames for each agent, from a different start, so that all screens differ. */
const writeOutput = async (frames: readonly string[], folder: string, index: number): Promise<void> => {
  const first = index * 100;
  const output = [...frames.slice(first), ...frames.slice(0, first)].join("");
  await writeFile(join(folder, outputFile), `${output}${lastRow(index)}`);
};

const expectedIn = async (folder: string): Promise<Drawn> =>
  drawn(await readFile(join(folder, outputFile), "utf8"));

const untilDrawn = async ({ agents: held }: HeldTeam): Promise<void> => {
  const deadline = performance.now() + drawnMs;
  for (const [index, { socket }] of held.entries())
    while (!(await rowsOf(socket)).includes(lastRow(index))) {
      if (performance.now() > deadline) throw new Error(`agent ${index} has not written all`);
      await after(100);
    }
};

/** Attaches to each agent once: returns the times, or the agent whose screen is wrong. */
const attachToAll = async (
  { agents: held }: HeldTeam,
  expected: readonly Drawn[],
): Promise<{ readonly times: readonly number[]; readonly wrong: string | null }> => {
  const times: number[] = [];
  let wrong: string | null = null;
  for (const [index, { socket }] of held.entries()) {
    const { paint, ms } = await attachOnce(socket);
    times.push(ms);
    const [shown, rows] = [await drawn(paint), await rowsOf(socket)];
    if (shown.styled !== expected[index]?.styled) wrong ??= `agent ${index} is painted otherwise`;
    if (rows.join("\n") !== expected[index]?.rows.join("\n")) wrong ??= `agent ${index} has other rows`;
  }
  return { times, wrong };
};

const attachments = (team: HeldTeam, expected: readonly Drawn[], seconds: number) => {
  let last: Awaited<ReturnType<typeof attachToAll>> = { times: [], wrong: "nothing was attached" };
  let most = 0;
  let first: readonly number[] | null = null;
  const figure = (pick: (times: readonly number[]) => number): Figure =>
    last.wrong === null ? { ok: true, value: pick(last.times) } : { ok: false, error: last.wrong };
  const states: Contender = {
    name: floor,
    run: async () => {
      const times: number[] = [];
      for (const { socket } of team.agents) times.push(await askState(socket));
      return { ok: true, value: median(times) };
    },
  };
  const attach: Contender = {
    name: half,
    run: async () => {
      last = await attachToAll(team, expected);
      first ??= last.times;
      most = Math.max(most, ...last.times);
      return figure(median);
    },
  };
  return {
    contenders: [states, attach],
    derived: [{ name: slowest, from: () => (last.wrong === null ? Math.max(...last.times) : undefined) }],
    notes: () => [
      `Every screen was as a bare terminal model draws the same bytes, text and colours, in each round that has a figure. All ${agents} had written their 10 MB, and drawn them, ${seconds} s after the last was started. The first attachment to each, before the rounds: ${median(first ?? [0]).toFixed(1)} ms, the slowest ${Math.max(...(first ?? [0])).toFixed(1)} ms. The slowest of all rounds: ${most.toFixed(1)} ms.`,
    ],
  };
};
