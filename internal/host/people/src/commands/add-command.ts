import process from "node:process";
import { log, note } from "@clack/prompts";
import { describeValue, userIdsOf, type Defaults, type User } from "@nc/user-wizard";
import { addUser, prepareUser, thisMachine, type Added, type Prepared } from "@nc/user-wizard/node";
import { printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { ok, type Result } from "@gatehouse/std";
import { noteActOfOwner } from "@gatehouse/data-folder";
import { reloadHost } from "../reload-host.ts";
import { finish } from "./add-result.ts";
import { beginLinks } from "./begin-link.ts";
import { agree } from "./ask-answers.ts";
import { addDocument, changesText, planText, recoveredText } from "./changes.ts";
import { checkAnswers, modelLines, type CheckedAnswers } from "./check-model.ts";
import { cancelled, completeAnswers } from "./complete-answers.ts";
import type { ChosenDatabase } from "@gatehouse/data-folder/choose-database";
import { membershipOf } from "./membership.ts";
import { ended, refusedBy, reportEnd, type Ended } from "./ended.ts";
import { runtimeOf, startProblem } from "./startable.ts";
import { askedFields, type AddFlags } from "./flags.ts";
import { getReady, type Ready } from "./get-ready.ts";

const output = process.stderr;

/** Adds a person by flags and questions, after a review at a terminal. Returns the exit code. */
export const addCommand = async (flags: AddFlags, { database }: ChosenDatabase, io: Io): Promise<number> => {
  return reportEnd(await add(flags, database, io), flags.json === true, io);
};

const add = async (
  flags: AddFlags,
  database: ChosenDatabase["database"],
  io: Io,
): Promise<Result<null, Ended>> => {
  const ready = await getReady(flags, io);
  if (!ready.ok) return ready;
  const answers = await completeAnswers(ready.value, io);
  if (!answers.ok) return answers;
  const checked = await checkAnswers(ready.value, answers.value, { database }, io);
  if (!checked.ok) return checked;
  const adding = { ready: ready.value, ...checked.value, database };
  return flags.dryRun === true ? showOnly(adding, io) : carryOut(adding, io);
};

type Adding = CheckedAnswers & {
  readonly ready: Ready;
  readonly database: ChosenDatabase["database"];
};

const showOnly = async ({ ready, answers, warning }: Adding, io: Io): Promise<Result<null, Ended>> => {
  const { flags, host, set } = ready;
  const prepared = await prepareUser(thisMachine, { places: host.places, answers });
  if (!prepared.ok) return refusedBy(prepared.error);
  const problem = startProblem(await runtimeOf(host.data), ready.service, prepared.value);
  if (problem !== null) return ended("refused", problem);
  const { plan } = prepared.value;
  const status = plan.steps.length === 0 ? "nothing-to-do" : "would-add";
  if (flags.json) printJson(io, { ok: true, status, ...addDocument(prepared.value, warning) });
  else if (status === "nothing-to-do") io.stdout.write("Everything exists already: nothing would be done.\n");
  else
    io.stdout.write(
      `${[entryLines(plan.user, set.defaults), "", planText(prepared.value), ...modelLines(warning)].join("\n")}\nNothing was changed.\n`,
    );
  return ok(null);
};

const carryOut = async (
  { ready, answers, warning, database }: Adding,
  io: Io,
): Promise<Result<null, Ended>> => {
  const { flags, host, set, isTerminal } = ready;
  let isCancelled = false;
  let problem: Failure | null = null;
  const runtime = await runtimeOf(host.data);
  const review = async (prepared: Prepared): Promise<boolean> => {
    problem = startProblem(runtime, ready.service, prepared);
    if (problem !== null) return false;
    if (isTerminal) {
      note(entryLines(prepared.plan.user, set.defaults), "The new entry", { output });
      log.message([...changesText(prepared).split("\n"), ...modelLines(warning)], { output });
    }
    if (flags.yes === true) return true;
    const agreed = await agree("Do this?", io.signal);
    isCancelled = agreed === "cancelled";
    return agreed === "yes";
  };
  const added = await addUser(thisMachine, { places: host.places, answers, review });
  if (!added.ok) return refusedBy(added.error);
  const { status } = added.value;
  if (status === "declined")
    return ended(isCancelled ? "cancelled" : "refused", declined(added.value, problem ?? cancelled));
  if (status === "added") {
    const { name, role, os_user: account } = added.value.plan.user;
    const id = userIdsOf(added.value.plan.user).join(",");
    const args = { user: id, name, role, ...(account === null ? {} : { os_user: account }) };
    await noteActOfOwner(host.data, { command: "users add", args }, io);
  }
  const reloaded = await reloadHost({
    ...flags,
    data: host.data,
    file: host.places.usersFile,
    isWanted: (pid) => wantsReload(ready, pid, io),
  });
  const { user } = added.value.plan;
  const place = { dataDir: host.data, database };
  const membership = reloaded.ok ? await membershipOf(place, user, flags.group) : null;
  const links = membership === null ? [] : await beginLinks(place, user, flags.group);
  return finish({ added: added.value, warning, reloaded, membership, links }, flags, io);
};

const wantsReload = async ({ flags, isTerminal }: Ready, pid: number, io: Io): Promise<boolean> => {
  const { yes, reload = isTerminal ? "ask" : "no" } = flags;
  if (reload !== "ask") return reload === "yes";
  if (!isTerminal) return false;
  if (yes === true) return true;
  return (await agree(`Tell the running host (pid ${pid}) to read its users again?`, io.signal)) === "yes";
};

/** The failure for a declined review. An interrupted earlier run may still have been finished or undone. */
const declined = ({ recovered }: Added, failure: Failure): Failure =>
  recovered === null
    ? failure
    : {
        ...failure,
        message: `${recoveredText({ recovered })} ${failure === cancelled ? "Cancelled: nothing else was changed." : failure.message}`,
      };

/** The person's settings, one line for each field. */
const entryLines = (user: User, defaults: Defaults): string =>
  askedFields.map((key) => describeValue(key, user, defaults)).join("\n");
