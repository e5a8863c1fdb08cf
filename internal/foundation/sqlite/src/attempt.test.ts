import { describe, expect, test } from "vitest";
import { attempt } from "./attempt.ts";

const failing = (code: unknown) => attempt(() => Promise.reject(Object.assign(new Error("why"), { code })));

describe("attempt", () => {
  test.each([
    "ENOSPC",
    "EACCES",
    "E2BIG",
    "SQLITE_FULL",
    "SQLITE_BUSY_SNAPSHOT",
    "SQLITE_LOCKED",
    "SQLITE_IOERR_WRITE",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_PERM",
  ])("returns %s as a value, with its text", async (code) =>
    expect(await failing(code)).toEqual({ ok: false, error: `${code}: why` }),
  );

  test.each(["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_ERROR", "SQLITE_MISUSE", "ERR_INVALID_ARG_TYPE", "", 28])(
    "rethrows %s, which is a bug",
    async (code) => expect(failing(code)).rejects.toThrow("why"),
  );

  test("returns the result on success", async () =>
    expect(await attempt(() => 1)).toEqual({ ok: true, value: 1 }));
});
