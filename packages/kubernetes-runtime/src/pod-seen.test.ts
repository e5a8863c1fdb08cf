import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasEnded, podSeen } from "./pod-seen.ts";

/** What a real cluster showed: test-fixtures/kubernetes/record.mjs made it. */
const recorded = JSON.parse(
  readFileSync(new URL("../../../test-fixtures/kubernetes/pods-1.20.2.json", import.meta.url), "utf8"),
) as Readonly<Record<string, { readonly pod: unknown }>>;

const ended = { terminated: { exitCode: 0 } };
const [running, waiting] = [{ running: {} }, { waiting: { reason: "PodInitializing" } }];
const folder = { name: "folder", state: ended };
const pod = (agent: object, ...others: readonly object[]): object => ({
  metadata: { name: "gh-1", uid: "1", resourceVersion: "1" },
  status: {
    phase: "Failed",
    initContainerStatuses: [folder],
    containerStatuses: [{ name: "agent", ...agent }, ...others],
  },
});

/** What 1.20.2 said of a container that was removed before its end was told. */
const unknown = {
  terminated: {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: "The container could not be located when the pod was deleted.  The container used to be Running",
    startedAt: null,
    finishedAt: null,
  },
};

describe("hasEnded", () => {
  test.for<[string, unknown, boolean]>([
    ["an agent that runs", pod({ state: running }), false],
    ["an agent that has ended", pod({ state: ended }), true],
    ["an agent whose container is not there any more", pod({ state: waiting, lastState: unknown }), true],
    ["an agent that was not there and runs", pod({ state: running, lastState: unknown }), false],
    ["an agent that was never seen", pod({ state: waiting, lastState: {} }), false],
    ["an agent without a state", pod({}), false],
    ["an agent beside a container that runs", pod({ state: ended }, { name: "log", state: running }), false],
    [
      "an agent that is not there beside a container that runs",
      pod({ state: waiting, lastState: unknown }, { name: "log", state: running }),
      false,
    ],
    ["a recorded Pod that runs", recorded["running"]?.pod, false],
    ["a recorded Pod that ended", recorded["exit-3"]?.pod, true],
    ["a recorded Pod that was evicted", recorded["evicted"]?.pod, false],
  ])("%s", ([, data, is]) => {
    const seen = podSeen(data) ?? expect.fail("It is no Pod.");
    expect(hasEnded(seen)).toBe(is);
  });
});
