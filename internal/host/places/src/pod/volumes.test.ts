import { describe, expect, test } from "vitest";
import type { Exit } from "@nc/container-runtime";
import { mayRun } from "@nc/kubernetes-runtime";
import { obedient, opened, started, until, workload, type Bed } from "./pods.fixture.ts";

const template = { pod: {}, claim: { metadata: {}, spec: { accessModes: ["ReadWriteMany"] } } };
/** A kubelet that ends nothing by itself. */
const withVolumes = (): Promise<Bed> => opened({ ending: () => {} }, { template });

const ended: Exit = { code: 0, signal: null, lastLines: [] };
const exited = { type: "exited", sessionId: "se-1", incarnation: 3, exit: ended } as const;
const agent = (state: object): object => ({ containerStatuses: [{ name: "agent", state }] });
const over = { phase: "Succeeded", ...agent({ terminated: { exitCode: 0 } }) };

const finalizersOf = ({ api }: Bed, name: string): readonly string[] | undefined =>
  api.pods().find(({ metadata }) => metadata.name === name)?.metadata.finalizers;

/** True for a request with this method that only a volume needs. */
const isOfVolume = (method: string, path: string, wanted: string): boolean =>
  method === wanted && (method === "PATCH" || path.endsWith("/persistentvolumeclaims"));

