import type { WorkloadSpec } from "./workload-spec.ts";
import type { RuntimeError } from "./runtime-result.ts";

/** An ability that a spec may need and that a runtime may lack. */
export type Ability = "image" | "network" | "cpus" | "memoryMb" | "pids" | "mountTargets" | "readOnlyMounts";

/** The abilities that a runtime lacks, each with the reason: a sentence for a person. */
export type Cannot = Readonly<Partial<Record<Ability, string>>>;

/** An ability that a spec needs and its runtime lacks. */
export type Unmet = { readonly ability: Ability; readonly reason: string };

type Row = {
  readonly asks: (spec: WorkloadSpec) => boolean;
  /** True if a workload must not start without it: the program or its isolation would differ. */
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

/** The abilities that a process lacks: it sees the machine exactly as its account does. */
export const cannotByProcess: Cannot = {
  image: "A process runs the machine's own programs.",
  network: "A process has the machine's network.",
  cpus: "A process of the machine gets no share of its own.",
  memoryMb: "A process of the machine gets no share of its own.",
  pids: "A process of the machine gets no share of its own.",
  mountTargets: "A process sees each folder where the machine has it.",
  readOnlyMounts: "A process cannot be kept from writing to a folder: no mount can be read-only.",
};

/**
 * The error if no process can be started for this spec; null if one can. A process sees the machine's
 * own files: no folder can be mounted at another path, or made read-only for it.
 */
export const unsupportedByProcesses = (spec: WorkloadSpec): RuntimeError | null => {
  const { folder, mounts } = spec;
  const wrong = malformed(spec);
  if (wrong !== null) return wrong;
  const kept = mounts.find(({ isReadOnly }) => isReadOnly);
  if (kept !== undefined)
    return unsupported(
      `The mount ${kept.source} is read-only, and a process cannot be kept from writing there.`,
      "Allow it to write there, or use a runtime with containers.",
    );
  const moved = mounts.find(({ source, target }) => source !== target && source !== folder);
  if (moved !== undefined)
    return unsupported(
      `A process sees ${moved.source} at that path, and not at ${moved.target}.`,
      "Mount it at its own path, or use a runtime with containers.",
    );
  const unmet = unmetBy(spec, cannotByProcess).find(({ ability }) => isRequired(ability));
  return unmet === undefined ? null : unsupported(unmet.reason, "Use a runtime with containers.");
};

/** The error for a spec with a malformed name or text, which no runtime can start. Null for a valid spec. */
export const malformed = ({ command, env, account }: WorkloadSpec): RuntimeError | null => {
  const [program] = command;
  if (program === "" || program.startsWith("-"))
    return unsupported(`"${program}" is not a program.`, "Name the program by its path.");
  const texts = [...command, ...Object.values(env)];
  if (texts.some((text) => text.includes("\0")))
    return unsupported("An argument or a variable has a zero byte in it.");
  const wrongName = Object.keys(env).find((name) => !/^(?!__gate_)[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrongName !== undefined) return unsupported(`"${wrongName}" is not a name of a variable.`);
  if (account !== null && !/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(account))
    return unsupported(`"${account}" is not a name of an account.`);
  return null;
};

/** An `unsupported` error: the message says what the runtime cannot do. */
export const unsupported = (message: string, fix?: string): RuntimeError => ({
  code: "unsupported",
  message,
  ...(fix === undefined ? {} : { fix }),
});
