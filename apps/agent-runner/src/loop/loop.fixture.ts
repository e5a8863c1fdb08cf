import { onTestFinished } from "vitest";
import { fakeClock, fakeAgentSide, type FakeClock, type FakeAgentSide } from "../agent-side.fixture.ts";
import { createNclRelay, type NclRelay } from "../ncl/relay.ts";
import type { Provider } from "../provider.ts";
import { echo } from "../providers/echo.ts";
import { startLoop, type AgentLoop } from "./agent-loop.ts";
import type { AgentDeps } from "./agent-state.ts";
import { createCalls } from "./calls.ts";
import type { PutFiles } from "./with-files.ts";

/** A loop whose dependencies are all in memory. */
export type LoopInMemory = {
  readonly side: FakeAgentSide;
  readonly clock: FakeClock;
  readonly loop: AgentLoop;
  readonly relay: NclRelay;
  /** Codes of fatal errors. */
  readonly fatal: readonly string[];
};

export type LoopParts = {
  readonly provider?: Provider;
  readonly side?: FakeAgentSide;
  readonly maxMessages?: number;
  readonly pathsIn?: AgentDeps["pathsIn"];
  readonly putFiles?: PutFiles;
  readonly runCommand?: AgentDeps["runCommand"];
};

export const loopWith = ({
  provider = echo(),
  side = fakeAgentSide(),
  maxMessages = 10,
  pathsIn = async () => ({ realPaths: [], isInside: false }),
  putFiles = async (_id, sources) => ({
    files: sources.map((source) => ({ name: typeof source === "string" ? source : source.name, size: 1 })),
    problems: [],
  }),
  runCommand = async () => ({ ok: true, value: { code: 0, output: "" } }),
}: LoopParts): LoopInMemory => {
  const clock = fakeClock();
  const fatal: string[] = [];
  const calls = createCalls(clock, ({ code }) => fatal.push(code));
  let [last, batches] = [0, 0];
  const relay = createNclRelay({ side, calls, clock, newId: () => `r-${(last += 1)}` });
  const promptPlace = { assistantName: "Ada", timezone: "Europe/Berlin", inbox: "/s/in/inbox" };
  const place = {
    groupId: "ag-1",
    maxMessages,
    promptPlace,
    putFiles,
    incarnation: 1,
    newId: () => `b-${(batches += 1)}`,
  };
  const fetchFiles = async (): Promise<void> => undefined;
  const loop = startLoop({
    side,
    provider,
    notes: [],
    leftOut: [],
    ...place,
    fetchFiles,
    pathsIn,
    runCommand,
    clock,
    calls,
    relay,
  });
  onTestFinished(() => void loop.stop());
  return { side, clock, loop, relay, fatal };
};
