export { accountProblem } from "./account-problem.ts";
export { sudoersOf } from "./commands/places.ts";
export { findHost } from "./find-host.ts";
export { signalHost } from "./reload-host.ts";
export { type ReloadReport, reportFileIn } from "./reload-report.ts";
export type { UserSessions } from "./reload-users.ts";
export { reloadHandler, startUsers, type UserService } from "./user-service.ts";
export { usersFileOf } from "./users-file.ts";
