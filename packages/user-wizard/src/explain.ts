import type { AddError, StepFailure, Warning } from "./plan/add-error.ts";
import { limits } from "./users-file/limits.ts";
import type { LoadError } from "./users-file/load-error.ts";
import type { PlanRefusal } from "./plan/plan.ts";
import { describeStep } from "./plan/plan-steps.ts";
import { shortened } from "./users-file/shortened.ts";
import type { NotTheirs } from "./account/not-theirs.ts";
import { shellCommand, type CheckProblem } from "./user-check.ts";
import type { SafetyFlaw, UnsafeUsersFile } from "./users-file/users-file-safety.ts";
import type { Place, UsersProblem } from "./users-file/users-problem.ts";
import { visible } from "@gatehouse/std";

type Explained = AddError | CheckProblem | LoadError | PlanRefusal | StepFailure | UsersProblem | Warning;

/** What happened, to what, and what to do: one sentence or two, a line for each problem where there are several. */
export const explain = (problem: Explained): string => {
  switch (problem.code) {
    case "not-yaml":
    case "yaml-feature-refused":
    case "duplicate-key":
    case "unknown-key":
    case "not-a-mapping":
    case "not-a-list":
    case "missing-key":
    case "bad-value":
    case "duplicate-id":
    case "duplicate-account":
    case "provider-needed":
      return `${problem.line}:${problem.column}: ${visible(explainText(problem))}`;
    case "users-file-missing":
      return `${problem.path} is not there. Name another one with --users-file, or add the first user.`;
    case "users-file-empty":
      return `${problem.path} is empty, which is no list of users.`;
    case "users-file-unreadable":
      return problem.errno === "EILSEQ"
        ? `${problem.path} is not UTF-8. Save it in that encoding.`
        : `${problem.path} cannot be read (${problem.errno}).`;
    case "users-file-too-large":
      return `${problem.path} is larger than ${limits.fileBytes} bytes. Nothing that large is read.`;
    case "users-file-unsafe":
      return unsafeText(problem);
    case "users-file-invalid":
      return [`${problem.path} has problems, and was left as it is:`]
        .concat(problem.problems.map((one) => `  ${explain(one)}`))
        .join("\n");
    case "missing-answers":
      return `Still needed: ${problem.fields.join(", ")}.`;
    case "bad-answer":
      return `${problem.field} must be ${problem.expects}; ${problem.found} is not.`;
    case "conflict":
      return [
        `telegram_id ${problem.id} is there already, with other answers. Change the entry itself, or ask for the same:`,
      ]
        .concat(problem.fields.map(({ field, there, asked }) => `  ${field}: ${there} (asked for: ${asked})`))
        .join("\n");
    case "account-taken":
      return `The account ${problem.account} is that of telegram_id ${problem.id}. Each person needs one of their own.`;
    case "unknown-account":
      return `There is no account ${problem.account} on this machine. Make it first, or correct os_user.`;
    case "account-is-root":
      return `${problem.account} is root (uid 0), from whom nothing is kept. Take an ordinary account.`;
    case "account-is-service":
      return `${problem.account} is the account of the service (${problem.service}): the agent could read everybody's data. Take another one.`;
    case "account-shared":
      return `${problem.account} has the uid of ${problem.other}, which another entry has. Take an account of its own.`;
    case "unknown-service":
      return `There is no account ${problem.service} for the service. Name it with --service-user.`;
    case "lookup-failed":
      return `The accounts could not be looked up: ${problem.command}: ${problem.said}`;
    case "layout-refused":
      return "The entry would not read back in this file's layout. Write users: as a list in lines, and try again.";
    case "symlink-refused":
      return `${problem.path} is a symbolic link, and none is followed. Name the folder that it leads to.`;
    case "not-a-directory":
      return `${problem.path} is no directory. Move it away.`;
    case "in-the-way":
      return `${problem.path} is there already, where a file is to be written. Move it away.`;
    case "path-missing":
      return `${problem.path} is not there.`;
    case "not-theirs":
      return notTheirsText(problem);
    case "open-to-others":
      return `${problem.path} is open to others (${octal(problem.mode)}).`;
    case "closed-directory":
      return `${problem.account} may not pass ${problem.path}: it lacks x there. chmod o+x ${problem.path}, or use another folder.`;
    case "sudoers-differs":
      return `${problem.path} is there with another text. Look at it, and remove it to have it written anew.`;
    case "sudoers-command-refused":
      return `${problem.command} is no absolute path of a program, as a sudoers rule needs it.`;
    case "sudoers-invalid":
      return `visudo refused the rule for ${problem.path}, so that it was not put in place: ${problem.said}`;
    case "root-needed":
      return `Directories are given to other accounts, which needs root: run it with sudo (this is uid ${problem.uid}).`;
    case "busy":
      return `Another run is adding a user (it holds ${problem.path}). Try again when it has ended.`;
    case "foreign-journal":
      return `${problem.path} was not written by this program as root (its owner is uid ${problem.uid}): nothing that it says is done. Look at it, and move it away.`;
    case "changed-meanwhile":
      return `${problem.path} was changed by somebody else meanwhile. Nothing was done; try again.`;
    case "refused":
      return problem.refusals.map(explain).join("\n");
    case "file-error":
      return `${problem.path}: ${problem.call} failed (${problem.errno}).`;
    case "command-failed":
      return `${problem.command} failed: ${problem.said}`;
    case "not-usable":
      return notUsable(problem);
    case "reads-back-differently":
      return `The new users.yaml reads back as something else. It was not put in place.`;
    case "users-file-changed":
      return `${problem.path} was changed by somebody else meanwhile. It was left as it is; try again.`;
    case "step-failed":
      return stepFailed(problem);
    case "home-missing":
      return `The home of ${problem.account}, ${problem.home}, is not there.`;
    case "never-signed-in":
      return `${problem.file} is not there: sign in once as ${problem.account} and run claude.`;
    case "no-admin":
      return "Nobody is admin.";
  }
};

