export { holdProcess, type ProcessHandle, type ProcessRecord, recordOf, stateOf } from "./process-record.ts";
export { type ProcessRecords, processRecords } from "./process-records.ts";
export { signalProcess, signalRecorded } from "./signal.ts";
export { endMarked, markedValues, processesWith } from "./marked-processes.ts";
export { type ChildExit, type Gate, startGate } from "./group/gate.ts";
export { endCgroup, makeCgroup, removeEmptyCgroups } from "./group/cgroup.ts";
export { endRest } from "./group/end-rest.ts";
export { asAccount, bareEnv, outputAs, shell } from "./group/run-as.ts";
