import { existsSync } from "node:fs";
import process from "node:process";
import { cancel, intro, log, note } from "@clack/prompts";
import {
  explain,
  missingAnswers,
  shellCommand,
  type AddError,
  type Answers,
  type UserSet,
} from "@nc/user-wizard";
import {
  addUser,
  findAccount,
  findAccounts,
  journalPath,
  loadUsersFile,
  prepareUser,
  thisMachine,
  type Added,
  type Prepared,
} from "@nc/user-wizard/node";
import { printFailure, printJson, type Failure, type Io } from "@trust/preflight/node";
import type { Result } from "../result.ts";
import { answersOf, flagOf, type AddFlags } from "./add-flags.ts";
import { agree, askAnswers, remark } from "./ask-answers.ts";
import { needsData, placesOf, type HostPlaces } from "./places.ts";
import { reloadHost, type Reloaded } from "./reload-host.ts";
import { renderReport } from "./reload-report.ts";
import { isServiceLabel } from "./restart-command.ts";
import { changesText, entryLines, planText, recoveredText, warningLines } from "./review.ts";

const [done, refused, misused, cancelled] = [0, 1, 2, 130];
const output = process.stderr;

/** Why a run ends before its end. */
type Ended = { readonly exitCode: number; readonly failure: Failure };
const ended = (exitCode: number, failure: Failure): Result<never, Ended> => ({
  ok: false,
  error: { exitCode, failure },
});

/** What is known before anything is asked. */
type Ready = {
  readonly flags: AddFlags;
  readonly given: Answers;
  readonly host: HostPlaces;
  readonly set: UserSet;
  readonly isTerminal: boolean;
};

/** Adds a person: from questions or from flags, with a look at what will be done before it is. Returns the exit code. */
export const addCommand = async (flags: AddFlags, io: Io): Promise<number> => {
  const result = await add(flags, io);
  if (result.ok) return done;
  const { exitCode, failure } = result.error;
  if (exitCode === cancelled && flags.json !== true) cancel(failure.message, { output });
  else printFailure(io, flags.json === true, failure);
  return exitCode;
};

const add = async (flags: AddFlags, io: Io): Promise<Result<null, Ended>> => {
  const ready = await getReady(flags, io);
  if (!ready.ok) return ready;
  const answers = await complete(ready.value, io);
  if (!answers.ok) return answers;
  return flags.dryRun === true
    ? showOnly(ready.value, answers.value, io)
    : carryOut(ready.value, answers.value, io);
};

const getReady = async (flags: AddFlags, io: Io): Promise<Result<Ready, Ended>> => {
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const read = answersOf(flags);
  const misuse = usageProblem(flags, read.ok ? read.value : null, isTerminal, io);
  if (misuse !== null) return ended(misused, misuse);
  if (!read.ok) return ended(refused, { code: "bad-answer", message: read.error.map(explain).join("\n") });
  const odd = oddValue(flags);
  if (odd !== null) return ended(refused, { code: "bad-answer", message: odd });
  const uid = thisMachine.uid;
  if (uid !== 0 && flags.dryRun !== true)
    return ended(refused, { code: "root-needed", message: explain({ code: "root-needed", uid }) });
  const host = await placesOf(flags, io);
  if (!host.ok) return ended(refused, host.error);
  const set = await knownUsers(host.value.places.usersFile);
  if (!set.ok) return ended(refused, set.error);
  return { ok: true, value: { flags, given: read.value, host: host.value, set: set.value, isTerminal } };
};

/** What is no flag, and at no terminal every flag that is missing: all of them at once. */
const usageProblem = (
  flags: AddFlags,
  answers: Answers | null,
  isTerminal: boolean,
  io: Io,
): Failure | null => {
  const said = {
    ...Object.fromEntries(Object.keys(flags.typed).map((key) => [key, "?"])),
    ...answers,
  } as Answers;
  const unsaid = isTerminal ? [] : missingAnswers(said).map(flagOf);
  const missing = [
    ...(needsData(flags, io) ? ["--data"] : []),
    ...unsaid,
    ...(isTerminal || flags.yes === true || flags.dryRun === true ? [] : ["--yes"]),
  ];
  const unknown = flags.unknown.filter((word) => word.startsWith("-"));
  const extra = unknown.length === 0 ? flags.unknown : [];
  const problems = [
    ...listed("No flag of this command: ", unknown),
    ...listed("Answers are given as flags, not as: ", extra),
    ...listed("Missing: ", missing),
  ];
  if (problems.length === 0) return null;
  return { code: "usage", message: problems.join(" "), fix: "gatehouse users add --help" };
};

const listed = (what: string, words: readonly string[]): readonly string[] =>
  words.length === 0 ? [] : [`${what}${words.join(", ")}.`];

const oddValue = ({ reload, serviceLabel = "" }: AddFlags): string | null => {
  if (reload !== undefined && !["ask", "yes", "no"].includes(reload))
    return `--reload must be ask, yes or no; ${reload} is not.`;
  return isServiceLabel(serviceLabel)
    ? null
    : `--service-label must be a label of launchd or a unit of systemd; ${serviceLabel} is not.`;
};

const nobody: UserSet = {
  users: [],
  defaults: { workspace_base: null, model: null, agent_backend: null, max_budget: null },
};

const knownUsers = async (file: string): Promise<Result<UserSet, Failure>> => {
  const loaded = await loadUsersFile(file);
  if (loaded.ok) return loaded;
  const { error } = loaded;
  if (error.code === "users-file-missing") return { ok: true, value: nobody };
  return { ok: false, error: { code: error.code, message: explain(error) } };
};

