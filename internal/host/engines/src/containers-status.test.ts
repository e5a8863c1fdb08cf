import { expect, test } from "vitest";
import { containerLines, type ContainersStatus } from "./containers-status.ts";

type Runtime = NonNullable<ContainersStatus["runtime"]>;
type Shown = NonNullable<Runtime["pods"]>[number];

const pod = (node: string | null, state: Shown["state"] = "running"): Shown => ({
  pod: "gh-1",
  node,
  state,
  session: "se-1",
});

test.for<[string, readonly Shown[], string]>([
  ["no Pod", [], "0 running"],
  ["a Pod that no node has taken", [pod(null, "made")], "0 running (1 on no node yet)"],
  [
    "Pods on two nodes",
    [pod("node2"), pod("node1"), pod("node2"), pod("node3", "ended")],
    "3 running (1 on node1, 2 on node2)",
  ],
  ["a node whose name is no name", [pod("\u001B[31m")], "1 running (1 on \\u{1b}[31m)"],
])("containerLines counts the Pods of each node: %s", ([, pods, said]) => {
  const running = pods.filter(({ state }) => state === "running").length;
  const of = { name: "kubernetes", version: null, socket: null, problem: null, waits: null, image: null };
  const status = { runtime: { ...of, running, pods }, unreadable: null, unowned: [], gone: [] };
  expect(containerLines(status, true)).toEqual([`runtime    kubernetes, ${said}`]);
});
