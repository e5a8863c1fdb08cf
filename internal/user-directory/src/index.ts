export { startUsers } from "./user-service.ts";
export { isMissingOrEmpty, noUsers } from "./no-users.ts";
export { reloadCarrier } from "./reload-carrier.ts";
export { type ReloadReport, renderReport } from "./reload-report.ts";
export { openUsers } from "./reload-users.ts";
export { readReport, reportFileIn } from "./report-file.ts";
export { sinceBootMs } from "./since-boot.ts";
export { recordedSessions } from "./user-sessions.ts";
export { usersFileOf } from "./users-file.ts";
