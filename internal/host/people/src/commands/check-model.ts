import process from "node:process";
import { log } from "@clack/prompts";
import { modelChecker } from "@gatehouse/agent-clis";
import { readCentral, type CentralPlace } from "@gatehouse/central-database";
import type { Io } from "@gatehouse/cli-kit";
import { withOwnersRights } from "@gatehouse/data-folder";
import { ok, type Result, visible } from "@gatehouse/std";
import type { Answers } from "@nc/user-wizard";
import { thisMachine } from "@nc/user-wizard/node";
import { askForPerson, providersOfGroups, type ModelSaid } from "../persons-models.ts";
import { agree, askAgain, entryOf } from "./ask-answers.ts";
import { cancelled } from "./complete-answers.ts";
import { ended, type Ended } from "./ended.ts";
import type { Ready } from "./get-ready.ts";

/** A sentence about the model of a new entry, with a code for scripts. */
export type ModelWarning = {
  readonly code: "model-unknown" | "model-unchecked";
  readonly message: string;
};

/** Answers whose model was checked; `warning` is null if the CLI knows it. */
export type CheckedAnswers = { readonly answers: Answers; readonly warning: ModelWarning | null };

/**
 * Asks the CLI of the person's backend about their model. At a terminal, the person is asked about an unknown name:
 * save it, or type another one. Elsewhere it is refused without `--any-model`. A model that is in the entry already, or
 * is inherited, is never refused.
 */
export const checkAnswers = async (
  ready: Ready,
  answers: Answers,
  { database }: Pick<CentralPlace, "database">,
  io: Io,
): Promise<Result<CheckedAnswers, Ended>> => {
  const { flags, host, service, set, isTerminal } = ready;
  const model = answers.model ?? set.defaults.model;
  if (model === null) return ok({ answers, warning: null });
  const said = await ask(ready, model, answers, { dataDir: host.data, database }, io.env);
  const warning = warningOf(model, said);
  const isRefused = said.state === "unknown" && isNew(ready, answers) && flags.anyModel !== true;
  if (!isRefused || warning === null) return ok({ answers, warning });
  if (!isTerminal)
    return ended("refused", {
      ...warning,
      fix: "correct --model, or add --any-model if the provider has it",
    });
  log.warn(warning.message, { output: process.stderr });
  const agreed = await agree("Save it all the same?", io.signal);
  if (agreed === "cancelled") return ended("cancelled", cancelled);
  if (agreed === "yes") return ok({ answers, warning });
  const again = await askAgain("model", answers, {
    machine: thisMachine,
    set,
    service,
    others: [],
    isBrief: false,
    base: io.cwd,
    signal: io.signal,
  });
  if (again === null) return ended("cancelled", cancelled);
  return checkAnswers(ready, again, { database }, io);
};

/** True if the model was typed, and is not in the entry for the same backend already. */
const isNew = ({ set }: Ready, answers: Answers): boolean => {
  const { model = null, agent_backend: backend = null } = answers;
  const there = entryOf(set, answers);
  return model !== null && !(there?.model === model && there.agent_backend === backend);
};

const warningOf = (model: string, said: ModelSaid): ModelWarning | null => {
  if (said.state === "known") return null;
  if (said.state === "unknown") return { code: "model-unknown", message: said.message };
  const message = `The model ${JSON.stringify(model)} was not checked: ${said.why}.`;
  return { code: "model-unchecked", message: visible(message) };
};

const ask = async (
  { service, set }: Ready,
  model: string,
  { agent_backend: own }: Answers,
  place: CentralPlace,
  env: Io["env"],
): Promise<ModelSaid> => {
  const { uid } = thisMachine;
  const backend = own ?? set.defaults.agent_backend;
  // The data folder of the host may have the CLI, and its account may put any program there.
  if (uid !== 0 && uid !== service.uid)
    return { state: "unasked", why: `only root and the account ${service.name} ask the CLI` };
  const account = uid === service.uid ? {} : { as: { uid: service.uid, gid: service.gid } };
  const checkModel = modelChecker({ dataDir: place.dataDir, env, ...account });
  const providers = backend === null ? await providersIn(place) : [backend];
  if (providers === null) return { state: "unasked", why: "the groups of the host cannot be read" };
  return askForPerson(model, providers, checkModel);
};

/** The providers of the groups; null if the database cannot be read. */
const providersIn = async (place: CentralPlace): Promise<readonly string[] | null> => {
  const read = await withOwnersRights(place.dataDir, () => readCentral(place, providersOfGroups));
  return read.ok ? (read.value ?? ["claude"]) : null;
};

/** The line for a warning; none without one. */
export const modelLines = (warning: ModelWarning | null): readonly string[] =>
  warning === null ? [] : [`warning: ${warning.message}`];
