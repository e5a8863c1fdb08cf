import { expect, test } from "vitest";
import { retries } from "./retries.ts";

const away = Object.assign(new Error("the disk is full"), { code: "SQLITE_FULL" });
const bug = new Error("a bug");

const since = () => {
  const time = { ms: 1_000 };
  return { time, work: retries(100, () => time.ms) };
};

test("work that has not failed is due", () => {
  const { work } = since();
  expect([work.isDue("a"), work.failures("a")]).toEqual([true, 0]);
});

test.each([
  ["one failure", [bug], 1, 100],
  ["three failures in a row", [bug, bug, bug], 3, 400],
  ["a database that is away, which counts no failure", [away, away, away], 0, 100],
  ["a failure before the database is away", [bug, bug, away], 2, 200],
])("after %s", (_what, errors, failures, waitMs) => {
  const { time, work } = since();
  for (const error of errors) work.failed("a", error);
  expect(work.failures("a")).toBe(failures);
  time.ms += waitMs - 1;
  expect([work.isDue("a"), work.isDue("b")]).toEqual([false, true]);
  time.ms += 1;
  expect(work.isDue("a")).toBe(true);
});

test.each<[string, (work: ReturnType<typeof retries>) => void]>([
  ["that has succeeded", (work) => work.succeeded("a")],
  ["that is no longer wanted", (work) => work.keep(["b"])],
])("work %s begins anew, and other work waits on", (_what, forget) => {
  const { work } = since();
  for (const id of ["a", "b"]) work.failed(id, bug);
  forget(work);
  expect([work.isDue("a"), work.failures("a")]).toEqual([true, 0]);
  expect([work.isDue("b"), work.failures("b")]).toEqual([false, 1]);
});
