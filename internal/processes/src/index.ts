export { endAgent, endGroup, exitOf, lastOutputMs } from "./end-agent.ts";
export { endFrozen } from "./end-frozen.ts";
export { hasEnded, type ProcessIdentity, processIdentityIn, thisProcess } from "./process-identity.ts";
export { statOf } from "./table/linux-table.ts";
export { shellCode } from "./shell-code.ts";
export { processTable } from "./table/this-process-table.ts";
