export { startUsers } from "./host-users.ts";
export { isMissingOrEmpty, nobody } from "./nobody.ts";
export { reloading } from "./reloading.ts";
export { type ReloadReport, renderReport } from "./reload-report.ts";
export { openUsers } from "./reload-users.ts";
export { readReport, reportFileIn } from "./report-file.ts";
export { sinceBootMs } from "./since-boot.ts";
export { recordedSessions } from "./user-sessions.ts";
export { usersFileOf } from "./users-file.ts";
