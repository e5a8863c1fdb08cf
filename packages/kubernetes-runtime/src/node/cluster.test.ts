import { describe, expect, onTestFinished, test, vi } from "vitest";
import { foreignPod, planOf, scriptedCluster } from "./cluster.fixture.ts";
import type { ApiAnswer, ApiRequest, ScriptedApiOptions } from "./testing/scripted-api.ts";

const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 10 });

/** Answers the first requests that fit with these, in their order, and lets the server answer the others. */
const script = (fits: (request: ApiRequest) => boolean, ...answers: ApiAnswer[]): ScriptedApiOptions => ({
  answer: (request) => (fits(request) ? (answers.shift() ?? null) : null),
});

const isPost = ({ method, path }: ApiRequest): boolean => method === "POST" && path.endsWith("/pods");
const isList = ({ method, query }: ApiRequest): boolean => method === "GET" && query["watch"] === undefined;
const isWatch = ({ query }: ApiRequest): boolean => query["watch"] === "1";
const refusal = (status: number, reason: string): ApiAnswer => ({
  status,
  body: { reason, message: reason },
});

describe("make", () => {
  test("makes a Pod, and its Secret, which belongs to the Pod", async () => {
    const { api, cluster } = await scriptedCluster();
    const made = await cluster.make(planOf("gh-1"), { token: "t" });
    expect(made).toMatchObject({ ok: true, value: { metadata: { name: "gh-1" } } });
    expect(api.secret("gh-1")).toEqual({ "machine.json": '{"token":"t"}' });
    const [pod, secret] = api.requests.map(({ body }) => body);
    expect(JSON.stringify(pod)).not.toContain('"t"');
    const uid = made.ok ? made.value.metadata.uid : "";
    expect(secret).toMatchObject({ metadata: { ownerReferences: [{ kind: "Pod", name: "gh-1", uid }] } });
  });

  test.for<[string, Readonly<Record<string, readonly ApiAnswer[]>>]>([
    ["before the server has it", { "POST pods": ["cut"] }],
    ["after the Pod was made", { "POST pods": ["lost"] }],
    ["after the Pod was made, and when it is listed", { "POST pods": ["lost"], "GET pods": ["cut"] }],
    ["after the Secret was made", { "POST secrets": ["lost"] }],
    ["after each of them was made", { "POST pods": ["lost"], "POST secrets": ["lost"] }],
  ])("makes one Pod where the connection breaks %s", async ([, answers]) => {
    const left = new Map(Object.entries(answers).map(([asked, of]) => [asked, [...of]]));
    const { api, cluster } = await scriptedCluster({
      answer: ({ method, path }) => left.get(`${method} ${path.split("/").at(-1) ?? ""}`)?.shift() ?? null,
    });
    expect(await cluster.make(planOf("gh-1"), { token: "t" })).toMatchObject({
      value: { metadata: { name: "gh-1", uid: api.pods()[0]?.metadata.uid } },
    });
    expect(api.pods()).toHaveLength(1);
    expect(api.secret("gh-1")).toEqual({ "machine.json": '{"token":"t"}' });
  });

  test("knows the Pod that it made before", async () => {
    const { api, cluster } = await scriptedCluster();
    const first = await cluster.make(planOf("gh-1"), { token: "first" });
    expect(await cluster.make(planOf("gh-1"), { token: "first" })).toEqual(first);
    expect(api.pods()).toHaveLength(1);
  });

  test.for<[string, Readonly<Record<string, string>>]>([
    ["no labels", {}],
    ["the labels of the installation alone", { "gatehouse.install": "ours" }],
  ])("gives its Secret to no Pod of its name with %s", async ([, labels]) => {
    const { api, cluster } = await scriptedCluster();
    api.add({ metadata: { name: "gh-1", uid: "1", labels } });
    expect(await cluster.make(planOf("gh-1"), {})).toMatchObject({ error: { reason: "AlreadyExists" } });
    expect({ secret: api.secret("gh-1"), pods: api.pods().length }).toEqual({ secret: null, pods: 1 });
  });

  test("deletes a Pod whose Secret is refused", async () => {
    const isSecret = ({ path }: ApiRequest): boolean => path.endsWith("/secrets");
    const { api, cluster } = await scriptedCluster(script(isSecret, refusal(403, "Forbidden")));
    expect(await cluster.make(planOf("gh-1"), {})).toMatchObject({ ok: false });
    expect(api.pods()).toEqual([]);
  });

  test("asks once for what is forbidden, and says what the server said without the token", async () => {
    const said = 'pods is forbidden: User "x" cannot create resource "pods"';
    const { api, cluster } = await scriptedCluster(
      script(isPost, { status: 403, body: { reason: "Forbidden", message: said } }),
    );
    const made = await cluster.make(planOf("gh-1"), {});
    expect(made).toMatchObject({ ok: false, error: { status: 403, reason: "Forbidden" } });
    expect(JSON.stringify(made)).toContain("cannot create resource");
    expect(JSON.stringify(made)).not.toContain("secret-of-the-operator");
    expect(api.requests).toHaveLength(1);
  });
});

