import { tmpdir } from "node:os";
import type { Io } from "@gatehouse/cli-kit";
import { expect, test } from "vitest";
import { readRequest } from "./read-request.ts";

test("readRequest names the missing flag for a folder in place of a team file", async () => {
  const io = { cwd: tmpdir(), env: { HOME: tmpdir() } } as unknown as Io;
  expect(await readRequest(".", { consent: {}, provider: [], cli: {} } as never, io)).toMatchObject({
    error: { code: "team-file-unreadable", message: `${tmpdir()} is a folder.`, fix: "add --agents N" },
  });
});
