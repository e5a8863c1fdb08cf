export type { NotTheirs } from "./account/not-theirs.ts";
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
} from "./plan/add-error.ts";
export { explain } from "./explain.ts";
export { shellCommand, type CheckName, type CheckProblem, type UserCheck } from "./user-check.ts";
export { directoriesTo, firstClosed, type Identity, type OnTheWay } from "./account/access.ts";
export {
  accountProblem,
  parseDsclList,
  parsePasswdLine,
  type Account,
  type AccountProblem,
} from "./account/account.ts";
export {
  entryOf,
  missingAnswers,
  readAnswer,
  type Answers,
  type BadAnswer,
  type MissingAnswers,
} from "./user/answers.ts";
export { diffUsers, type FieldChange, type UserChange, type UsersDiff } from "./user/diff-users.ts";
export { describeValue, effectiveUser } from "./user/effective.ts";
export {
  fieldKeys,
  fieldOf,
  fields,
  isFieldKey,
  type ChangeEffect,
  type Field,
  type FieldKey,
  type FieldKind,
} from "./user/fields.ts";
export { limits } from "./users-file/limits.ts";
export type { LoadError } from "./users-file/load-error.ts";
export { newUsersText, planAddUser, type Facts, type Plan, type PlanRefusal } from "./plan/plan.ts";
export { describeStep, type Step, type StepText } from "./plan/plan-steps.ts";
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
export type { Position } from "./users-file/position.ts";
export { readUsers } from "./users-file/read-users.ts";
export type { Result } from "@gatehouse/std";
export { spliceUser, type LayoutRefused } from "./users-file/splice-user.ts";
export { sudoersRule, type SudoersRefused, type SudoersRequest } from "./account/sudoers.ts";
export { noDefaults, type Backend, type Defaults, type Role, type User, type UserSet } from "./user/user.ts";
export { layoutOf, type Layout } from "./plan/user-layout.ts";
export type { SafetyFlaw, UnsafeUsersFile } from "./users-file/users-file-safety.ts";
export type { Place, UsersProblem } from "./users-file/users-problem.ts";
