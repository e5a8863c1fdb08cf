export { addUser, prepareUser, type Added, type AddRequest, type Prepared } from "./add-user/add-user.ts";
export { checkUsers, type UsersReport } from "./check-users/check-users.ts";
export { findAccount, findAccounts } from "./find-accounts.ts";
export type { Places } from "./places.ts";
export { loadUsersFile, parseUsersFile } from "./users-file/load-users-file.ts";
export { thisMachine } from "./machine/this-machine.ts";
export {
  prepareRemoval,
  removeUser,
  type PreparedRemoval,
  type Removed,
  type RemoveRequest,
} from "./remove-user/remove-user.ts";
