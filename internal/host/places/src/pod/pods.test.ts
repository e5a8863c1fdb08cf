import { describe, expect, test } from "vitest";
import type { WelcomedLine } from "../machine/frames.ts";
import type { Container, Exit } from "@nc/container-runtime";
import type { ApiObject } from "@nc/kubernetes-runtime/testing";
import { obedient, opened, started, until, workload, type Bed } from "./pods.fixture.ts";

const ended: Exit = { code: 0, signal: null, lastLines: [] };
const isBeingDeleted = ({ api }: Bed): boolean =>
  api.pods().every(({ metadata }) => metadata.deletionTimestamp !== undefined);

describe("a Pod", () => {
  test("gets its workload when its program has connected, and is deleted when that has ended", async () => {
    const bed = await opened();
    const sent: object[] = [];
    const { guest, exits, container } = await started(bed, obedient(sent));
    expect(sent).toMatchObject([{ type: "start", token: "session-token", workload: { folder: "ana" } }]);
    expect(await bed.pods.left()).toEqual({ ok: true, value: [container] });
    guest.exited({ type: "exited", sessionId: "se-1", incarnation: 2, exit: ended });
    guest.exited({ type: "exited", sessionId: "se-1", incarnation: 3, exit: ended });
    await until(() => expect(isBeingDeleted(bed)).toBe(true));
    expect(exits).toEqual([ended]);
    expect(await bed.pods.left()).toEqual({ ok: true, value: [] });
  });

  test("has the image of its group, if that has one of its own", async () => {
    const bed = await opened();
    void bed.pods.start({ ...workload, image: "registry.example/ana:2" }, "session-token");
    await bed.guest();
    const [pod] = bed.api.pods();
    const { initContainers = [], containers = [] } = pod?.["spec"] as Record<string, readonly object[]>;
    expect([...initContainers, ...containers]).toMatchObject([
      { name: "folder", image: "registry.example/ana:2" },
      { name: "agent", image: "registry.example/ana:2" },
    ]);
  });

  test("tells its agent to end, and is deleted instead if its program is away", async () => {
    const bed = await opened();
    const sent: object[] = [];
    const { guest, line, container, name } = await started(bed, obedient(sent));
    void container.kill(500);
    expect(sent.at(-1)).toEqual({ type: "kill", graceMs: 500, sessionId: "se-1", incarnation: 3 });
    guest.ended(line);
    const killed = container.kill(500);
    await until(() => expect(isBeingDeleted(bed)).toBe(true));
    bed.api.remove(name);
    expect(await killed).toMatchObject({ code: null, lastLines: [/deleted in the cluster/] });
  });

  test("is told of no file of the host that has gone", async () => {
    const bed = await opened();
    const sent: object[] = [];
    const { container } = await started(bed, obedient(sent));
    const content = { source: "/proc/absent", size: 1, mtimeMs: 0 };
    const entries = [{ kind: "file", path: "skills/a", mode: 0o600, content }] as const;
    expect(await container.replaceFiles({ whole: [], entries })).toMatchObject({
      ok: false,
      error: { code: "files-refused", message: expect.stringMatching(/skills\/a .* ENOENT/) as unknown },
    });
    expect(sent).toMatchObject([{ type: "start" }]);
    expect(await container.replaceFiles({ whole: [], entries: [] })).toEqual({ ok: true, value: null });
  });

  test("has ended when its node says so, with the reason", async () => {
    const bed = await opened();
    const { exits, name } = await started(bed);
    const terminated = { exitCode: 137, reason: "OOMKilled" };
    bed.api.setStatus(name, {
      phase: "Failed",
      containerStatuses: [{ name: "agent", state: { terminated } }],
    });
    await until(() =>
      expect(exits).toMatchObject([{ lastLines: [expect.stringContaining("more memory than its limit")] }]),
    );
  });

  test("runs on while its program answers, although the cluster shows it no more", async () => {
    const bed = await opened();
    const { guest, line, exits, name } = await started(bed);
    await until(() => expect(bed.api.watches()).toBe(1));
    bed.api.remove(name);
    bed.api.add({ metadata: { name: "later", labels: { "gatehouse.install": "ours" } } });
    expect((await bed.pods.left()).ok).toBe(true);
    expect(exits).toEqual([]);
    guest.ended(line);
    await until(() => expect(exits).toHaveLength(1));
  });

  const runs = { phase: "Running", containerStatuses: [{ name: "agent", state: { running: {} } }] };
  const failed = {
    phase: "Failed",
    containerStatuses: [{ name: "agent", state: { terminated: { exitCode: 1, message: "one" } } }],
  };
  const failedLater = { phase: "Failed", reason: "Evicted" };
  test.for<[string, readonly object[]]>([
    ["runs again, says an older event", [failed, runs]],
    ["ended in another way, says a later event", [failed, failedLater]],
    ["ended, says the same event again", [failed, failed]],
  ])("has ended once, although it %s", async ([, statuses]) => {
    const bed = await opened();
    const { exits, name } = await started(bed);
    for (const status of statuses) bed.api.setStatus(name, status);
    bed.api.remove(name);
    await until(() => expect(exits).toMatchObject([{ lastLines: [/ended with code 1: one/] }]));
    expect(await bed.pods.left()).toEqual({ ok: true, value: [] });
  });

  const hour = 3_600_000;
  test.for([-hour, 0, hour])(
    "ends and starts as ever where the cluster's clock is %i ms off",
    async (off) => {
      const at = new Date(Date.now() + off).toISOString();
      const bed = await opened();
      const { exits, name } = await started(bed);
      const state = { running: { startedAt: at } };
      bed.api.setStatus(name, { startTime: at, ...runs, containerStatuses: [{ name: "agent", state }] });
      const labels = { "gatehouse.install": "ours", "gatehouse.host": "gone" };
      const ending = { deletionTimestamp: at, creationTimestamp: at };
      bed.api.add({
        metadata: { name: "left", uid: "1", labels, creationTimestamp: at } as ApiObject["metadata"],
      });
      bed.api.add({ metadata: { name: "ending", uid: "2", labels, ...ending } });
      await until(async () => {
        expect((await bed.pods.left()).ok).toBe(true);
        const deleted = bed.api.requests.filter(({ method }) => method === "DELETE");
        expect([...new Set(deleted.map(({ path }) => path.split("/").at(-1)))]).toEqual(["left"]);
      });
      expect(exits).toEqual([]);
    },
  );

  test("is not taken for another one with its labels, which is deleted", async () => {
    const bed = await opened();
    const { exits, name, container } = await started(bed);
    const { labels = {} } = bed.api.pods()[0]?.metadata ?? {};
    await until(() => expect(bed.api.watches()).toBe(1));
    bed.api.add({ metadata: { name: "copy", uid: "copy", labels }, status: failedLater });
    await until(async () => {
      expect(await bed.pods.left()).toEqual({ ok: true, value: [container] });
      const [kept, copy] = bed.api.pods().map(({ metadata }) => metadata);
      expect({ kept: kept?.deletionTimestamp, copy: copy?.deletionTimestamp }).toEqual({
        kept: undefined,
        copy: expect.any(String) as unknown,
      });
    });
    bed.api.setStatus(name, failed);
    await until(() => expect(exits).toMatchObject([{ lastLines: [/ended with code 1: one/] }]));
  });

  test("is given up if its program stays away, but not if it comes back", async () => {
    const bed = await opened({}, { goneMs: 30 });
    const { guest, line, exits } = await started(bed);
    guest.ended(line);
    guest.welcomed(obedient());
    guest.ended(line);
    expect(exits).toEqual([]);
    const again = obedient();
    guest.welcomed(again);
    guest.ended(again);
    await until(() => expect(exits).toMatchObject([{ code: null }]));
    await until(() => expect(isBeingDeleted(bed)).toBe(true));
  });
});

