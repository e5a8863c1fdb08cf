export { type HostLog, logFileIn, openHostLog } from "./host-log.ts";
export { readLog } from "./read-log.ts";
export { shownLine } from "./shown-line.ts";
