import type { AccountProblem, NotTheirs } from "./account/account.ts";
import type {
  AddError,
  ChangeError,
  NotUsable,
  RemoveError,
  StepFailure,
  Warning,
} from "./plan/add-error.ts";
import type { PlanRefusal } from "./plan/plan.ts";
import type { RemovalRefusal } from "./plan/plan-removal.ts";
import { describeStep } from "./plan/plan-steps.ts";
import { shellCommand, type CheckProblem } from "./user-check.ts";
import type { FieldKey } from "./user/fields.ts";
import { idKeys } from "./user/user-ids.ts";
import type { SafetyFlaw, UnsafeUsersFile } from "./users-file/users-file-safety.ts";
import {
  limits,
  shortened,
  type LoadError,
  type FilePart,
  type UsersProblem,
} from "./users-file/users-problem.ts";
import { visible } from "@gatehouse/std";

type Explained =
  | AddError
  | RemoveError
  | RemovalRefusal
  | CheckProblem
  | LoadError
  | PlanRefusal
  | StepFailure
  | UsersProblem
  | Warning;

/** A sentence for each of these codes. */
type Texts<Code extends Explained["code"]> = {
  readonly [C in Code]: (problem: Explained & { readonly code: C }) => string;
};

/**
 * Explains a problem: what happened, to what, and the fix. One or two sentences, or one line for each of
 * several problems.
 */
export const explain = (problem: Explained): string =>
  isUsersProblem(problem)
    ? `${problem.line}:${problem.column}: ${visible(textOf(usersTexts, problem))}`
    : textOf(texts, problem);

// The table is typed by code, so each text takes its own problem; TypeScript cannot pair the two in one call.
const textOf = <P extends Explained>(table: Texts<P["code"]>, problem: P): string =>
  (table[problem.code as P["code"]] as (problem: P) => string)(problem);

const isUsersProblem = (problem: Explained): problem is UsersProblem =>
  Object.hasOwn(usersTexts, problem.code);

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, "0")}`;

const places: Readonly<Record<FilePart, string>> = {
  file: "users.yaml",
  defaults: "defaults",
  entry: "an entry of users",
};

const isId = (key: string): boolean => (idKeys as readonly string[]).includes(key);
const oneId = idKeys.join(" or ");

/**
 * The names of missing answers for a sentence, where one id is enough: `telegram_id or slack`. `nameOf` says a field,
 * by default as its key.
 */
export const neededText = (
  fields: readonly FieldKey[],
  nameOf: (key: FieldKey) => string = (key) => key,
): readonly string[] => {
  const ids = fields.filter(isId).map(nameOf).join(" or ");
  return [...(ids === "" ? [] : [ids]), ...fields.filter((key) => !isId(key)).map(nameOf)];
};

/** Problems in the text of users.yaml. The caller adds line and column in front. */
const usersTexts: Texts<UsersProblem["code"]> = {
  "not-yaml": ({ detail }) => `this is not valid YAML: ${detail}`,
  "yaml-feature-refused": ({ feature }) =>
    `users.yaml may have no ${feature}: write the values out, one document of them`,
  "duplicate-key": ({ key }) => `${shortened(key)} is there twice in one mapping`,
  "unknown-key": ({ key, place, meant }) =>
    `${shortened(key)} is not a key of ${places[place]}${meant === null ? "" : `: did you mean ${meant}?`}`,
  "not-a-mapping": ({ place }) => `${places[place]} must be a mapping of keys to values`,
  "not-a-list": () => "users must be a list",
  "missing-key": ({ key }) => `this entry has no ${isId(key) ? `${oneId} (as slack: T1:U2)` : key}`,
  "bad-value": ({ key, expects, found }) => `${key} must be ${expects}; ${found} is not`,
  "duplicate-id": ({ key, id, firstLine }) =>
    `line ${firstLine} already has ${key} ${id}: each person is one entry`,
  "duplicate-account": ({ account, firstLine }) =>
    `line ${firstLine} already has os_user ${account}: each person needs an account of their own`,
  "provider-needed": ({ backend }) => `${backend} needs an llm_provider`,
};

const unsafeText = ({ path, service, flaws }: UnsafeUsersFile): string =>
  flaws
    .map((flaw) => `${flaw.path}: ${flawText(flaw, service)}`)
    .concat(`An account that can change it could make any user an admin, so no user was loaded from ${path}.`)
    .join("\n");

const flawText = (flaw: SafetyFlaw, service: number): string =>
  flaw.why === "writable"
    ? `writable by others (mode ${octal(flaw.mode)}): ${shellCommand(["chmod", "go-w", flaw.path])}`
    : `owned by uid ${flaw.uid}, not by root or the host's account (uid ${service}). Look at it, then: ${shellCommand(["chown", "-h", String(service), flaw.path])}`;

