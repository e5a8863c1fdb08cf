export {
  addUser,
  journalPath,
  prepareUser,
  type AddError,
  type Added,
  type AddRequest,
  type PrepareError,
  type Prepared,
} from "./add-user.ts";
export type { ApplyError, StepFailure } from "./apply-plan.ts";
export { findAccount, findAccounts, type LookupFailed } from "./find-accounts.ts";
export type { FactsError, Places } from "./gather-facts.ts";
export { loadUsersFile } from "./load-users-file.ts";
export { thisMachine } from "./this-machine.ts";
export type { Recovered } from "./undo-steps.ts";
export type { Warning } from "./warnings.ts";
