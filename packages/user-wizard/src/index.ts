export type { NotTheirs } from "./not-theirs.ts";
export type {
  AddError,
  ApplyError,
  FactsError,
  LookupFailed,
  NotUsable,
  PrepareError,
  Recovered,
  StepFailure,
  Warning,
} from "./add-error.ts";
export { explain } from "./explain.ts";
export { shellCommand, type CheckName, type CheckProblem, type UserCheck } from "./user-check.ts";
export { directoriesTo, firstClosed, type Identity, type OnTheWay } from "./access.ts";
export {
  accountProblem,
  parseDsclList,
  parsePasswdLine,
  type Account,
  type AccountProblem,
} from "./account.ts";
export {
  entryOf,
  missingAnswers,
  readAnswer,
  type Answers,
  type BadAnswer,
  type MissingAnswers,
} from "./answers.ts";
export { diffUsers, type FieldChange, type UserChange, type UsersDiff } from "./diff-users.ts";
export { describeValue, effectiveUser } from "./effective.ts";
export {
  fieldKeys,
  fieldOf,
  fields,
  isFieldKey,
  type ChangeEffect,
  type Field,
  type FieldKey,
  type FieldKind,
} from "./fields.ts";
export { limits } from "./limits.ts";
export type { LoadError } from "./load-error.ts";
export { newUsersText, planAddUser, type Facts, type Plan, type PlanRefusal } from "./plan.ts";
export { describeStep, type Step, type StepText } from "./plan-steps.ts";
export type {
  DiskEntry,
  FileError,
  Files,
  JournalError,
  JournalFile,
  LoadUsers,
  Machine,
  Owner,
  Ran,
  Run,
} from "./ports.ts";
export type { Position } from "./position.ts";
export { readUsers } from "./read-users.ts";
export type { Result } from "@gatehouse/std";
export { spliceUser, type LayoutRefused } from "./splice-user.ts";
export { sudoersRule, type SudoersRefused, type SudoersRequest } from "./sudoers.ts";
export type { Backend, Defaults, Role, User, UserSet } from "./user.ts";
export { layoutOf, type Layout } from "./user-layout.ts";
export type { SafetyFlaw, UnsafeUsersFile } from "./users-file-safety.ts";
export type { Place, UsersProblem } from "./users-problem.ts";
