import { onTestFinished } from "vitest";
import { fakeClock, fakeEnd, type FakeClock, type FakeEnd } from "../agent-end.fixture.ts";
import { createCarrier, type Carrier } from "../ncl/carrier.ts";
import type { Provider } from "../provider.ts";
import { echo } from "../providers/echo.ts";
import { startLoop, type AgentLoop } from "./agent-loop.ts";
import { createCalls } from "./calls.ts";
import type { PutFiles } from "./with-files.ts";

/** A loop with everything around it in memory. */
export type LoopInMemory = {
  readonly end: FakeEnd;
  readonly clock: FakeClock;
  readonly loop: AgentLoop;
  readonly carrier: Carrier;
  /** Codes of what ended it. */
  readonly fatal: readonly string[];
};

export type LoopParts = {
  readonly provider?: Provider;
  readonly end?: FakeEnd;
  readonly maxMessages?: number;
};

export const loopWith = ({
  provider = echo(),
  end = fakeEnd(),
  maxMessages = 10,
}: LoopParts): LoopInMemory => {
  const clock = fakeClock();
  const fatal: string[] = [];
  const calls = createCalls(clock, ({ code }) => fatal.push(code));
  let [last, batches] = [0, 0];
  const carrier = createCarrier({ end, calls, clock, newId: () => `r-${(last += 1)}` });
  const promptPlace = { assistantName: "Ada", timezone: "Europe/Berlin", inbox: "/s/in/inbox" };
  const putFiles: PutFiles = async (_id, paths) => ({
    files: paths.map((name) => ({ name, size: 1 })),
    problems: [],
  });
  const place = { maxMessages, promptPlace, putFiles, incarnation: 1, newId: () => `b-${(batches += 1)}` };
  const fetchFiles = async (): Promise<void> => undefined;
  const parts = { end, provider, ...place, fetchFiles, clock, calls, carrier };
  const loop = startLoop(parts);
  onTestFinished(() => void loop.stop());
  return { end, clock, loop, carrier, fatal };
};
