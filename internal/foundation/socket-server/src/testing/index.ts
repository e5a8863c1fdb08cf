export { type RawClient, rawClient, tempFolder } from "../socket.fixture.ts";