describe("remove", () => {
  test("sends its grace, and counts a Pod that is not there as deleted", async () => {
    const { api, cluster } = await scriptedCluster();
    await cluster.make(planOf("gh-1"), {});
    expect(await cluster.remove("gh-1", 3)).toEqual({ ok: true, value: null });
    expect(await cluster.remove("gh-1", 3)).toEqual({ ok: true, value: null });
    expect(api.requests.filter(({ method }) => method === "DELETE").map(({ body }) => body)).toEqual([
      { gracePeriodSeconds: 3 },
      { gracePeriodSeconds: 3 },
    ]);
  });
});

describe("list", () => {
  test("begins anew if the list expires between two pages", async () => {
    const isSecondPage = ({ query }: ApiRequest): boolean => query["continue"] !== undefined;
    const { api, cluster } = await scriptedCluster(script(isSecondPage, refusal(410, "Expired")));
    for (let at = 0; at < 600; at += 1)
      api.add({ metadata: { name: `gh-${at}`, uid: `${at}`, labels: { "gatehouse.install": "ours" } } });
    const listed = await cluster.list({ install: "ours" });
    expect(listed.ok && listed.value.length).toBe(600);
    expect(api.requests).toHaveLength(4);
  });

  test("fails if each list expires between two pages", async () => {
    const { api, cluster } = await scriptedCluster({
      answer: ({ query }) => (query["continue"] === undefined ? null : refusal(410, "Expired")),
    });
    for (let at = 0; at < 600; at += 1)
      api.add({ metadata: { name: `gh-${at}`, uid: `${at}`, labels: { "gatehouse.install": "ours" } } });
    expect(await cluster.list({ install: "ours" })).toMatchObject({ ok: false, error: { status: 410 } });
    expect(api.requests).toHaveLength(10);
  });

  test.for<[string, object, object]>([
    [
      "no items, as Go writes them",
      { metadata: { resourceVersion: "1" }, items: null },
      { ok: true, value: [] },
    ],
    [
      "items that are no Pods",
      { metadata: { resourceVersion: "1" }, items: [null, {}, { metadata: { name: 7 } }] },
      { ok: true, value: [] },
    ],
    [
      "no list",
      { kind: "Status" },
      { error: { message: expect.stringContaining("no list of Pods") as unknown } },
    ],
    ["no version", { metadata: {}, items: [] }, { error: { code: "cluster-unreachable" } }],
  ])("takes an answer with %s for what it is", async ([, body, result]) => {
    const { cluster } = await scriptedCluster({ answer: () => ({ status: 200, body }) });
    expect(await cluster.list({ install: "ours" })).toMatchObject(result);
  });

  test("asks the server for no Pod of 5,000 others", async () => {
    const { api, cluster } = await scriptedCluster();
    for (let at = 0; at < 5_000; at += 1) api.add(foreignPod(`other-${at}`));
    await cluster.make(planOf("gh-1"), {});
    const before = api.requests.length;
    const listed = await cluster.list({ install: "ours" });
    expect(listed.ok && listed.value.map(({ metadata }) => metadata.name)).toEqual(["gh-1"]);
    expect(api.requests).toHaveLength(before + 1);
  });
});