/** The answers, those that were not given as flags asked for at a terminal. */
const complete = async (ready: Ready, io: Io): Promise<Result<Answers, Ended>> => {
  const { flags, given, host, set, isTerminal } = ready;
  if (!isTerminal) return { ok: true, value: given };
  intro("Add a person", { output });
  if (existsSync(journalPath(host.places.usersFile)))
    remark("An earlier run was interrupted. It is finished or undone before anything else is done.");
  const against = await accountsOf(ready);
  if (!against.ok) return against;
  const asking = {
    machine: thisMachine,
    set,
    ...against.value,
    isBrief: flags.yes === true,
    signal: io.signal,
  };
  const answers = await askAnswers(asking, given);
  return answers === null ? notChanged(cancelled) : { ok: true, value: answers };
};

const notChanged = (exitCode: number): Result<never, Ended> =>
  ended(exitCode, { code: "cancelled", message: "Cancelled: nothing was changed." });

const accountsOf = async ({ host: { places }, set }: Ready) => {
  const service = await findAccount(thisMachine, places.service);
  if (!service.ok) return ended(refused, { code: service.error.code, message: explain(service.error) });
  if (service.value === null) {
    const error = { code: "unknown-service", service: places.service } as const;
    return ended(refused, { code: error.code, message: explain(error) });
  }
  const names = set.users.flatMap(({ os_user: name }) => (name === null ? [] : [name]));
  const others = await findAccounts(thisMachine, names);
  if (!others.ok) return ended(refused, { code: others.error.code, message: explain(others.error) });
  return { ok: true, value: { service: service.value, others: others.value } } as const;
};

/** The code of what is wrong, where it is one thing. */
const codeOf = (error: AddError): string =>
  error.code === "refused" && error.refusals.length === 1 ? error.refusals[0]!.code : error.code;

const showOnly = async (ready: Ready, answers: Answers, io: Io): Promise<Result<null, Ended>> => {
  const { flags, host, set } = ready;
  const prepared = await prepareUser(thisMachine, { places: host.places, answers });
  if (!prepared.ok) return ended(refused, { code: codeOf(prepared.error), message: explain(prepared.error) });
  const { plan } = prepared.value;
  const status = plan.steps.length === 0 ? "nothing-to-do" : "would-add";
  if (flags.json) printJson(io, { ok: true, status, ...documentOf(prepared.value) });
  else if (status === "nothing-to-do")
    io.stdout.write("Everything is there already: nothing would be done.\n");
  else
    io.stdout.write(
      `${entryLines(plan.user, set.defaults)}\n\n${planText(prepared.value)}\nNothing was changed.\n`,
    );
  return { ok: true, value: null };
};

const documentOf = ({ plan, warnings }: Prepared) => ({
  user: plan.user,
  steps: plan.steps,
  diff: plan.diff,
  warnings: warnings.map((warning) => ({ ...warning, message: explain(warning) })),
});

const carryOut = async (ready: Ready, answers: Answers, io: Io): Promise<Result<null, Ended>> => {
  const { flags, host, set, isTerminal } = ready;
  let isCancelled = false;
  const review = async (prepared: Prepared): Promise<boolean> => {
    if (isTerminal) {
      note(entryLines(prepared.plan.user, set.defaults), "The new entry", { output });
      log.message(changesText(prepared).split("\n"), { output });
    }
    if (flags.yes === true) return true;
    const agreed = await agree("Do this?", io.signal);
    isCancelled = agreed === "cancelled";
    return agreed === "yes";
  };
  const added = await addUser(thisMachine, { places: host.places, answers, review });
  if (!added.ok) return ended(refused, { code: codeOf(added.error), message: explain(added.error) });
  const { status } = added.value;
  if (status === "declined") return notChanged(isCancelled ? cancelled : refused);
  const reloaded = await reloadHost(
    { ...flags, data: host.data, file: host.places.usersFile, isTerminal },
    io,
  );
  return finish(added.value, reloaded, flags, io);
};

const finish = (
  added: Added,
  reloaded: Result<Reloaded, Failure>,
  flags: AddFlags,
  io: Io,
): Result<null, Ended> => {
  const { plan, status, recovered, warnings } = added;
  const { name, telegram_id: id } = plan.user;
  const happened =
    status === "added"
      ? `Added ${name} (telegram:${id}).`
      : `${name} (telegram:${id}) is there already: nothing was done.`;
  if (!reloaded.ok)
    return ended(refused, { ...reloaded.error, message: `${happened} ${reloaded.error.message}` });
  if (flags.json) {
    printJson(io, { ok: true, status, ...documentOf(added), recovered, reload: reloaded.value });
    return { ok: true, value: null };
  }
  const lines = [
    ...(recovered === null ? [] : [recoveredText({ recovered })]),
    happened,
    ...warningLines(warnings),
    reloadText(reloaded.value),
  ];
  io.stdout.write(`${lines.join("\n")}\n`);
  return { ok: true, value: null };
};

const reloadText = (reloaded: Reloaded): string => {
  if (reloaded.state === "reloaded")
    return `The host (pid ${reloaded.pid}) took it:\n${renderReport(reloaded.report)}`;
  const why = reloaded.state === "no-host" ? "No host runs in the data folder." : "The host was not told.";
  return `${why} To have it read users.yaml:\n  sudo ${shellCommand(reloaded.command)}`;
};
