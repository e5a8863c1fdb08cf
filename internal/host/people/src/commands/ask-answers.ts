import process from "node:process";
import { confirm, isCancel, select, text } from "@clack/prompts";
import {
  accountProblem,
  backends,
  explain,
  fieldOf,
  isSamePerson,
  missingAnswers,
  questionOf,
  readAnswer,
  type Account,
  type Answers,
  type Field,
  type FieldKey,
  type Machine,
  type User,
  type UserSet,
} from "@nc/user-wizard";
import { findAccount } from "@nc/user-wizard/node";
import type { Failure } from "@gatehouse/cli-kit";
import { askedFields } from "./flags.ts";

/** The context of the questions. */
export type Asking = {
  readonly machine: Machine;
  readonly set: UserSet;
  readonly service: Account;
  /** The accounts of the other entries. */
  readonly others: readonly Account[];
  /** Asks only for required fields. */
  readonly isBrief: boolean;
  /** The folder from which relative folders are resolved. */
  readonly base: string;
  readonly signal: AbortSignal;
};

/** Questions go to stderr; stdout is for the result. */
const output = process.stderr;

/**
 * Makes a new signal for each prompt. A prompt leaves its listener behind (clack 1.9.0), and Node prints a warning
 * at the eleventh listener of one signal.
 */
const newSignal = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal]);

/** A field that the host uses, and for which `defaults:` of users.yaml has no value, is always asked for. */
const isAlwaysAsked = (key: FieldKey): boolean => fieldOf(key).isUsed && !fieldOf(key).inherits;

/** The fields that are always asked for. */
const usedFields: readonly FieldKey[] = askedFields.filter(isAlwaysAsked);

/** The other fields. They are asked for only after a yes to one question. */
const moreFields: readonly FieldKey[] = askedFields.filter((key) => !isAlwaysAsked(key));

/** The questions about GitHub routing, which are skipped without repositories. */
const needsRepositories: ReadonlySet<FieldKey> = new Set([
  "github_notify_chat_id",
  "pr_review",
  "issue_triage",
]);

/**
 * Asks for every field without a flag, and adapts each question to the earlier answers. Fields that the host does
 * not use are asked for only if the person wants that. Returns null if the person cancels.
 */
export const askAnswers = async (asking: Asking, given: Answers): Promise<Answers | null> => {
  const asked = await askFields(usedFields, asking, given);
  if (asked === null) return null;
  const otherIds = usedFields.filter((key) => isId(key) && (asked[key] ?? null) === null);
  const answers = { ...asked, ...asInEntry(otherIds, asked, asking) };
  const more = moreFields.filter((key) => !(key in answers));
  if (asking.isBrief || more.length === 0) return answers;
  const wanted = await wantsMore(asking);
  if (wanted === undefined) return null;
  return wanted ? askFields(more, asking, answers) : { ...asInEntry(more, answers, asking), ...answers };
};

/** Asks again for one answer. Returns null if the person cancels. */
export const askAgain = async (key: FieldKey, answers: Answers, asking: Asking): Promise<Answers | null> => {
  const answer = await askField(key, answers, asking);
  return answer === undefined ? null : { ...answers, [key]: answer };
};

const askFields = async (
  keys: readonly FieldKey[],
  asking: Asking,
  given: Answers,
): Promise<Answers | null> => {
  let answers = given;
  for (const key of keys) {
    if (key in answers || isLeftOut(key, answers, asking)) continue;
    const answer = await askField(key, answers, asking);
    if (answer === undefined) return null;
    answers = { ...answers, [key]: answer };
  }
  return answers;
};

/** Asks whether to go on with the other fields. Undefined if the person cancels. */
const wantsMore = async ({ signal }: Asking): Promise<boolean | undefined> => {
  const message = "More settings? (provider, model, budget, and some that the host does not use yet)";
  const answer = await confirm({ message, initialValue: false, output, signal: newSignal(signal) });
  return isCancel(answer) ? undefined : answer;
};

/** The entry that has an id of these answers already. */
export const entryOf = ({ users }: UserSet, answers: Answers): User | undefined =>
  users.find((user) => isSamePerson(user, answers));

/** The values of an existing entry for these fields: without them the new answers would conflict with the entry. */
const asInEntry = (keys: readonly FieldKey[], answers: Answers, { set }: Asking): Answers => {
  const there = entryOf(set, answers);
  return there === undefined ? {} : Object.fromEntries(keys.map((key) => [key, there[key]]));
};

/** One id is enough: the others are asked for only after an empty answer. */
const isLeftOut = (key: FieldKey, answers: Answers, { isBrief }: Asking): boolean =>
  (isId(key) && !missingAnswers(answers).includes(key)) ||
  (isBrief && !missingAnswers(answers).includes(key)) ||
  (needsRepositories.has(key) && (answers.github_repos ?? null) === null);

/** Asks for one field. Returns null for an empty answer, and undefined if the person cancels. */
const askField = async (key: FieldKey, answers: Answers, asking: Asking): Promise<unknown> => {
  for (;;) {
    const typed = await prompt(key, answers, asking);
    if (isCancel(typed)) return undefined;
    const read = readAnswer(key, typed ?? "", asking.base);
    const value = read.ok ? read.value : null;
    const again = isId(key) ? await isTaken({ [key]: value } as Answers, asking) : false;
    if (again === undefined) return undefined;
    if (!again) return value;
  }
};

