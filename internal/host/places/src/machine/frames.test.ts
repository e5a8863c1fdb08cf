import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { frameIn, hostFrame, type HostFrame } from "./frames.ts";

const start = (groupId: string): HostFrame => ({
  type: "start",
  id: 1,
  token: "t",
  workload: {
    label: { install: "ours", sessionId: "se-1", groupId, incarnation: 1, token: 1 },
    folder: "ana",
    provider: "echo",
    image: null,
    containerJson: {},
    graceMs: 0,
    limits: { cpus: null, memory_mb: null, network: null, pids: null },
    instructed: {} as never,
    files: { whole: [], entries: [] },
  },
});

test.for([
  ["ag-1", true],
  // An imported group keeps its id.
  ["Ag_1.x:y@z", true],
  ["../ag", false],
  ["a/b", false],
  ["", false],
] as const)("a machine takes a workload of the group %j: %j", ([groupId, isTaken]) => {
  const frame = start(groupId);
  expect(frameIn(Buffer.from(JSON.stringify(frame)), hostFrame)).toEqual(isTaken ? frame : null);
});