describe("watch", () => {
  const watched = async (options: ScriptedApiOptions = {}, silentMs?: number) => {
    const { api, cluster } = await scriptedCluster(options);
    await cluster.make(planOf("gh-1"), {});
    const seen = new Map<string, string | null>();
    const troubles: (string | null)[] = [];
    const end = cluster.watch({
      install: "ours",
      changed: (name, pod) => void seen.set(name, pod?.status.phase ?? null),
      trouble: (problem) => void troubles.push(problem?.reason ?? problem?.code ?? null),
      ...(silentMs === undefined ? {} : { silentMs }),
    });
    onTestFinished(end);
    const watching = (times: number): Promise<void> =>
      until(() => expect(api.requests.filter(isWatch).length).toBeGreaterThanOrEqual(times));
    return { api, cluster, seen, troubles, watching };
  };

  test("tells what is there, what changes, and what goes", async () => {
    const { api, cluster, seen, watching } = await watched();
    await watching(1);
    api.setStatus("gh-1", { phase: "Running" });
    await cluster.make(planOf("gh-2"), {});
    await until(() => expect(Object.fromEntries(seen)).toEqual({ "gh-1": "Running", "gh-2": "Pending" }));
    api.add(foreignPod("other"));
    api.remove("gh-1");
    await until(() => expect(Object.fromEntries(seen)).toEqual({ "gh-1": null, "gh-2": "Pending" }));
  });

  test("goes on after its connection broke, and tells what went meanwhile", async () => {
    const { api, seen, watching } = await watched();
    await watching(1);
    await until(() => expect(api.watches()).toBe(1));
    api.cutWatches();
    api.remove("gh-1");
    await until(() => expect(seen.get("gh-1")).toBe(null));
  });

  test("hears of no Pod of 5,000 others", async () => {
    const { api, seen, watching } = await watched();
    await watching(1);
    for (let at = 0; at < 5_000; at += 1) api.add(foreignPod(`other-${at}`));
    api.setStatus("gh-1", { phase: "Running" });
    await until(() => expect(Object.fromEntries(seen)).toEqual({ "gh-1": "Running" }));
    const asked = api.requests.filter(({ method }) => method === "GET").map(({ query }) => query);
    expect(new Set(asked.map(({ labelSelector }) => labelSelector))).toEqual(
      new Set(["gatehouse.install=ours"]),
    );
  });

  test.for<[string, object]>([
    ["the end of a Pod that it never showed", { type: "DELETED", object: foreignPod("other") }],
    ["a change of a Pod that it never showed", { type: "MODIFIED", object: foreignPod("other") }],
    ["an older bookmark", { type: "BOOKMARK", object: { metadata: { resourceVersion: "1" } } }],
    ["an event of a later Kubernetes", { type: "MOVED", object: { metadata: { resourceVersion: "1" } } }],
    ["an event without an object", { type: "ADDED" }],
    ["something that is no event", []],
  ])("goes on after %s", async ([, event]) => {
    const { api, seen, troubles } = await watched();
    await until(() => expect(api.watches()).toBe(1));
    api.tellWatches(event);
    api.setStatus("gh-1", { phase: "Running" });
    await until(() => expect(Object.fromEntries(seen)).toEqual({ "gh-1": "Running" }));
    expect({ troubles, watches: api.requests.filter(isWatch).length }).toEqual({ troubles: [], watches: 1 });
  });

  test("lists anew, without a word, where the server refuses to watch from an expired version", async () => {
    const { seen, api, troubles } = await watched(script(isWatch, refusal(410, "Expired")));
    await until(() => expect(api.watches()).toBe(1));
    api.setStatus("gh-1", { phase: "Running" });
    await until(() => expect(seen.get("gh-1")).toBe("Running"));
    expect(troubles).toEqual([]);
  });

  test.for<[string, object]>([
    ["expires", { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }],
    ["fails", { type: "ERROR", object: { kind: "Status", code: 500, reason: "InternalError" } }],
  ])("lists anew when the watch %s", async ([, event]) => {
    const { api, seen, watching } = await watched();
    await watching(1);
    await until(() => expect(api.watches()).toBe(1));
    api.tellWatches(event);
    await watching(2);
    api.setStatus("gh-1", { phase: "Running" });
    await until(() => expect(seen.get("gh-1")).toBe("Running"));
  });

  test("goes on from a bookmark when the server ends the watch after its time", async () => {
    const { api, watching } = await watched();
    await watching(1);
    await until(() => expect(api.watches()).toBe(1));
    api.tellWatches({ type: "BOOKMARK", object: { metadata: { resourceVersion: "900" } } });
    api.endWatches();
    await watching(2);
    const versions = api.requests.filter(isWatch).map(({ query }) => query["resourceVersion"]);
    expect(versions.at(1)).toBe("900");
  });

  test("gives up a watch that is silent", async () => {
    const isFirst = script(isWatch, "silent");
    const { api, seen, watching } = await watched(isFirst, 50);
    await watching(2);
    api.setStatus("gh-1", { phase: "Running" });
    await until(() => expect(seen.get("gh-1")).toBe("Running"));
  });

  test.for<[string, (request: ApiRequest) => boolean]>([
    ["listed", isList],
    ["watched", isWatch],
  ])("tells once that the Pods cannot be %s, and once that they can again", async ([, fits]) => {
    const denied = [refusal(403, "Forbidden"), refusal(403, "Forbidden")];
    const { api, troubles, seen } = await watched(script(fits, ...denied));
    await until(() => expect(api.watches()).toBe(1));
    api.setStatus("gh-1", { phase: "Running" });
    await until(() => expect(seen.get("gh-1")).toBe("Running"));
    expect(troubles).toEqual(["Forbidden", null]);
  });
});

