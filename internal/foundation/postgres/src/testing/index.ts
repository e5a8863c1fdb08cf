export { noOwnServer, ownServer, type OwnServer, type ServerProcess } from "../server.fixture.ts";
