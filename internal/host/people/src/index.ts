export { accountProblem } from "./account-problem.ts";
export { sudoersOf } from "./commands/places.ts";
export type { ReloadReport } from "./reload-report.ts";
export type { UserSessions } from "./reload-users.ts";
export { reloadHandler, startUsers, type UserService } from "./user-service.ts";
export { usersFileOf } from "./users-file.ts";
