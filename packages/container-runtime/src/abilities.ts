import type { WorkloadSpec } from "./workload-spec.ts";

/** What a spec may ask of a runtime, and not every runtime can do. */
export type Ability = "image" | "network" | "cpus" | "memoryMb" | "pids" | "mountTargets" | "readOnlyMounts";

/** What a runtime cannot do, each with the reason: a sentence for a person. */
export type Cannot = Readonly<Partial<Record<Ability, string>>>;

/** Something that a spec asks for and its runtime cannot do. */
export type Unmet = { readonly ability: Ability; readonly reason: string };

type Row = {
  readonly asks: (spec: WorkloadSpec) => boolean;
  /** Without it the workload would be another one, or reach further than it should: it is not started. */
  readonly isRequired: boolean;
};

/** Each ability, and when a spec asks for it. */
const rows: Readonly<Record<Ability, Row>> = {
  image: { asks: ({ image }) => image !== null, isRequired: true },
  network: { asks: ({ network }) => network !== "open", isRequired: true },
  cpus: { asks: ({ cpus }) => cpus !== null, isRequired: false },
  memoryMb: { asks: ({ memoryMb }) => memoryMb !== null, isRequired: false },
  pids: { asks: ({ pids }) => pids !== null, isRequired: false },
  mountTargets: {
    asks: ({ mounts, folder }) => mounts.some(({ source, target }) => source !== target && source !== folder),
    isRequired: true,
  },
  readOnlyMounts: { asks: ({ mounts }) => mounts.some(({ isReadOnly }) => isReadOnly), isRequired: true },
};

/** All abilities. */
export const abilities: readonly Ability[] = Object.keys(rows) as Ability[];

/** What a spec asks for and its runtime cannot do, in the order of the table. */
export const unmetBy = (spec: WorkloadSpec, cannot: Cannot): readonly Unmet[] =>
  abilities.flatMap((ability) => {
    const reason = cannot[ability];
    return reason !== undefined && rows[ability].asks(spec) ? [{ ability, reason }] : [];
  });

/** Whether a workload is not started where this is unmet. */
export const isRequired = (ability: Ability): boolean => rows[ability].isRequired;