const fileTexts: Texts<LoadError["code"]> = {
  "users-file-missing": ({ path }) => `${path} does not exist. Name another file, or add the first user.`,
  "users-file-empty": ({ path }) =>
    `${path} is empty, or has no list of users. An empty list is written users: [].`,
  "users-file-unreadable": ({ path, errno }) =>
    errno === "EILSEQ"
      ? `${path} is not UTF-8. Save it in that encoding.`
      : `${path} cannot be read (${errno}).`,
  "users-file-too-large": ({ path }) =>
    `${path} is larger than ${limits.fileBytes} bytes, the most that is read.`,
  "users-file-unsafe": unsafeText,
  "users-file-invalid": ({ path, problems }) =>
    [`${path} has problems and was not changed:`]
      .concat(problems.map((problem) => `  ${explain(problem)}`))
      .join("\n"),
};

const accountTexts: Texts<
  | AccountProblem["code"]
  | "account-taken"
  | "unknown-service"
  | "lookup-failed"
  | "home-missing"
  | "home-read-only"
  | "never-signed-in"
  | "no-admin"
  | "root-by-groups"
> = {
  "account-taken": ({ account, person }) =>
    `${person} already has the account ${account}. Each person needs one of their own.`,
  "unknown-account": ({ account }) =>
    `There is no account ${account} on this machine. Make it first, or correct os_user.`,
  "account-is-root": ({ account }) =>
    `${account} is root (uid 0), which can read everything. Use an ordinary account.`,
  "account-is-service": ({ account, service }) =>
    `${account} is the account of the service (${service}): the agent could read the data of all users. Use another one.`,
  "account-shared": ({ account, other }) =>
    `${account} has the same uid as ${other}, which another entry has. Use an account of its own.`,
  "unknown-service": ({ service }) => `There is no account ${service} for the service. Name another one.`,
  "lookup-failed": ({ command, said }) => `The accounts could not be looked up: ${command}: ${said}`,
  "home-missing": ({ account, home }) =>
    `The home of ${account}, ${home === "" ? "none" : home}, does not exist: an agent of ${account} has no place for its files.`,
  "home-read-only": ({ account, home, isOwn }) =>
    `${account} may not write to its home, ${home}: an agent of ${account} has no place for its files. ${isOwn ? shellCommand(["chmod", "u+rwx", home]) : "Give the account a home of its own."}`,
  "never-signed-in": ({ file, account }) =>
    `${file} does not exist: sign in once as ${account} and run claude.`,
  "root-by-groups": ({ account, groups }) =>
    `${account} can become root, and so can its agent if it runs as a process: ${groups.map(({ group, by }) => `the group ${group} gives it ${by}`).join(", ")}. Use an account without these groups, or take them away: ${groups.map(({ group }) => shellCommand(["gpasswd", "-d", account, group])).join("; ")}.`,
  "no-admin": () => "No user is an admin.",
};

/**
 * In another account's directory, root may find another file than the one it checked, so only that account
 * moves it.
 */
const notTheirsText = ({ path, kind, account, uid }: NotTheirs): string => {
  const mend =
    kind === "directory"
      ? ["chown", "-R", "-h", account, path]
      : ["sudo", "-H", "-u", account, "mv", "-f", path, `${path}.old`];
  return `${path} belongs to uid ${uid}, not to ${account}: ${shellCommand(mend)}`;
};

const pathTexts: Texts<
  | "symlink-refused"
  | "not-a-directory"
  | "in-the-way"
  | "path-missing"
  | "not-theirs"
  | "open-to-others"
  | "closed-directory"
