export { connectToHost } from "./connect-to-host.ts";
export { type DialOptions, dialHost } from "./dial-host.ts";
export { type FileClient, fileClient } from "./fetch-files.ts";
export { redial } from "./redial.ts";
export { sendFrame } from "../send-frame.ts";
export { type LeftWork, openSpool, type Spool } from "./spool.ts";
export { type SpoolEntry, entriesNamed } from "./spool-entries.ts";
export { type WireAddress, wireAddressOf } from "../wire-address.ts";
