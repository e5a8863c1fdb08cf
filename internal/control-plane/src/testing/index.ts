export {
  at,
  folderInMemory,
  hostDatabase,
  hostsOnServer,
  onPostgres,
  openedCentral,
  temporaryFolder,
} from "../database/central.fixture.ts";
export { planOf } from "../database/query-plan.fixture.ts";
export { addRow } from "../database/sample-rows.fixture.ts";
export { type Bed, hostBed, member, operator, steward, stranger } from "../dispatch/host.fixture.ts";
export { lockTables, newAddress, onServer } from "../database/postgres.fixture.ts";