test("hold says of a Pod that is being deleted that it was, and holds it not", async () => {
  const { api, cluster } = await scriptedCluster({ ending: () => {} });
  await cluster.make(planOf("gh-1"), {});
  await cluster.remove("gh-1", 1);
  expect(await cluster.hold("gh-1")).toMatchObject({
    error: { message: "The Pod gh-1 was deleted in the cluster before its agent began." },
  });
  expect(api.pods()[0]?.metadata.finalizers ?? []).toEqual([]);
});

test("warnings has a line for each event", async () => {
  const { api, cluster } = await scriptedCluster();
  api.addEvent({ metadata: { name: "e", uid: "1" }, message: "FailedMount:\n  no such  claim" });
  expect(await cluster.warnings("uid-1")).toEqual({ ok: true, value: ["FailedMount: no such claim"] });
  expect(api.requests.at(-1)?.query["fieldSelector"]).toBe("involvedObject.uid=uid-1,type=Warning");
});

describe("claim", () => {
  const ids = [
    ...["ag-1", "AG-1", "ag_1", "ag.1", "ag:1", "ag@1", "ag--1", "ag-1-", "ag-", "ag"],
    ...["a".repeat(200), `${"a".repeat(199)}b`, "ag-5e06f4c2-8d92-4bb8-9425-27304346a243"],
  ];
  const template = { metadata: {}, spec: {} };

  test("makes one volume for each group of each installation, under a name that may be a label", async () => {
    const { api, cluster } = await scriptedCluster();
    for (const install of ["ours", "theirs", "ours"])
      for (const groupId of ids)
        expect(await cluster.claim(template, { install, groupId })).toEqual({ ok: true, value: null });
    const names = api.claims().map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(2 * ids.length);
    for (const name of names) expect(name).toMatch(/^gh-[a-z\d-]{0,59}[a-z\d]$/);
  });
});
