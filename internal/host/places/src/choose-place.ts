import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import type { Ask, ChosenPlace, PlaceRow, RuntimeFlags } from "./chosen-place.ts";
import { factsOf, placeFacts, type PlaceName } from "./facts.ts";
import { engineRow } from "./local/engine-row.ts";
import { bestFailure, engineNames } from "./local/find-engine.ts";
import { processRow } from "./local/process-row.ts";
import { sandboxRow } from "./local/sandbox-row.ts";
import { podsRow } from "./pod/pods-row.ts";
import { readKeptRuntime, sentence, type RuntimeInUse } from "./runtime-in-use.ts";

/** The places of a host. To add one, add a row here and its facts. */
const rows: Readonly<Record<PlaceName, PlaceRow>> = {
  docker: engineRow("docker"),
  podman: engineRow("podman"),
  sandbox: sandboxRow,
  process: processRow,
  kubernetes: podsRow,
};

const placeNames = Object.keys(placeFacts) as PlaceName[];

/** The values of `--runtime`. */
export const runtimeNames: readonly string[] = ["auto", ...placeNames];

/** The environment variable that names the OCI runtime of agents' containers, such as `runsc`. */
const ociRuntimeVariable = "GATEHOUSE_OCI_RUNTIME";

/** Which places are looked at, by what is asked and kept. The first row that fits counts, and in it the first place where agents can start. */
const choices: readonly {
  readonly when: (ask: Ask) => boolean;
  readonly places: (ask: Ask) => readonly PlaceName[];
  /** Why there is none. Default: the most useful failure. */
  readonly none?: (failures: readonly Failure[]) => Failure;
}[] = [
  // The operator names one.
  { when: ({ isAuto }) => !isAuto, places: ({ flags }) => named(flags.runtime) },
  // The operator names something that engines alone have.
  {
    when: ({ flags, ociRuntime, kept }) =>
      flags.engineSocket !== undefined ||
      (ociRuntime !== undefined && (kept === null || factsOf(kept.name)?.at === "machine")),
    places: () => engineNames,
  },
  { when: ({ kept }) => kept !== null, places: ({ kept }) => named(kept?.name) },
  // Processes and Pods are only where the operator has named them.
  { when: () => true, places: () => [...engineNames, "sandbox"], none: (failures) => noIsolation(failures) },
];

const named = (name: string | undefined): readonly PlaceName[] => placeNames.filter((each) => each === name);

/**
 * Chooses the place of agents. `auto` means the kept choice. Without one, it takes the first engine that runs here and has
 * the agents' image, else sandboxes. The notes name the choice.
 *
 * A kept place where no agent can start is still the choice: agents wait for it. Fails if another named place cannot be used,
 * if no engine accepts the named OCI runtime, or if `auto` finds no isolation.
 */
export const chooseRuntime = async (
  flags: RuntimeFlags,
  env: Environment,
  version: string,
  kept: RuntimeInUse | null,
): Promise<Result<ChosenPlace, Failure>> => {
  const { runtime = "auto" } = flags;
  if (!runtimeNames.includes(runtime))
    return fail({
      code: "unknown-runtime",
      message: `There is no runtime "${runtime}".`,
      fix: `choose one of: ${runtimeNames.join(", ")}`,
    });
  const ask = { flags, env, version, kept, isAuto: runtime === "auto" };
  return choose({ ...ask, ociRuntime: env[ociRuntimeVariable] || undefined });
};

const choose = async (ask: Ask): Promise<Result<ChosenPlace, Failure>> => {
  const choice = choices.find(({ when }) => when(ask));
  const places = choice?.places(ask) ?? [];
  const wrong = flagProblem(ask.flags, places);
  if (wrong !== null) return fail(wrong);
  const failures: Failure[] = [];
  let waiting: ChosenPlace | null = null;
  for (const name of places) {
    const looked = await rows[name].look(ask);
    if (looked.ok) return ok(withOthers(looked.value, failures));
    failures.push(looked.error);
    if (ask.kept?.name === name) waiting = looked.waiting && waitingFor(looked.waiting, looked.error);
  }
  if (waiting !== null) return ok(waiting);
  return fail((choice?.none ?? bestFailure)(failures));
};

/** Why the flags do not fit: one is about other places than these. */
const flagProblem = (flags: RuntimeFlags, places: readonly PlaceName[]): Failure | null => {
  const has = (name: PlaceName, flag: string): boolean => rows[name].flags.some((each) => each === flag);
  for (const [flag, value] of Object.entries(flags)) {
    const owners = placeNames.filter((name) => has(name, flag));
    if (value === undefined || owners.length === 0 || owners.some((name) => places.includes(name))) continue;
    const option = flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return { code: "usage", message: `--${option} goes with --runtime ${owners.join(" or ")}.` };
  }
  return null;
};

const waitingFor = (place: ChosenPlace, failure: Failure): ChosenPlace => ({
  ...place,
  notes: [`Agents wait, and their messages are kept: ${sentence(failure)}`],
});

/** Says why no engine was taken. A Podman that is only installed is no sign that its operator wants containers. */
const withOthers = (place: ChosenPlace, before: readonly Failure[]): ChosenPlace => {
  if (placeFacts[place.name].isolation === "container") return place;
  const running = before.filter(({ code }) => !["engine-unavailable", "engine-silent"].includes(code));
  return { ...place, notes: [...place.notes, ...running.map(sentence)] };
};

const noIsolation = (failures: readonly Failure[]): Failure => {
  const engines = failures.slice(0, -1).filter(({ code }) => code !== "engine-unavailable");
  const { message = "", fix = "use containers of Docker or Podman" } = failures.at(-1) ?? {};
  const here = "Agents run neither in a sandbox nor in a container here.";
  return {
    code: "no-isolation",
    message: [here, message, ...engines.map(sentence)].join(" "),
    fix: `${fix}; or gatehouse up --runtime process, which gives agents all rights of their account`,
  };
};

/**
 * Chooses with the choice that a data folder keeps. If that cannot be read, only a place that the operator names is
 * chosen.
 */
export const chooseForFolder = async (
  flags: RuntimeFlags,
  env: Environment,
  version: string,
  dataDir: string,
): Promise<Result<ChosenPlace, Failure>> => {
  const kept = await readKeptRuntime(dataDir);
  if (!kept.ok && (flags.runtime ?? "auto") === "auto") return kept;
  return chooseRuntime(flags, env, version, kept.ok ? kept.value : null);
};
