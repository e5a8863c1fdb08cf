import { describe, expect, onTestFinished, test, vi } from "vitest";
import { foreignPod, planOf, scriptedCluster } from "./cluster.fixture.ts";
import type { ApiAnswer, ApiRequest, ScriptedApiOptions } from "./testing/scripted-api.ts";

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });

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

  test.for<[string, readonly ApiAnswer[]]>([
    ["is too busy, and says for how long", [{ status: 429, headers: { "retry-after": "1" } }]],
    ["fails", [{ status: 500 }, { status: 503 }]],
    ["has a quota that others change too", [refusal(409, "Conflict"), refusal(409, "Conflict")]],
    ["breaks the connection", ["cut"]],
  ])("asks again where the server %s", async ([, answers]) => {
    const { api, cluster } = await scriptedCluster(script(isPost, ...answers));
    expect(await cluster.make(planOf("gh-1"), {})).toMatchObject({ ok: true });
    expect(api.requests.filter(isPost)).toHaveLength(answers.length + 1);
    expect(api.pods()).toHaveLength(1);
  });

  test("knows the Pod whose answer was lost", async () => {
    const { api, cluster } = await scriptedCluster();
    await cluster.make(planOf("gh-1"), { token: "first" });
    const again = await cluster.make(planOf("gh-1"), { token: "first" });
    expect(again).toMatchObject({ ok: true, value: { metadata: { name: "gh-1" } } });
    expect(api.pods()).toHaveLength(1);
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

  test("tells once that the Pods cannot be watched, and once that they can again", async () => {
    const denied = Array.from({ length: 3 }, () => refusal(403, "Forbidden"));
    const { troubles, seen } = await watched(script(isList, ...denied));
    await until(() => expect(seen.get("gh-1")).toBe("Pending"));
    expect(troubles).toEqual(["Forbidden", null]);
  });
});
