import { openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, onTestFinished, test } from "vitest";
import { serveHealth } from "./serve-health.ts";

const served = async (withinMs?: number) => {
  const central = await openedCentral(temporaryFolder());
  onTestFinished(() => central.close());
  const place = { host: "127.0.0.1", port: 0, db: central.db };
  const health = await serveHealth(withinMs === undefined ? place : { ...place, withinMs });
  if (!health.ok) return expect.fail(health.error.message);
  onTestFinished(health.value.close);
  const ask = async (path: string, method = "GET"): Promise<readonly [number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${health.value.port}${path}`, { method });
    return [answer.status, await answer.text()];
  };
  return { central, ask, ...health.value };
};

test("a host whose database answers is healthy and ready", async () => {
  const { ask } = await served();
  expect(await ask("/healthz")).toEqual([200, "ok\n"]);
  expect(await ask("/readyz")).toEqual([200, "ok\n"]);
  expect(await ask("/readyz", "HEAD")).toEqual([200, ""]);
});

test("a host without its database is healthy, and not ready", async () => {
  const { ask, central } = await served();
  await central.close();
  expect(await ask("/healthz")).toEqual([200, "ok\n"]);
  expect(await ask("/readyz")).toEqual([503, "The database cannot be used.\n"]);
});

test("a database that answers late counts as away", async () => {
  const { ask, central } = await served(20);
  const held = await central.db.startTransaction().execute();
  expect(await ask("/readyz")).toEqual([503, "The database has not answered within 20 ms.\n"]);
  await held.rollback().execute();
});

test.for([
  ["/", "GET", 404],
  ["/healthz/", "GET", 404],
  ["/healthz", "POST", 405],
] as const)("%s by %s is answered with %d", async ([path, method, status]) => {
  const { ask } = await served();
  expect((await ask(path, method))[0]).toBe(status);
});

test("a port that is taken is refused with the fix", async () => {
  const { port } = await served();
  const { central } = await served();
  expect(await serveHealth({ host: "127.0.0.1", port, db: central.db })).toMatchObject({
    ok: false,
    error: { code: "health-port", message: expect.stringContaining("EADDRINUSE") as unknown },
  });
});
