export { addUser, journalPath, prepareUser, type Added, type AddRequest, type Prepared } from "./add-user.ts";
export { checkUsers, type UsersReport } from "./check-users.ts";
export { findAccount, findAccounts } from "./find-accounts.ts";
export type { Places } from "./gather-facts.ts";
export { loadUsersFile } from "./load-users-file.ts";
export { thisMachine } from "./this-machine.ts";
