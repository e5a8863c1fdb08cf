export { addUser, journalPath, prepareUser, type Added, type Prepared } from "./add-user/add-user.ts";
export { checkUsers, type UsersReport } from "./check-users/check-users.ts";
export { findAccount, findAccounts } from "./find-accounts.ts";
export type { Places } from "./add-user/gather-facts.ts";
export { loadUsersFile } from "./users-file/load-users-file.ts";
export { thisMachine } from "./machine/this-machine.ts";
