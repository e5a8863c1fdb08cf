import {
  explain,
  missingAnswers,
  neededText,
  type Account,
  type Answers,
  type UserSet,
} from "@nc/user-wizard";
import { findAccount, loadUsersFile, thisMachine } from "@nc/user-wizard/node";
import type { Failure, Io } from "@gatehouse/cli-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { isMissingOrEmpty, noUsers } from "../users-file.ts";
import { ended, failureOf, refusedBy, type Ended } from "./ended.ts";
import { answersOf, flagOf, type AddFlags } from "./flags.ts";
import { canAsk, missingYes } from "./ask-answers.ts";
import { missingData, placesOf, type HostPlaces } from "./places.ts";

/** The facts known before the first question. */
export type Ready = {
  readonly flags: AddFlags;
  readonly given: Answers;
  readonly host: HostPlaces;
  /** The host's account. */
  readonly service: Account;
  readonly set: UserSet;
  /** True if a person can be asked. */
  readonly isTerminal: boolean;
};

/** Checks the flags and the host, and refuses everything that can be refused before the first question. */
export const getReady = async (flags: AddFlags, io: Io): Promise<Result<Ready, Ended>> => {
  const isTerminal = canAsk();
  const read = answersOf(flags, io.cwd);
  const misuse = usageProblem(flags, read.ok ? read.value : null, isTerminal, io);
  if (misuse !== null) return ended("misused", misuse);
  if (!read.ok)
    return ended("misused", {
      code: "bad-answer",
      message: read.error.map(explain).join("\n"),
      fix: "gatehouse users add --help says what each flag takes",
    });
  const uid = thisMachine.uid;
  if (uid !== 0 && flags.dryRun !== true) return refusedBy({ code: "root-needed", uid });
  const host = await placesOf(flags, io);
  if (!host.ok) return ended("refused", host.error);
  const service = await serviceAccount(host.value);
  if (!service.ok) return ended("refused", service.error);
  const set = await knownUsers(host.value.places.usersFile, service.value.uid);
  if (!set.ok) return ended("refused", set.error);
  return ok({
    flags,
    given: read.value,
    host: host.value,
    service: service.value,
    set: set.value,
    isTerminal,
  });
};

/** Names all unknown words at once, and without a terminal also all missing flags. */
const usageProblem = (
  flags: AddFlags,
  answers: Answers | null,
  isTerminal: boolean,
  io: Io,
): Failure | null => {
  // A flag with a refused value must not be reported as missing.
  const typed = {
    ...Object.fromEntries(Object.keys(flags.typed).map((key) => [key, "?"])),
    ...answers,
  } as Answers;
  const missingFlags = isTerminal ? [] : neededText(missingAnswers(typed), flagOf);
  const missing = [...missingData(flags, io), ...missingFlags, ...missingYes(flags, isTerminal)];
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

const serviceAccount = async ({ places: { service } }: HostPlaces): Promise<Result<Account, Failure>> => {
  const found = await findAccount(thisMachine, service);
  if (!found.ok) return fail(failureOf(found.error));
  return found.value === null ? fail(failureOf({ code: "unknown-service", service })) : ok(found.value);
};

const knownUsers = async (file: string, service: number): Promise<Result<UserSet, Failure>> => {
  const loaded = await loadUsersFile(file, service);
  if (loaded.ok) return loaded;
  return isMissingOrEmpty(loaded.error) ? ok(noUsers) : fail(failureOf(loaded.error));
};