/** True if another person has this id, so it is asked for again. Undefined if the person cancels. */
const isTaken = async (id: Answers, { set, signal }: Asking): Promise<boolean | undefined> => {
  const there = entryOf(set, id);
  if (there === undefined) return false;
  const message = `${Object.values(id).join("")} is ${there.name}'s already. Go through that entry again? (the same answers change nothing, others are refused)`;
  const same = await confirm({ message, initialValue: false, output, signal: newSignal(signal) });
  return isCancel(same) ? undefined : !same;
};

type Typed = ReturnType<typeof text>;

const prompt = (key: FieldKey, answers: Answers, asking: Asking): Typed => {
  const field = fieldOf(key);
  const question = questionOf(key);
  const message = answers.name ? `${question}, for ${answers.name}` : question;
  const there = entryOf(asking.set, answers);
  const initial = there === undefined ? "" : typedText(there[key]);
  const words = wordsOf(key, field);
  if (words !== null) return choose(message, words, key, initial || String(field.absent ?? ""), asking);
  return text({
    message,
    placeholder: hint(key, answers, asking),
    initialValue: initial,
    validate: (typed) => problemWith(key, typed ?? "", answers, asking),
    output,
    signal: newSignal(asking.signal),
  });
};

/** A value as a person would type it. */
const typedText = (value: unknown): string => (value === null ? "" : String(value));

/** The allowed values of a field, if they are a fixed list. */
const wordsOf = (key: FieldKey, { kind }: Field): readonly string[] | null => {
  if (key === "role") return ["user", "admin"];
  if (key === "agent_backend") return ["", ...backends];
  return kind === "yes-no" ? ["", "true", "false"] : null;
};

const choose = (
  message: string,
  words: readonly string[],
  key: FieldKey,
  initialValue: string,
  asking: Asking,
): Typed => {
  const labels = new Map([
    ["", emptyAnswerLabel(key, asking)],
    ["true", "yes"],
    ["false", "no"],
  ]);
  const options = words.map((value) => ({ value, label: labels.get(value) ?? value }));
  return select({ message, options, initialValue, output, signal: newSignal(asking.signal) });
};

/** The label of an empty answer: the inherited value, or `not set`. */
const emptyAnswerLabel = (key: FieldKey, { set }: Asking): string => {
  const inherited = fieldOf(key).inherits ? set.defaults[key as keyof UserSet["defaults"]] : null;
  return inherited === null ? "not set" : `inherited: ${inherited}`;
};

const hint = (key: FieldKey, answers: Answers, asking: Asking): string => {
  if (key === "github_notify_chat_id" && (answers.telegram_id ?? null) !== null)
    return `Enter: not set (their own chat is ${answers.telegram_id})`;
  const { needed, expects } = fieldOf(key);
  if (isId(key) && mayBeEmpty(key, answers)) return `${expects} (Enter: by another id)`;
  return needed === "no" ? `Enter: ${emptyAnswerLabel(key, asking)}` : expects;
};

const isId = (key: FieldKey): boolean => fieldOf(key).platform !== null;

/** True for each id but the last that could be asked for. */
const mayBeEmpty = (key: FieldKey, answers: Answers): boolean =>
  fieldOf(key).needed === "no" ||
  (isId(key) && missingAnswers(answers).some((other) => other !== key && isId(other) && !(other in answers)));

const problemWith = async (
  key: FieldKey,
  typed: string,
  answers: Answers,
  asking: Asking,
): Promise<string | undefined> => {
  const { expects } = fieldOf(key);
  const read = readAnswer(key, typed, asking.base);
  if (!read.ok) return explain(read.error);
  if (read.value === null) return mayBeEmpty(key, answers) ? undefined : `Needed: ${expects}.`;
  return key === "os_user" ? (await accountTrouble(String(read.value), asking))?.message : undefined;
};

/** The reason why an account cannot be used; undefined if it can. */
export const accountTrouble = async (name: string, asking: Asking): Promise<Failure | undefined> => {
  const { machine, service, others } = asking;
  const found = await findAccount(machine, name);
  if (!found.ok) return { code: found.error.code, message: explain(found.error) };
  const problem = accountProblem(name, found.value, { service, others });
  return problem === null ? undefined : { code: problem.code, message: explain(problem) };
};

/** True if a person can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Names `--yes` if no person can agree, and the command would change something. */
export const missingYes = (
  { yes, dryRun }: { readonly yes?: boolean; readonly dryRun?: boolean },
  isTerminal: boolean,
): readonly string[] => (isTerminal || yes === true || dryRun === true ? [] : ["--yes"]);

export type Agreed = "yes" | "no" | "cancelled";

export const agree = async (message: string, signal: AbortSignal): Promise<Agreed> => {
  const answer = await confirm({ message, output, signal: newSignal(signal) });
  if (isCancel(answer)) return "cancelled";
  return answer ? "yes" : "no";
};