/** What root gives away in a directory of somebody else's may be another file by then: only they move it. */
const notTheirsText = ({ path, kind, account, uid }: NotTheirs): string => {
  const mend =
    kind === "directory"
      ? ["chown", "-R", "-h", account, path]
      : ["sudo", "-H", "-u", account, "mv", "-f", path, `${path}.old`];
  return `${path} belongs to uid ${uid}, not to ${account}: ${shellCommand(mend)}`;
};

const unsafeText = ({ path, service, flaws }: UnsafeUsersFile): string =>
  flaws
    .map((flaw) => `${flaw.path}: ${flawText(flaw, service)}`)
    .concat(`Whoever may change it could make anybody admin, so nobody is taken from ${path}.`)
    .join("\n");

const flawText = (flaw: SafetyFlaw, service: number): string =>
  flaw.why === "writable"
    ? `writable by others (mode ${octal(flaw.mode)}): ${shellCommand(["chmod", "go-w", flaw.path])}`
    : `owned by uid ${flaw.uid}, not by root or the host's account (uid ${service}). Look at it, then: ${shellCommand(["chown", "-h", String(service), flaw.path])}`;

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, "0")}`;

const places: Readonly<Record<Place, string>> = {
  file: "users.yaml",
  defaults: "defaults",
  entry: "an entry of users",
};

const explainText = (problem: UsersProblem): string => {
  switch (problem.code) {
    case "not-yaml":
      return `this is no YAML: ${problem.detail}`;
    case "yaml-feature-refused":
      return `users.yaml may have no ${problem.feature}: write the values out, one document of them`;
    case "duplicate-key":
      return `${shortened(problem.key)} is there twice in one mapping`;
    case "unknown-key":
      return `${shortened(problem.key)} is no key of ${places[problem.place]}${problem.meant === null ? "" : `: did you mean ${problem.meant}?`}`;
    case "not-a-mapping":
      return `${places[problem.place]} must be a mapping of keys to values`;
    case "not-a-list":
      return "users must be a list";
    case "missing-key":
      return `this entry has no ${problem.key}`;
    case "bad-value":
      return `${problem.key} must be ${problem.expects}; ${problem.found} is not`;
    case "duplicate-id":
      return `telegram_id ${problem.id} is that of line ${problem.firstLine} too`;
    case "duplicate-account":
      return `os_user ${problem.account} is that of line ${problem.firstLine} too: each person needs an account of their own`;
    case "provider-needed":
      return `${problem.backend} needs an llm_provider`;
  }
};

const notUsable = (problem: StepFailure & { readonly code: "not-usable" }): string => {
  const { account, action, directory, closed, said } = problem;
  const why =
    closed === null ? "" : ` It may not pass ${closed}: chmod o+x ${closed}, or use another folder.`;
  return `${account} cannot ${action} a file in ${directory}: ${said}.${why}`;
};

const stepFailed = ({ step, cause, undone }: AddError & { readonly code: "step-failed" }): string => {
  const after =
    undone === null
      ? "Not all of it could be undone: run the same command again."
      : undone.left.length > 0
        ? `It was undone, but ${undone.left.join(", ")} stayed: somebody else uses it.`
        : "Everything was undone.";
  return `Failed: ${describeStep(step).changes}. ${explain(cause)} ${after}`;
};
