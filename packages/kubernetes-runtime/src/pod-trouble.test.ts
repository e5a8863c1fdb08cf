import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isOver, podSeen, type PodSeen } from "./pod-seen.ts";
import { podTrouble } from "./pod-trouble.ts";

/** What a real cluster showed: test-fixtures/kubernetes/record.mjs made it. */
const recorded = JSON.parse(
  readFileSync(new URL("../../../test-fixtures/kubernetes/pods-1.20.2.json", import.meta.url), "utf8"),
) as Readonly<Record<string, { readonly pod: unknown }>>;

const podIn = (data: unknown): PodSeen => {
  const pod = podSeen(data);
  if (pod === null) throw new Error("It is no Pod.");
  return pod;
};

type Row = {
  readonly of: string;
  readonly code: string;
  readonly says: RegExp;
  readonly isOver: boolean;
  readonly waits: boolean;
};

const [over, pending] = [
  { isOver: true, waits: false },
  { isOver: false, waits: true },
];

describe("podTrouble of a Pod that a cluster showed", () => {
  test.for<Row>([
    { of: "running", code: "not-connected", says: /has not reached the host/, ...pending },
    { of: "exit-3", code: "ended", says: /ended with code 3: no host here/, ...over },
    { of: "completed", code: "ended", says: /ended with code 0\.$/, ...over },
    { of: "oom-killed", code: "out-of-memory", says: /more memory than its limit/, ...over },
    { of: "deadline-exceeded", code: "deadline-exceeded", says: /longer than the namespace lets/, ...over },
    { of: "evicted", code: "evicted", says: /evicted the Pod: .*ephemeral local storage/, ...over },
    { of: "out-of-cpu", code: "node-refused", says: /refused the Pod \(OutOfcpu\): .*cpu/, ...over },
    { of: "start-error", code: "program-missing", says: /"gatehouse": executable file not found/, ...over },
    {
      of: "unschedulable",
      code: "unschedulable",
      says: /No node takes the Pod: .*Insufficient cpu/,
      ...pending,
    },
    { of: "image-never-pull", code: "image-not-there", says: /absent:1" is not present/, ...pending },
    { of: "image-pull", code: "image-pull", says: /cannot pull the image: .*absent:1/, ...pending },
    {
      of: "image-name",
      code: "image-name",
      says: /couldn't parse image reference "No Name"/,
      isOver: false,
      waits: false,
    },
    { of: "container-config", code: "container-config", says: /secret "absent" not found/, ...pending },
    {
      of: "root-image",
      code: "container-config",
      says: /runAsNonRoot and image will run as root/,
      ...pending,
    },
    { of: "secret-missing", code: "starting", says: /has not started yet/, ...pending },
  ])("$of is $code", ({ of, code, says, isOver: ended, waits }) => {
    const pod = podIn(recorded[of]?.pod);
    const trouble = podTrouble(pod);
    expect(trouble).toMatchObject({ code, message: expect.stringMatching(says) as unknown });
    expect({ isOver: isOver(pod), waits: trouble.patienceMs > 0 }).toEqual({ isOver: ended, waits });
    expect(trouble.fix).not.toBe("");
  });

  test.for<[string, string | undefined]>([
    ["running", "node1"],
    ["unschedulable", undefined],
  ])("%s is on %s", ([of, node]) => expect(podIn(recorded[of]?.pod).spec.nodeName).toBe(node));

  test("no recorded case is left out", () => expect(Object.keys(recorded)).toHaveLength(15));
});

describe("podTrouble of other statuses", () => {
  const statusOf = (status: object): PodSeen =>
    podIn({ metadata: { name: "gh-1", uid: "1", resourceVersion: "1" }, status });
  const waiting = (reason: string, message = ""): object => ({
    phase: "Pending",
    initContainerStatuses: [{ name: "folder", state: { waiting: { reason, message } } }],
    containerStatuses: [{ name: "agent", state: { waiting: { reason: "PodInitializing" } } }],
  });
  const failedFirst = (name: string): object => ({
    phase: "Failed",
    initContainerStatuses: [{ name, state: { terminated: { exitCode: 1, message: "No space left" } } }],
    containerStatuses: [{ name: "agent", state: { waiting: { reason: "PodInitializing" } } }],
  });
  const unschedulable = (message: string): object => ({
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  });
  const failed = (name: string, reason: string): object => ({
    name,
    state: { terminated: { exitCode: 1, reason } },
  });
  const beside = (agent: object, ...others: readonly object[]): object => ({
    phase: "Running",
    containerStatuses: [...others, { name: "agent", state: agent }],
  });
  test.for<[string, object, string]>([
    [
      "a program that is not in a template's first container",
      { initContainerStatuses: [failed("fetch", "StartError")] },
      "template-container",
    ],
    [
      "a program that is not in the image",
      { initContainerStatuses: [failed("folder", "StartError")] },
      "program-missing",
    ],
    [
      "a template's container that does not start",
      beside({ running: {} }, failed("log", "StartError")),
      "not-connected",
    ],
    [
      "a template's container that used too much memory",
      beside({ running: {} }, failed("log", "OOMKilled")),
      "not-connected",
    ],
    [
      "a template's image that cannot be pulled",
      beside({ running: {} }, { name: "log", state: { waiting: { reason: "ErrImagePull" } } }),
      "not-connected",
    ],
    [
      "an agent that used too much memory",
      beside({ terminated: { exitCode: 137, reason: "OOMKilled" } }),
      "out-of-memory",
    ],
    ["a volume without room", failedFirst("folder"), "folders"],
    ["a template's first container that fails", failedFirst("fetch"), "template-container"],
    [
      "a claim that no volume fits",
      unschedulable("0/2 nodes are available: 2 pod has unbound immediate PersistentVolumeClaims."),
      "volume",
    ],
    ["a claim that is gone", unschedulable('persistentvolumeclaim "gh-1" not found'), "volume"],
    [
      "a node of the group's volume that is full",
      unschedulable("0/2 nodes: 1 Insufficient cpu, 1 node(s) didn't match pod affinity rules."),
      "volume-node",
    ],
    ["a node selector that fits no node", unschedulable("2 didn't match node selector."), "unschedulable"],
    ["a container that is being made", waiting("ContainerCreating"), "starting"],
    ["an image that the first container cannot pull", waiting("ErrImagePull"), "image-pull"],
    [
      "a node that shut down",
      { phase: "Failed", reason: "Terminated", message: "node is shutting down" },
      "node-gone",
    ],
    [
      "a program that ended beside a template's container",
      {
        phase: "Running",
        containerStatuses: [
          { name: "agent", state: { terminated: { exitCode: 0 } } },
          { name: "log", state: { running: {} } },
        ],
      },
      "ended",
    ],
    ["no status yet", {}, "starting"],
    ["a reason of a later Kubernetes", { phase: "Failed", reason: "SomethingNew" }, "ended"],
  ])("%s", ([, status, code]) => expect(podTrouble(statusOf(status)).code).toBe(code));

  test("the program's exit code is told, and not that of a template's container", () => {
    const { message } = podTrouble(
      statusOf({ ...beside({ terminated: { exitCode: 0 } }, failed("log", "Error")), phase: "Failed" }),
    );
    expect(message).toContain("program ended with code 0");
  });

  test("a long message of a program is cut, to its end and one line", () => {
    const terminated = { exitCode: 1, message: `${"x".repeat(4_000)}\n\u001B[31mthe last words` };
    const { message } = podTrouble(
      statusOf({ phase: "Failed", containerStatuses: [{ name: "agent", state: { terminated } }] }),
    );
    expect(message.length).toBeLessThan(600);
    expect(message).toMatch(/the last words$/);
    expect(message).not.toContain("\n");
  });
});
