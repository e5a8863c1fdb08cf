import { runBareScript } from "../claude/bare-script.ts";
import type { ClaudeCli } from "../claude/find-cli.ts";
import { makeWorld, type World } from "../claude/world.ts";
import { preflight, preflightBatch } from "../competitors/preflight.ts";
import type { Figure, Measurement } from "../measurement.ts";

const unguarded = "unguarded";
const oneAtATime = "Enter to lock gone, times the folders";
const floor = "the larger of the two";

type Lost = { [name: string]: number };

/** New HOME and folders; counts what is missing from the state file once all is over. */
const timed = async (
  count: number,
  work: (world: World) => Promise<unknown>,
  onLost: (folders: number) => void,
): Promise<number> => {
  const world = await makeWorld(count);
  const startedAt = performance.now();
  await work(world);
  const value = performance.now() - startedAt;
  onLost(world.folders.filter((folder) => !world.isTrusted(folder)).length);
  await world.dispose();
  return value;
};

/**
 * The same processes, started at once, each with the bare script and no regard for the others. Each ends when it saw
 * its own trust on disk, or its composer, whatever became of its entry later.
 */
const runUnguarded = (cli: ClaudeCli) => (world: World) =>
  Promise.all(
    world.folders.map((folder) => runBareScript(cli, world, folder, (program) => program.isStarted())),
  );

/** What the CLI itself takes to commit one folder, alone, for each of them. */
const commits = async (cli: ClaudeCli, count: number): Promise<Figure> => {
  const world = await makeWorld(1);
  const run = await runBareScript(cli, world, world.folders[0] ?? "");
  await world.dispose();
  return run.ok ? { ok: true, value: run.value.commitMs * count } : run;
};

const manyFolders = (count: number, atMost: number, rounds: Measurement["rounds"]): Measurement => ({
  name: `${count}-folders`,
  title: `${count} new folder${count === 1 ? "" : "s"} of one HOME at once, from the first spawn until the last process has ended`,
  unit: "ms",
  floor,
  bounds: { [preflight.name]: { atMost } },
  rounds,
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    const lost: Lost = { [unguarded]: 0 };
    const batch = async (): Promise<Figure> => {
      let missing = 0;
      const value = await timed(
        count,
        (world) => preflightBatch(cli.value, world),
        (folders) => (missing = folders),
      );
      return missing === 0 ? { ok: true, value } : { ok: false, error: `${missing} folders lost` };
    };
    const free = async (): Promise<Figure> => {
      const onLost = (folders: number) => (lost[unguarded] = (lost[unguarded] ?? 0) + folders);
      return { ok: true, value: await timed(count, runUnguarded(cli.value), onLost) };
    };
    return {
      ok: true,
      value: {
        contenders: [
          { name: unguarded, run: free },
          { name: oneAtATime, run: () => commits(cli.value, count) },
          { name: preflight.name, run: batch },
        ],
        derived: [
          {
            name: floor,
            from: (figures) => {
              const [free, turns] = [figures.get(unguarded), figures.get(oneAtATime)];
              return free === undefined || turns === undefined ? undefined : Math.max(free, turns);
            },
          },
        ],
        notes: () => [`Folders lost by unguarded processes, first round included: ${lost[unguarded]}.`],
      },
    };
  },
});

export const atOnce: readonly Measurement[] = [
  manyFolders(1, 1.15, { full: 15, quick: 3 }),
  manyFolders(4, 1.1, { full: 10, quick: 2 }),
  manyFolders(16, 1.1, { full: 7, quick: 2 }),
];
