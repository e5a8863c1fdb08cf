export { isHostAway, keptAway, lockHolders } from "./host-lock.ts";
export { chooseAddress, type AddressProblem, type PostgresAddress } from "./address.ts";
export { openPostgres, openReading, type OpenOptions, type Postgres } from "./open-postgres.ts";
export { postgresTrouble, type PostgresTrouble, wasNeverSent } from "./trouble.ts";
