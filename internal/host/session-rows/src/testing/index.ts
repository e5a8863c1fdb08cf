export { bothDatabases } from "../two-hosts.fixture.ts";
