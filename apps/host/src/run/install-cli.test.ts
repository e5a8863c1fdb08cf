import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { agentClis } from "@trust/preflight";
import { expect, test } from "vitest";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { installCli } from "./install-cli.ts";

const belowAFile = (): string => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  return join(file, "data");
};

test.for([
  { what: "below a file", dataDir: belowAFile, detail: "ENOTDIR" },
  // The recursive mkdir of Node 20.20 never returns there.
  { what: "in /proc, where no folder can be made", dataDir: () => "/proc/x", detail: "ENOENT" },
])("installCli refuses a data folder $what, and fetches nothing", async ({ dataDir, detail }, { skip }) => {
  const folder = dataDir();
  if (folder.startsWith("/proc/") && process.platform !== "linux") skip("only Linux has /proc");
  const stderr = { write: () => expect.fail("nothing is announced") };
  const io = { stderr, signal: new AbortController().signal };
  expect(await installCli(folder, agentClis.claude, io)).toEqual({
    ok: false,
    error: {
      code: "install-failed",
      message: expect.stringMatching(`no folder can be made in ${folder} \\(${detail}`) as unknown,
      fix: expect.stringContaining("--data") as unknown,
    },
  });
});
