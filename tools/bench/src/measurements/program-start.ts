import { timeProcess } from "../host/time-process.ts";
import type { Bound, Contender, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

const floor = "node -e 0";

/** Compares the start of each program with one flag to Node's own. */
const programStart = (flag: "--version" | "--help", bound: Bound | null): Measurement => {
  const built = builtPrograms();
  const programs = built.ok ? Object.entries(built.value) : [];
  const bounds = programs.map(([program]) => [`${program} ${flag}`, bound]);
  return {
    name: `start-${flag.slice(2)}`,
    title: `Each program with ${flag}, from its start to its end`,
    unit: "ms",
    floor,
    bounds: bound === null ? {} : Object.fromEntries(bounds),
    rounds: { full: 30, quick: 10 },
    prepare: async () => {
      if (!built.ok) return built;
      const contenders = programs.map(([program, bin]): Contender => ({
        name: `${program} ${flag}`,
        run: async () => timeProcess([bin, flag]),
      }));
      return {
        ok: true,
        value: { contenders: [{ name: floor, run: async () => timeProcess(["-e", "0"]) }, ...contenders] },
      };
    },
  };
};

/** A command loads only its own modules, so the version needs almost none. */
export const startForVersion: Measurement = programStart("--version", { atMost: 1.5 });

/** The remaining time is for commander and the definitions of the flags. */
export const startForHelp: Measurement = programStart("--help", null);
