export { createFakeTui } from "./fake-tui.ts";
export type { FakeLog, FakeNext, FakePiece, FakeScreen, FakeTui } from "./fake-tui.ts";
export { createManualClock, type ManualClock } from "./manual-clock.ts";
export { createMemoryTerminal } from "./memory-terminal.ts";
export type { MemoryIo, MemoryProgram } from "./memory-terminal.ts";
export { replayCast, type Replay } from "./replay-terminal.ts";
export { terminalContract } from "./terminal-contract.ts";
export type { ContractCase, ContractProgram, OpenProgram } from "./terminal-contract.ts";
