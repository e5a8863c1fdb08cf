import { expect, test } from "vitest";
import { containersRows, type ContainersStatus } from "./containers-status.ts";

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
])("containersRows counts the Pods of each node: %s", ([, pods, said]) => {
  const running = pods.filter(({ state }) => state === "running").length;
  const of = { name: "kubernetes", version: null, socket: null, problem: null, waits: null, image: null };
  const status = { runtime: { ...of, running, pods }, unreadable: null, unowned: [], gone: [] };
  expect(containersRows(status, true)).toEqual([
    { name: "runtime", text: `kubernetes, ${said}`, isWrong: false },
  ]);
});

test.each([
  { what: "an engine that does not answer", over: { problem: "no answer" } },
  { what: "an image that is missing", over: { waits: "there is no image" } },
])("containersRows says that $what is to be mended", ({ over }) => {
  const of = { name: "docker", version: "29", socket: "/run/docker.sock", running: 0, image: null };
  const runtime = { ...of, problem: null, waits: null, ...over };
  const status = { runtime, unreadable: null, unowned: [], gone: [] };
  expect(containersRows(status, true)).toMatchObject([{ name: "runtime", isWrong: true }]);
});
