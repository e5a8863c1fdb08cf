export { agentDestinationName, chatDestinationName } from "./queries/chat-destination-name.ts";
export { checkCentral, copyCentral, knownSchema, type CheckedCentral } from "./copy-central.ts";
export { copyToServer, type CopiedTable } from "./copy-to-server.ts";
export { databaseTime, isServer } from "./database-time.ts";
export { explainOpen } from "./open-messages.ts";
export { groupNamed, type GroupName, readGroups } from "./group-named.ts";
export { groupOwnerships } from "./queries/group-ownerships.ts";
export { type CentralPlace, openCentralAt } from "./open-central-at.ts";
export { type Central, centralFile, isThere, openCentral } from "./open-central.ts";
export { checkShape, readCentral, type ReadFailure } from "./read-central.ts";
export { ownDirectChat } from "./queries/own-direct-chat.ts";
export type { TaskRow, TaskRunRow } from "./task-tables.ts";
export { noteOwners } from "./queries/note-owners.ts";
export { startedGenerations } from "./queries/started-generations.ts";
export { waitsForNobody } from "./queries/waits-for-nobody.ts";
export type {
  FileBox,
  MessageInRow,
  MessageOutRow,
  SessionFileRow,
  SessionTransportRow,
} from "./message-tables.ts";
export type { SessionRow, SharedSettingRow } from "./session-tables.ts";
export type { ApprovalRow, CentralTables, DecisionRow, IntentRow, LogHeadRow } from "./tables.ts";
export { checkServer } from "./check-server.ts";
export { tryUpgradeOnServer } from "./upgrade/try-on-server.ts";
export { planUndo, undoUpgrade, type UndoPlan } from "./upgrade/undo-upgrade.ts";
export { tryUpgrade, type ChangedTable, type UpgradeTrial } from "./upgrade/try-upgrade.ts";
