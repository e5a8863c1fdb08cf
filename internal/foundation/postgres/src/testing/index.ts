export { cuttingProxy } from "../cutting-proxy.fixture.ts";
export { noOwnServer, ownServer, type OwnServer, type ServerProcess } from "../server.fixture.ts";