describe("with a volume for each group", () => {
  test("a Pod is held from before its workload until its node says that the agent has ended", async () => {
    const bed = await withVolumes();
    let atStart: readonly string[] | undefined;
    const line = obedient();
    const { guest, name } = await started(bed, {
      ...line,
      ask: (frame) => {
        atStart = finalizersOf(bed, bed.api.pods()[0]?.metadata.name ?? "");
        return line.ask(frame);
      },
    });
    expect(atStart).toEqual([mayRun]);
    expect(bed.api.claims()).toMatchObject([
      { metadata: { name: expect.stringMatching(/^gh-ag-1-[\da-f]{16}$/) as unknown } },
    ]);
    guest.exited(exited);
    await until(() => expect(bed.api.pods()[0]?.metadata.deletionTimestamp).toBeDefined());
    expect(finalizersOf(bed, name)).toEqual([mayRun]);
    bed.api.setStatus(name, over);
    await until(() => expect(bed.api.pods()).toEqual([]));
  });

  test("the next start waits for the end of the session's agent, and for no other session's", async () => {
    const bed = await withVolumes();
    const labels = { "gatehouse.install": "ours", "gatehouse.host": "gone", "gatehouse.session": "se-1" };
    const held = { uid: "u", finalizers: [mayRun] };
    bed.api.add({ metadata: { ...held, name: "earlier", labels }, status: { phase: "Running" } });
    bed.api.add({ metadata: { ...held, name: "other", labels: { ...labels, "gatehouse.session": "se-2" } } });
    const starting = bed.pods.start(workload, "session-token");
    await until(() => expect(bed.api.pods()[0]?.metadata.deletionTimestamp).toBeDefined());
    expect(bed.api.pods().map(({ metadata }) => metadata.name)).toEqual(["earlier", "other"]);
    bed.api.setStatus("earlier", { ...over, phase: "Running" });
    const names = (): readonly string[] => bed.api.pods().map(({ metadata }) => metadata.name);
    await until(() => expect(names()).toEqual(["other", expect.stringMatching(/^gh-/)]));
    bed.pods.endStarting();
    await starting;
  });

  test.for<[what: string, status: object]>([
    ["is over its deadline, while its container runs", { phase: "Failed", ...agent({ running: {} }) }],
    [
      "has a helper that has ended",
      { containerStatuses: [{ name: "log", state: { terminated: { exitCode: 0 } } }] },
    ],
    [
      "has a helper that still runs",
      {
        containerStatuses: [
          { name: "agent", state: { terminated: { exitCode: 0 } } },
          { name: "log", state: { running: {} } },
        ],
      },
    ],
    ["has no status", {}],
  ])("a Pod that %s is not let go", async ([, status]) => {
    const bed = await withVolumes();
    const labels = { "gatehouse.install": "ours", "gatehouse.host": "gone" };
    bed.api.add({ metadata: { name: "left", uid: "u", labels, finalizers: [mayRun] }, status });
    await bed.pods.left();
    expect(finalizersOf(bed, "left")).toEqual([mayRun]);
  });

  test.for<[what: string, status: object]>([
    ["its node says so", over],
    [
      "its node is gone",
      { conditions: [{ type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC" }] },
    ],
  ])("the Pod of a host that is gone is let go when %s", async ([, status]) => {
    const bed = await withVolumes();
    const labels = { "gatehouse.install": "ours", "gatehouse.host": "gone" };
    bed.api.add({ metadata: { name: "left", uid: "u", labels, finalizers: [mayRun] }, status });
    await bed.pods.left();
    expect(finalizersOf(bed, "left")).toEqual([]);
  });

  test("a host that stops lets its Pods go as they end", async () => {
    const bed = await withVolumes();
    const { name } = await started(bed);
    const closing = bed.pods.close();
    await until(() => expect(bed.api.pods()[0]?.metadata.deletionTimestamp).toBeDefined());
    bed.api.setStatus(name, over);
    await closing;
    expect(bed.api.pods()).toEqual([]);
  });

  test("a Pod gets no workload if another host's Pod of the session was held meanwhile", async () => {
    const labels = { "gatehouse.install": "ours", "gatehouse.host": "two", "gatehouse.session": "se-1" };
    const other = { metadata: { name: "other", uid: "u", labels, finalizers: [mayRun] } };
    const bed: Bed = await opened(
      {
        ending: () => {},
        answer: ({ method }) => {
          if (method === "PATCH" && bed.api.pods().length === 1) bed.api.add(other);
          return null;
        },
      },
      { template },
    );
    const starting = bed.pods.start(workload, "session-token");
    const sent: object[] = [];
    (await bed.guest()).welcomed(obedient(sent));
    expect(await starting).toMatchObject({
      error: { message: expect.stringContaining("may still run in the Pod other") as unknown },
    });
    expect(sent).toEqual([]);
    await until(() => expect(bed.api.pods()).toMatchObject([other]));
  });

  test("a start under an older lease than that of the Pod which has the files deletes no Pod", async () => {
    const bed = await withVolumes();
    const { name } = await started(bed);
    const stale = { ...workload, label: { ...workload.label, token: workload.label.token - 1 } };
    expect(await bed.pods.start(stale, "session-token")).toMatchObject({
      error: { message: expect.stringContaining(`may still run in the Pod ${name}`) as unknown },
    });
    expect(bed.api.pods().map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined]);
    bed.api.setStatus(name, over);
  });

  test("a start that waits is given up when the host stops", async () => {
    const bed = await withVolumes();
    const labels = { "gatehouse.install": "ours", "gatehouse.session": "se-1" };
    bed.api.add({ metadata: { name: "earlier", uid: "u", labels, finalizers: [mayRun] } });
    const starting = bed.pods.start(workload, "session-token");
    await until(() => expect(bed.api.pods()[0]?.metadata.deletionTimestamp).toBeDefined());
    bed.pods.endStarting();
    expect(await starting).toMatchObject({ ok: false, error: { message: "The host stops." } });
  });

  test.for(["POST", "PATCH"])(
    "a start is given up when the host stops while the cluster is silent to a %s",
    async (silent) => {
      const bed = await opened(
        {
          ending: () => {},
          answer: ({ method, path }) => (isOfVolume(method, path, silent) ? "silent" : null),
        },
        { template },
      );
      const starting = bed.pods.start(workload, "session-token");
      if (silent === "PATCH") (await bed.guest()).welcomed(obedient());
      await until(() =>
        expect(bed.api.requests.some(({ method, path }) => isOfVolume(method, path, silent))).toBe(true),
      );
      bed.pods.endStarting();
      expect(await starting).toMatchObject({ ok: false, error: { message: "The host stops." } });
    },
  );

  test("a start says that the earlier agent was evicted, of which its node may say no more", async () => {
    const bed = await opened({ ending: () => {} }, { template, freeMs: 0 });
    const labels = { "gatehouse.install": "ours", "gatehouse.session": "se-1" };
    bed.api.add({
      metadata: { name: "earlier", uid: "u", labels, finalizers: [mayRun] },
      status: { phase: "Failed", reason: "Evicted" },
    });
    expect(await bed.pods.start(workload, "session-token")).toMatchObject({
      error: { message: expect.stringContaining("evicted the Pod earlier") as unknown },
    });
  });

  test("a start fails with the Pod, its node and the fix if the earlier agent never ends", async () => {
    const bed = await opened({ ending: () => {} }, { template, freeMs: 0 });
    const labels = { "gatehouse.install": "ours", "gatehouse.session": "se-1" };
    bed.api.add({
      metadata: { name: "earlier", uid: "u", labels, finalizers: [mayRun] },
      spec: { nodeName: "node2" },
    });
    const result = await bed.pods.start(workload, "session-token");
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "runtime-unavailable",
        message: expect.stringMatching(/may still run in the Pod earlier on the node node2/) as unknown,
        fix: expect.stringMatching(/gatehouse machines revoke earlier --force-takeover/) as unknown,
      },
    });
  });
});

test("without volumes a Pod is not held", async () => {
  const bed = await opened();
  const { name } = await started(bed);
  expect(finalizersOf(bed, name)).toBeUndefined();
  expect(bed.api.claims()).toEqual([]);
});