> = {
  "symlink-refused": ({ path }) =>
    `${path} is a symbolic link, and none is followed. Name the folder that it leads to.`,
  "not-a-directory": ({ path }) => `${path} is not a directory. Move it away.`,
  "in-the-way": ({ path }) => `${path} already exists, and a file has to be written there. Move it away.`,
  "path-missing": ({ path }) => `${path} does not exist.`,
  "not-theirs": notTheirsText,
  "open-to-others": ({ path, mode }) => `${path} is open to others (${octal(mode)}).`,
  "closed-directory": ({ account, path }) =>
    `${account} may not pass ${path}: it lacks x there. chmod o+x ${path}, or use another folder.`,
};

const notUsable = ({ account, action, directory, closed, said }: NotUsable): string => {
  const why =
    closed === null ? "" : ` It may not pass ${closed}: chmod o+x ${closed}, or use another folder.`;
  return `${account} cannot ${action} a file in ${directory}: ${said}.${why}`;
};

const stepTexts: Texts<
  StepFailure["code"] | "sudoers-differs" | "sudoers-command-refused" | "sudo-rule-needed"
> = {
  "sudo-rule-needed": ({ account, service, said }) =>
    `${service} may start nothing as ${account}, so no agent could: ${said}. It needs the sudo rule ${service} ALL=(${account}) NOPASSWD: /bin/sh; the wizard writes it if it is told a folder (sudoers).`,
  "sudoers-differs": ({ path }) =>
    `${path} exists with another text. Look at it, and remove it to have it written again.`,
  "sudoers-command-refused": ({ command }) =>
    `${command} is not the absolute path of a program, which a sudoers rule needs.`,
  "sudoers-invalid": ({ path, said }) =>
    `visudo refused the rule for ${path}, so it was not put in place: ${said}`,
  "file-error": ({ path, call, errno }) => `${path}: ${call} failed (${errno}).`,
  "command-failed": ({ command, said }) => `${command} failed: ${said}`,
  "not-usable": notUsable,
  "reads-back-differently": () =>
    "The new users.yaml reads back as something else, so it was not put in place.",
  "users-file-changed": ({ path }) =>
    `Another program changed ${path} meanwhile. It was left as it is; try again.`,
};

const stepFailed = ({ step, cause, undone }: ChangeError & { readonly code: "step-failed" }): string => {
  const after =
    undone === null
      ? "Run the same command again: it finishes or undoes the rest first."
      : undone.left.length > 0
        ? `It was undone, but ${undone.left.join(", ")} stayed: it has other files.`
        : "Everything was undone.";
  return `Failed: ${describeStep(step).changes}. ${explain(cause)} ${after}`;
};

const texts: Texts<Exclude<Explained, UsersProblem>["code"]> = {
  ...fileTexts,
  ...accountTexts,
  ...pathTexts,
  ...stepTexts,
  "missing-answers": ({ fields }) => `Still needed: ${neededText(fields).join(", ")}.`,
  "bad-answer": ({ field, expects, found }) => `${field} must be ${expects}; ${found} is not.`,
  conflict: ({ person, fields }) =>
    [`${person} exists with other answers. Change the entry itself, or ask for the same:`]
      .concat(fields.map(({ field, there, asked }) => `  ${field}: ${there} (asked for: ${asked})`))
      .join("\n"),
  "layout-refused": () =>
    "The entry would not read back in this file's layout. Write users: as a list in lines, and try again.",
  refused: ({ refusals }) => refusals.map(explain).join("\n"),
  "unknown-user": ({ asked, meant }) =>
    `There is no user ${visible(asked)} in users.yaml${meant === null ? "." : `: did you mean ${meant}?`}`,
  "ambiguous-user": ({ name, userIds }) =>
    `${userIds.length} users are called ${name}: say which one, ${userIds.join(" or ")}.`,
  "recovery-failed": ({ path, cause }) =>
    `An earlier run was interrupted, and could be neither finished nor undone (${path} has its steps): ${explain(cause)}`,
  "root-needed": ({ uid }) =>
    `Only root can give directories to other accounts: run it with sudo (this is uid ${uid}).`,
  busy: ({ path }) =>
    `Another run is adding or removing a user (it holds ${path}). Try again when it has ended.`,
  "journal-unusable": ({ path, detail }) => `The journal ${path} cannot be used: ${detail}.`,
  "changed-meanwhile": ({ path }) =>
    `Another program changed ${path} meanwhile. Nothing was done; try again.`,
  "step-failed": stepFailed,
};
