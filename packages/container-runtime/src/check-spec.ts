import { type Cannot, isRequired, unmetBy } from "./abilities.ts";
import type { WorkloadSpec } from "./workload-spec.ts";
import type { RuntimeError } from "./runtime-result.ts";

/** The abilities that a process lacks: it sees the machine as its account does. */
export const cannotByProcess: Cannot = {
  image: "A process runs the machine's own programs.",
  network: "A process has the machine's network.",
  cpus: "A process of the machine gets no share of its own.",
  memoryMb: "A process of the machine gets no share of its own.",
  pids: "A process of the machine gets no share of its own.",
  mountTargets: "A process sees each folder where the machine has it.",
  readOnlyMounts: "A process cannot be kept from writing to a folder: give each mount --rw.",
};

/**
 * The reason why no process can be started for this spec; null if there is none. A process sees the machine's
 * own files: nothing can be mounted at another place, or made read-only for it.
 */
export const unsupportedByProcesses = (spec: WorkloadSpec): RuntimeError | null => {
  const { folder, mounts } = spec;
  const wrong = malformed(spec);
  if (wrong !== null) return wrong;
  const kept = mounts.find(({ isReadOnly }) => isReadOnly);
  if (kept !== undefined)
    return unsupported(
      `The agent is only to read ${kept.source}, and a process cannot be kept from writing there.`,
      "Allow it to write there, or use a runtime with containers.",
    );
  const moved = mounts.find(({ source, target }) => source !== target && source !== folder);
  if (moved !== undefined)
    return unsupported(
      `A process sees ${moved.source} there, and not at ${moved.target}.`,
      "Mount it at its own path, or use a runtime with containers.",
    );
  const unmet = unmetBy(spec, cannotByProcess).find(({ ability }) => isRequired(ability));
  return unmet === undefined ? null : unsupported(unmet.reason, "Use a runtime with containers.");
};

/** The reason why no runtime can start this spec: a name or a text in it is malformed. Null if there is none. */
export const malformed = ({ command, env, account }: WorkloadSpec): RuntimeError | null => {
  const [program] = command;
  if (program === "" || program.startsWith("-"))
    return unsupported(`"${program}" is no program.`, "Name the program by its path.");
  const texts = [...command, ...Object.values(env)];
  if (texts.some((text) => text.includes("\0")))
    return unsupported("An argument or a variable has a zero byte in it.");
  const wrongName = Object.keys(env).find((name) => !/^(?!__gate_)[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrongName !== undefined) return unsupported(`"${wrongName}" is no name of a variable.`);
  if (account !== null && !/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(account))
    return unsupported(`"${account}" is no name of an account.`);
  return null;
};

export const unsupported = (message: string, fix?: string): RuntimeError => ({
  code: "unsupported",
  message,
  ...(fix === undefined ? {} : { fix }),
});
