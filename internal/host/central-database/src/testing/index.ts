export {
  at,
  folderInMemory,
  hostDatabase,
  hostsOnServer,
  onPostgres,
  openedCentral,
  temporaryFolder,
} from "../central.fixture.ts";
export { lockTables, newAddress, onServer } from "../postgres.fixture.ts";
export { later, present, withOneMore } from "../one-more.fixture.ts";
export { planOf } from "../query-plan.fixture.ts";
export { addRow } from "../sample-rows.fixture.ts";
export { runKilled } from "../killed-program.fixture.ts";
export { createMessageTables } from "../migrations/tables/messages.ts";
