import { existsSync } from "node:fs";
import process from "node:process";
import { intro, log } from "@clack/prompts";
import { explain, type Answers } from "@nc/user-wizard";
import { findAccounts, thisMachine } from "@nc/user-wizard/node";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { ok, type Result } from "@gatehouse/std";
import { accountTrouble, askAnswers } from "./ask-answers.ts";
import { ended, type Ended } from "./ended.ts";
import type { Ready } from "./get-ready.ts";

const output = process.stderr;

export const cancelled: Failure = { code: "cancelled", message: "Cancelled: nothing was changed." };

/** Returns all answers. At a terminal it asks for the answers that no flag gives. */
export const completeAnswers = async (ready: Ready, io: Io): Promise<Result<Answers, Ended>> => {
  const { flags, given, host, set, isTerminal } = ready;
  if (!isTerminal) return ok(given);
  intro("Add a person", { output });
  if (existsSync(thisMachine.journals.pathOf(host.places.usersFile)))
    log.warn("An earlier run was interrupted. It is finished or undone before anything else is done.", {
      output,
    });
  const against = await accountsOf(ready);
  if (!against.ok) return against;
  const asking = {
    machine: thisMachine,
    set,
    ...against.value,
    isBrief: flags.yes === true,
    base: io.cwd,
    signal: io.signal,
  };
  const trouble = typeof given.os_user === "string" ? await accountTrouble(given.os_user, asking) : undefined;
  if (trouble !== undefined) return ended("refused", trouble);
  const answers = await askAnswers(asking, given);
  return answers === null ? ended("cancelled", cancelled) : ok(answers);
};

const accountsOf = async ({ service, set }: Ready) => {
  const names = set.users.flatMap(({ os_user: name }) => (name === null ? [] : [name]));
  const others = await findAccounts(thisMachine, names);
  if (!others.ok) return ended("refused", { code: others.error.code, message: explain(others.error) });
  return ok({ service, others: others.value });
};
