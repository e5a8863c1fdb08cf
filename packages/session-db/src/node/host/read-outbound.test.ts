import { expect, test } from "vitest";
import type { ForeignReader } from "@gatehouse/sqlite";
import { outboundReader } from "./read-outbound.ts";

const tables = [{ table: "messages_out", columns: ["id"], orderBy: "id", limit: 1 }];
const limits = { maxOutboundBytes: 1_000_000, maxTextBytes: 1_000 };

/** Finds the file held by its writer so many times. */
const reader = (busy: number): ForeignReader & { readonly reads: () => number } => {
  let reads = 0;
  return {
    read: async () => {
      reads += 1;
      return reads <= busy
        ? { ok: false, error: { code: "busy", detail: "SQLITE_BUSY" } }
        : { ok: true, value: [[]] };
    },
    reads: () => reads,
    close: async () => undefined,
  };
};

test("a file that is read while its writer ends a commit is read again by itself", async () => {
  const ending = reader(2);
  expect(await outboundReader(ending, "/out/outbound.db", limits)(tables)).toEqual({
    ok: true,
    value: { state: "read", tables: [[]] },
  });
});

test("a file that its writer keeps is busy after a few reads", async () => {
  const keeping = reader(Number.POSITIVE_INFINITY);
  expect(await outboundReader(keeping, "/out/outbound.db", limits)(tables)).toMatchObject({
    ok: true,
    value: { state: "busy" },
  });
  expect(keeping.reads()).toBe(5);
});
