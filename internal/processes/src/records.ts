export { type ProcessRecord, recordOf, stateOf } from "./process-record.ts";
export { type ProcessHandle, holdProcess } from "./process-handle.ts";
export { type ProcessRecords, processRecords } from "./process-records.ts";
export { signalProcess } from "./signal-process.ts";
export { endMarked } from "./end-marked.ts";
export { markedValues, processesWith } from "./marked-processes.ts";
