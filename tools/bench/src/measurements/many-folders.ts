import { runBareScript } from "../claude/bare-script.ts";
import type { ClaudeCli } from "../claude/find-cli.ts";
import { makeWorld, type World } from "../claude/world.ts";
import { preflight, preflightBatch } from "../competitors/preflight.ts";
import type { Derived, Figure, Measurement } from "../measurement.ts";

const unguarded = "unguarded";
const oneAtATime = "Enter to lock gone, times the folders";

/** The floor: the CPU and the CLI's own commit allow no higher speed. */
const larger: Derived = {
  name: "the larger of the two",
  from: (figures) => {
    const [free, turns] = [figures.get(unguarded), figures.get(oneAtATime)];
    return free === undefined || turns === undefined ? undefined : Math.max(free, turns);
  },
};

/**
 * The time of the work with new folders of one new HOME, and the number of folders that are not on disk at the end.
 */
const timed = async (count: number, work: (world: World) => Promise<unknown>) => {
  const world = await makeWorld(count);
  const startedAt = performance.now();
  await work(world);
  const value = performance.now() - startedAt;
  const lost = world.folders.filter((folder) => !world.isTrusted(folder)).length;
  await world.dispose();
  return { value, lost };
};

/**
 * The same processes, started at once, each with the bare script and without coordination. Each ends when it has seen
 * its own trust on disk, or its composer, even if its entry is lost later.
 */
const runUnguarded = (cli: ClaudeCli, world: World) =>
  Promise.all(
    world.folders.map((folder) => runBareScript(cli, world, folder, (program) => program.isStarted())),
  );

/** A commit takes 35 ms or 190 ms (2.1.328, by chance), so a single one means little. */
const commitRuns = 3;

/** The CLI's own time to commit one folder alone, once for each folder: from the Enter until its lock is gone. */
const commits = async (cli: ClaudeCli, count: number): Promise<Figure> => {
  let sum = 0;
  for (let run = 0; run < commitRuns; run += 1) {
    const world = await makeWorld(1);
    const done = await runBareScript(cli, world, world.folders[0] ?? "");
    await world.dispose();
    if (!done.ok) return done;
    sum += done.value.commitMs;
  }
  return { ok: true, value: (sum / commitRuns) * count };
};

const batch = async (cli: ClaudeCli, count: number): Promise<Figure> => {
  let said = "";
  const { value, lost } = await timed(count, async (world) => {
    const done = await preflightBatch(cli, world);
    if (!done.ok) said = done.error;
  });
  return lost === 0 && said === "" ? { ok: true, value } : { ok: false, error: `${lost} lost ${said}` };
};

const manyFolders = (count: number, atMost: number, rounds: Measurement["rounds"]): Measurement => ({
  name: `${count}-folders`,
  title: `New folders of one HOME at once: ${count}, from the first spawn until the last process has ended`,
  unit: "ms",
  floor: larger.name,
  bounds: { [preflight.name]: { atMost } },
  rounds,
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    let lostUnguarded = 0;
    const free = async (): Promise<Figure> => {
      const { value, lost } = await timed(count, (world) => runUnguarded(cli.value, world));
      lostUnguarded += lost;
      return { ok: true, value };
    };
    const contenders = [
      { name: unguarded, run: free },
      { name: oneAtATime, run: () => commits(cli.value, count) },
      { name: preflight.name, run: () => batch(cli.value, count) },
    ];
    const notes = () => [`Lost by the unguarded processes, first round included: ${lostUnguarded} folders.`];
    return { ok: true, value: { contenders, derived: [larger], notes } };
  },
});

export const atOnce: readonly Measurement[] = [
  manyFolders(1, 1.15, { full: 15, quick: 3 }),
  manyFolders(4, 1.1, { full: 11, quick: 2 }),
  manyFolders(16, 1.1, { full: 9, quick: 2 }),
];
