export type { Result } from "@gatehouse/std";
export { accountProblem, type Account } from "./account/account.ts";
export type { SudoersRequest } from "./account/sudoers.ts";
export { explain, neededText } from "./user-messages.ts";
export type { AddError, RemoveError } from "./plan/add-error.ts";
export type { FoldersFate, Who } from "./plan/plan-removal.ts";
export { idsOfRemoved } from "./plan/journal.ts";
export { describeStep } from "./plan/plan-steps.ts";
export type { Machine } from "./ports.ts";
export { shellCommand, type UserCheck } from "./user-check.ts";
export { missingAnswers, readAnswer, type Answers, type BadAnswer } from "./user/answers.ts";
export { diffUsers, type UserChange, type UsersDiff } from "./user/diff-users.ts";
export { describeValue, effectiveUser } from "./user/effective.ts";
export {
  fieldKeys,
  fieldOf,
  notUsedYet,
  questionOf,
  type ChangeEffect,
  type Field,
  type FieldKey,
  type FieldKind,
} from "./user/fields.ts";
export { backends, noDefaults, type Defaults, type User, type UserSet } from "./user/user.ts";
export { folderNameOf, isSamePerson, userIdsOf } from "./user/user-ids.ts";
export type { LoadError } from "./users-file/users-problem.ts";
