import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ok } from "@gatehouse/std";
import { describe, expect, onTestFinished, test } from "vitest";
import { kubeClient } from "./kube-client.ts";

type Answer = (response: ServerResponse) => void;

const says =
  (status: number, body: object = {}, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);

/** A body of more than 64 MiB, in parts, as long as the client reads. */
const endless: Answer = (response) => {
  const part = `{"x":"${"y".repeat(2 ** 20)}`;
  const more = (): void => void (response.destroyed || response.write(part, () => setImmediate(more)));
  more();
};

/** A client of a server with these answers, of which the last one repeats. The client's waits are noted, and take no time. */
const clientOf = async (...answers: readonly Answer[]) => {
  let asked = 0;
  const waits: number[] = [];
  const server = createServer((_, response) => {
    asked += 1;
    answers.at(Math.min(asked, answers.length) - 1)?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = kubeClient(
    {
      server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      isUnverified: false,
      namespace: null,
      signIn: async () => ok({ token: "secret-of-the-operator" }),
    },
    async (ms) => void waits.push(ms),
  );
  onTestFinished(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return { client, waits, asked: () => asked };
};

const get = { method: "GET", path: "/version" } as const;
const there = says(200, { isThere: true });
const conflict = says(409, { reason: "Conflict" });
const cut: Answer = (response) => response.destroy();

describe("ask", () => {
  test.for<[number, string, RegExp | null]>([
    [401, "Unauthorized", /renew the token/],
    [403, 'User "x" cannot create resource "pods"', /rbac\.yaml/],
    [403, 'pods "gh-1" is forbidden: exceeded quota: compute', /raise the quota/],
    [
      403,
      'pods "gh-1" is forbidden: violates PodSecurity "restricted:latest": seccompProfile',
      /template of Pods/,
    ],
    [422, 'Pod "gh-1" is invalid: spec.containers[1].image: Required value', /template of Pods/],
    [404, 'pods "gh-1" not found', null],
  ])("says after %i, %s, what an operator does: %s", async ([status, message, fix]) => {
    const { client } = await clientOf(says(status, { message }));
    const asked = await client.ask(get);
    expect(asked.ok ? undefined : (asked.error.fix ?? null)).toEqual(
      fix === null ? null : expect.stringMatching(fix),
    );
  });

  test.for<[string, readonly Answer[]]>([
    ["is too busy", [says(429)]],
    ["fails", [says(500), says(503)]],
    ["fails four times", [says(500), says(502), says(503), says(504)]],
    ["has a quota that others change too", [conflict, conflict]],
    ["breaks the connection", [cut]],
    ["cuts its answer", [(response) => response.write("{", () => response.destroy())]],
    ["ends its answer in the middle", [(response) => response.end('{"isThere":')]],
    ["is a proxy that answers with a page", [(response) => response.end("<html>")]],
  ])("asks again where the server %s", async ([, answers]) => {
    const { client, waits } = await clientOf(...answers, there);
    expect(await client.ask(get)).toEqual({ ok: true, value: { isThere: true } });
    expect(waits).toHaveLength(answers.length);
  });

  test.for<[string, Answer, object]>([
    ["is too busy", says(429, { reason: "TooManyRequests" }), { status: 429, reason: "TooManyRequests" }],
    ["fails", says(500), { code: "cluster-refused", status: 500 }],
    ["breaks each connection", cut, { code: "cluster-unreachable", status: null }],
  ])("asks five times where the server always %s", async ([, answer, error]) => {
    const { client, waits, asked } = await clientOf(answer);
    expect(await client.ask(get)).toMatchObject({ ok: false, error });
    expect(asked()).toBe(5);
    // 0.4, 0.8, 1.6 and 3.2 s, or up to a quarter less.
    expect(waits).toHaveLength(4);
    expect(waits.every((ms, at) => ms <= 400 * 2 ** at && ms >= 300 * 2 ** at)).toBe(true);
  });

  test("throws at once for a mistake in the access: no cluster is unreachable by it", async () => {
    const server = "https://127.0.0.1:6443" as unknown as URL;
    const signIn = async () => ok({ token: null });
    const client = kubeClient({ server, isUnverified: true, signIn, namespace: null });
    await expect(client.ask(get)).rejects.toThrow(TypeError);
    await expect(client.follow(get, () => true, 1_000)).rejects.toThrow(TypeError);
    client.close();
  });

  test.for<[string, string, number]>([
    ["some seconds", "7", 7_000],
    ["longer than a person waits", "86400", 30_000],
    ["for ever", "Infinity", 30_000],
    ["until a date, which another clock may have made", "Fri, 31 Dec 2100 23:59:59 GMT", 400],
    ["until a date that was", "Thu, 01 Jan 1970 00:00:00 GMT", 400],
    ["less than nothing", "-5", 400],
    ["for no number", "soon", 400],
  ])("waits for half a minute at most where the server asks to wait %s", async ([, asked, most]) => {
    const { client, waits } = await clientOf(says(429, {}, { "retry-after": asked }), there);
    expect((await client.ask(get)).ok).toBe(true);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeLessThanOrEqual(most);
    expect(waits[0]).toBeGreaterThanOrEqual(most === 400 ? 300 : most);
  });

  test.for<[string, Answer, object]>([
    [
      "what is forbidden",
      says(403, { reason: "Forbidden", message: "no\n rights" }),
      { reason: "Forbidden" },
    ],
    ["what expired", says(410, { reason: "Expired" }), { status: 410 }],
    ["what exists", says(409, { reason: "AlreadyExists" }), { reason: "AlreadyExists" }],
    ["a page of a proxy that refuses", (response) => response.writeHead(404).end("<html>"), { status: 404 }],
    ["an answer without an end", endless, { code: "cluster-unreachable" }],
  ])("asks once for %s", async ([, answer, error]) => {
    const { client, asked } = await clientOf(answer);
    const refused = await client.ask(get);
    expect(refused).toMatchObject({ ok: false, error });
    expect(JSON.stringify(refused)).not.toContain("secret-of-the-operator");
    expect(asked()).toBe(1);
  });
});

describe("follow", () => {
  /** What a client got of a watch, and how that ended. */
  const followed = async (answer: Answer, silentMs = 20_000) => {
    const lines: unknown[] = [];
    const { client } = await clientOf(answer);
    const ended = await client.follow(get, (line) => lines.push(line) < 3, silentMs);
    return { ended, lines };
  };

  test("passes lines on, however they are cut into parts, and stops where it is told to", async () => {
    const { ended, lines } = await followed((response) => {
      for (const part of ['{"at":"', "ä", '"}\n{"at":2}\n{"a', 't":3}\n{"at":4}\n']) response.write(part);
    });
    expect({ ended, lines }).toEqual({
      ended: { ok: true, value: null },
      lines: [{ at: "ä" }, { at: 2 }, { at: 3 }],
    });
  });

  test("fails where the answer breaks off in a line, and passes on what was whole", async () => {
    // A socket that is destroyed may take the first line with it.
    const { ended, lines } = await followed((response) =>
      response.write('{"at":1}\n{"at":', () => response.socket?.end()),
    );
    expect(ended).toMatchObject({ ok: false, error: { code: "cluster-unreachable" } });
    expect(lines).toEqual([{ at: 1 }]);
  });

  test("fails where the answer is silent", async () => {
    const { ended } = await followed((response) => response.write('{"at":1}\n'), 100);
    expect(ended).toMatchObject({ ok: false, error: { code: "cluster-unreachable" } });
  });

  test("fails where a line has no end", async () => {
    const { ended, lines } = await followed(endless);
    expect(ended).toMatchObject({ ok: false, error: { code: "cluster-unreachable" } });
    expect(lines).toEqual([]);
  });

  test("says why the server refuses it", async () => {
    const { ended } = await followed(says(403, { reason: "Forbidden", message: "may not watch" }));
    expect(ended).toMatchObject({
      error: {
        status: 403,
        reason: "Forbidden",
        message: expect.stringContaining("may not watch") as unknown,
      },
    });
  });
});
