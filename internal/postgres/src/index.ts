export { chooseAddress, type AddressProblem, type PostgresAddress } from "./address.ts";
export { openPostgres, type OpenOptions, type Postgres } from "./open-postgres.ts";
export { postgresTrouble, type PostgresTrouble } from "./trouble.ts";