describe("a start", () => {
  const failed = async (bed: Bed): Promise<string> => {
    const result = await bed.pods.start(workload, "session-token");
    return result.ok ? "" : result.error.message;
  };

  test("fails with the cluster's reason, and leaves no Pod", async () => {
    const state = { waiting: { reason: "InvalidImageName", message: "no such name" } };
    const bed = await opened({
      started: ({ metadata }) =>
        bed.api.setStatus(metadata.name, { phase: "Pending", containerStatuses: [{ name: "agent", state }] }),
    });
    expect(await failed(bed)).toBe("The image's name is wrong: no such name");
    await until(() => expect(bed.api.pods()).toEqual([]));
  });

  test("fails if the program refuses the workload", async () => {
    const bed = await opened();
    const starting = failed(bed);
    const refusing = {
      ...obedient(),
      ask: () => Promise.resolve({ type: "refused", id: 1, message: "No." }),
    };
    (await bed.guest()).welcomed(refusing as unknown as WelcomedLine);
    expect(await starting).toBe("No.");
  });

  test("fails, and leaves no Pod, if a file of the host has gone", async () => {
    const bed = await opened();
    const content = { source: "/proc/absent", size: 1, mtimeMs: 0 };
    const entries = [{ kind: "file", path: "skills/a", mode: 0o600, content }] as const;
    const starting = bed.pods.start({ ...workload, files: { whole: [], entries } }, "session-token");
    expect(await starting).toMatchObject({ ok: false, error: { code: "files-refused" } });
    expect(bed.api.pods()).toEqual([]);
  });

  test("is given up when the host stops, and none begins after", async () => {
    const bed = await opened();
    const starting = failed(bed);
    await bed.guest();
    bed.pods.endStarting();
    expect(await starting).toBe("The host stops.");
    expect(await failed(bed)).toBe("The host stops.");
  });

  test("is given up when the host stops while the cluster is asked for the Pod", async () => {
    const bed = await opened({ answer: ({ method }) => (method === "POST" ? "silent" : null) });
    const starting = failed(bed);
    await until(() => expect(bed.api.requests.map(({ method }) => method)).toContain("POST"));
    bed.pods.endStarting();
    expect(await starting).toBe("The host stops.");
  });
});

