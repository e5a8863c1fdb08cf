export { startUsers } from "./user-service.ts";
export { isMissingOrEmpty, noUsers } from "./no-users.ts";
export { reloadHandler } from "./reload-handler.ts";
export { type ReloadReport, renderReport } from "./reload-report.ts";
export { openUsers } from "./reload-users.ts";
export { readReport, reportFileIn } from "./report-file.ts";
export { sinceBootMs } from "./since-boot.ts";
export type { UserSessions } from "./user-sessions.ts";
export { usersFileOf } from "./users-file.ts";
export { type HeldRole, type HeldRoles, heldRoles } from "./held-roles.ts";
export { askForPerson, type ModelSaid, providersOfGroups } from "./models/persons-model.ts";
export { findHost, type HostFiles } from "./tell-host/find-host.ts";
export { reloadHost, type Reloaded } from "./tell-host/reload-host.ts";
export { isServiceLabel } from "./tell-host/restart-command.ts";
export { signalHost } from "./tell-host/signal-host.ts";
export {
  addDocument,
  changesText,
  planText,
  recoveredText,
  reloadText,
  warningLines,
} from "./review/changes.ts";
export { checkDocument, renderChecks } from "./review/checks.ts";
export { endedLines, previewText, removalDocument, removalText } from "./review/removal.ts";
