export { cuttingProxy } from "../cutting-proxy.fixture.ts";
export { noOwnServer, ownServer, type OwnServer } from "../server.fixture.ts";