test("Pods of an earlier process are deleted, and those of a host that runs or of other installations are not", async () => {
  const bed = await opened();
  for (const [name, install, host] of [
    ["left", "ours", "gone"],
    ["of-old-version", "ours", undefined],
    ["of-this-host", "ours", "one"],
    ["of-other-host", "ours", "two"],
    ["foreign", "theirs", "gone"],
  ] as const) {
    const labels = {
      "gatehouse.install": install,
      ...(host === undefined ? {} : { "gatehouse.host": host }),
    };
    bed.api.add({ metadata: { name, uid: name, labels } });
  }
  const running: readonly Container[] = [];
  expect(await bed.pods.left()).toEqual({ ok: true, value: running });
  const marked = bed.api.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  expect(marked.map(({ metadata }) => metadata.name)).toEqual(["left", "of-old-version", "of-this-host"]);
});

describe("a look at what runs", () => {
  test("asks the cluster for nothing while a watch shows it, and deletes what the watch showed", async () => {
    const bed = await opened();
    const { container } = await started(bed);
    await until(() => expect(bed.api.watches()).toBe(1));
    const before = bed.api.requests.length;
    for (let times = 0; times < 3; times += 1)
      expect(await bed.pods.left()).toEqual({ ok: true, value: [container] });
    expect(bed.api.requests).toHaveLength(before);
    bed.api.add({ metadata: { name: "left", uid: "1", labels: { "gatehouse.install": "ours" } } });
    await until(async () => {
      await bed.pods.left();
      expect(bed.api.requests.at(-1)).toMatchObject({ method: "DELETE" });
    });
  });

  test("fails while the cluster can be neither watched nor listed", async () => {
    let isRefused = false;
    const refusal = { status: 403, body: { reason: "Forbidden", message: "no" } };
    const bed = await opened({ answer: ({ method }) => (isRefused && method === "GET" ? refusal : null) });
    await started(bed);
    await until(() => expect(bed.api.watches()).toBe(1));
    isRefused = true;
    bed.api.cutWatches();
    await until(async () => expect(await bed.pods.left()).toMatchObject({ error: { code: "spawn-failed" } }));
    isRefused = false;
    await until(async () => expect((await bed.pods.left()).ok).toBe(true));
  });

  test("lists the Pods each time while a watch is refused again and again", async () => {
    let [isWatchRefused, isListRefused, refused] = [false, false, 0];
    const refusal = { status: 403, body: { reason: "Forbidden", message: "no" } };
    const bed = await opened({
      answer: ({ method, query }) => {
        if (query["watch"] === "1" && isWatchRefused) {
          refused += 1;
          return refusal;
        }
        return isListRefused && method === "GET" && query["watch"] === undefined ? refusal : null;
      },
    });
    await started(bed);
    await until(() => expect(bed.api.watches()).toBe(1));
    isWatchRefused = true;
    bed.api.cutWatches();
    await until(() => expect(refused).toBeGreaterThan(2));
    expect((await bed.pods.left()).ok).toBe(true);
    isListRefused = true;
    expect(await bed.pods.left()).toMatchObject({ error: { code: "spawn-failed" } });
    [isWatchRefused, isListRefused] = [false, false];
    await until(() => expect(bed.api.watches()).toBe(1));
    bed.api.add({ metadata: { name: "theirs", uid: "1", labels: { "gatehouse.install": "ours" } } });
    await until(async () => {
      const { length } = bed.api.requests;
      await bed.pods.left();
      expect(bed.api.requests.slice(length).filter(({ method }) => method === "GET")).toEqual([]);
    });
  });
});

test("a token that no Pod has belongs to none", async () => {
  const { pods } = await opened();
  expect(pods.guestOf("")).toBe(null);
});
