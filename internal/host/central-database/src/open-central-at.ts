import type { PostgresAddress } from "@gatehouse/postgres";
import { defined, type Result } from "@gatehouse/std";
import { openCentral, type Central, type OpenError } from "./open-central.ts";
import { openServer, type ServerError } from "./open-server.ts";

/** Where the central database of a data folder is. */
export type CentralPlace = {
  readonly dataDir: string;
  /** Null: `gatehouse.db` in the data folder. */
  readonly database: PostgresAddress | null;
  /** On a server: beside other hosts. A file has one host. */
  readonly isShared?: boolean;
  /** The name of this host among those that share the database. */
  readonly hostName?: string;
  /** Called before the schema of a server is migrated. The way back from that needs the operator's dump. */
  readonly beforeMigration?: () => void;
};

/** Opens the central database where it is, and migrates its schema. `now` gives ISO 8601 in UTC. */
export const openCentralAt = (
  { dataDir, database, isShared = false, hostName, beforeMigration }: CentralPlace,
  now: () => string = () => new Date().toISOString(),
): Promise<Result<Central, OpenError | ServerError>> =>
  database === null
    ? openCentral(dataDir, now)
    : openServer(database, { dataDir, isShared, ...defined({ hostName, beforeMigration }) });
