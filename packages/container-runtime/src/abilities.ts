import type { WorkloadSpec } from "./workload-spec.ts";

/** An ability that a spec may need and that a runtime may lack. */
export type Ability = "image" | "network" | "cpus" | "memoryMb" | "pids" | "mountTargets" | "readOnlyMounts";

/** The abilities that a runtime lacks, each with the reason: a sentence for a person. */
export type Cannot = Readonly<Partial<Record<Ability, string>>>;

/** An ability that a spec needs and its runtime lacks. */
export type Unmet = { readonly ability: Ability; readonly reason: string };

type Row = {
  readonly asks: (spec: WorkloadSpec) => boolean;
  /**
   * True if a workload must not start without it: it would be another program, or reach further than it
   * should.
   */
  readonly isRequired: boolean;
};

/** Each ability, and the specs that need it. */
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

/** The abilities that a spec needs and its runtime lacks, in the order of the table. */
export const unmetBy = (spec: WorkloadSpec, cannot: Cannot): readonly Unmet[] =>
  abilities.flatMap((ability) => {
    const reason = cannot[ability];
    return reason !== undefined && rows[ability].asks(spec) ? [{ ability, reason }] : [];
  });

/** True if a workload must not start without this ability. */
export const isRequired = (ability: Ability): boolean => rows[ability].isRequired;
