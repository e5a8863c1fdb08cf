import { contender, type Contender, type Measurement } from "../measurement.ts";
import { countsOf, growth, leaseMs, spanOf, type Growth, type IdleCost } from "./growth.ts";

/** A row whose figures are measured once: sessions of two hosts on one PostgreSQL, whose agents are Pods. */
const measuredOnce = (
  { name, title, unit, floor }: Pick<Measurement, "floor" | "name" | "title" | "unit">,
  figuresOf: (growth: Growth) => readonly Contender[],
): Measurement => ({
  name,
  title,
  unit,
  floor,
  rounds: { full: 1, quick: 1 },
  prepare: async (context) => {
    const grown = await growth(context);
    return grown.ok ? { ok: true, value: figuresOf(grown.value) } : grown;
  },
});

const [few, many] = ["a session of the few", "a session of the many"];

const figure = (name: string, value: number): Contender => contender(name, () => Promise.resolve(value));

/** Idle sessions ask the API server for nothing, beside the watch. */
const ifUnasked = ({ requests }: IdleCost, one: Contender): Contender =>
  Object.keys(requests).length === 0
    ? one
    : {
        name: one.name,
        run: () => Promise.resolve({ ok: false, error: `asked: ${JSON.stringify(requests)}` }),
      };

const counts = countsOf({ quick: false });
const of = `of ${counts.join(" and then ")} (with --quick ${countsOf({ quick: true }).join(" and then ")})`;

/** The costs of sessions of two hosts on one PostgreSQL, whose agents are Pods of a cluster in memory. */
export const pods: readonly Measurement[] = [
  measuredOnce(
    {
      name: "pods-cpu",
      unit: "ms",
      floor: few,
      title: `CPU time of two hosts in one second without messages, for a session ${of}, over ${spanOf({ quick: false }) / 1000} s`,
    },
    ({ costs: [none, some, all] }) => [
      ifUnasked(some, figure(few, (some.cpuMs - none.cpuMs) / some.sessions)),
      ifUnasked(all, figure(many, (all.cpuMs - none.cpuMs) / all.sessions)),
    ],
  ),
  measuredOnce(
    {
      name: "pods-start",
      unit: "ms",
      floor: few,
      title: `CPU time of a session's start and first answer, ${of}`,
    },
    ({ costs: [, some, all] }) => [figure(few, some.startMs), figure(many, all.startMs)],
  ),
  measuredOnce(
    { name: "pods-memory", unit: "KB", floor: few, title: `Memory of two hosts (PSS), for a session ${of}` },
    ({ costs: [none, some, all] }) => [
      figure(few, (some.memoryKb - none.memoryKb) / some.sessions),
      figure(many, (all.memoryKb - none.memoryKb) / all.sessions),
    ],
  ),
  measuredOnce(
    {
      name: "pods-takeover",
      unit: "ms",
      floor: "a lease",
      title:
        "From the last renewal by a host that was killed to the lease of the other host, and from the kill to the answers",
    },
    ({ takeover }) => [
      figure("a lease", leaseMs),
      figure("the other host's lease", leaseMs + takeover.lateMs),
      figure("the answer from its Pod", takeover.answerMs),
    ],
  ),
];
