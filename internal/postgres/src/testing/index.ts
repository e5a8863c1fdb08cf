export { noOwnServer, ownServer, type OwnServer } from "../server.fixture.ts";
