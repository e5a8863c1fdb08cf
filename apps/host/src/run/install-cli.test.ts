import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentClis } from "@trust/preflight";
import { expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { installCli } from "./install-cli.ts";

test("installCli names a data folder in which no folder can be created, and fetches nothing", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const folder = join(file, "data");
  const stderr = { write: () => expect.fail("nothing is announced") };
  const io = { stderr, signal: new AbortController().signal };
  expect(await installCli(folder, agentClis.claude, io)).toEqual({
    ok: false,
    error: {
      code: "install-failed",
      message: expect.stringMatching(`no folder can be created in ${folder} \\(ENOTDIR`) as unknown,
      fix: expect.stringContaining("--data") as unknown,
    },
  });
});
