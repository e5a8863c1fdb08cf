import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test } from "vitest";
import { addAgentCommands } from "./add-commands.ts";

const foreign = { code: "another-accounts-host", message: "It is run by ada." };

/** Runs a command on a data folder of another account: returns its exit code and its output. */
const onForeignFolder = async (argv: readonly string[]): Promise<readonly [number | null, string]> => {
  const root = mkdtempSync(join(tmpdir(), "foreign-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  // The folder does not exist, so its list cannot be read, like that of a folder with mode 0700.
  writeFileSync(join(root, "data"), "");
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  const io = { env: {}, cwd: "/", stdout: out, stderr: out, signal: new AbortController().signal };
  const program = new Command().option("--data <dir>").option("--json");
  let code: number | null = null;
  addAgentCommands(program, io, (ended) => (code = ended), {
    ofHost: {
      listApprovals: async () => ({ ok: true, value: { approvals: [], more: 0, vendors: [] } }),
      whyForeign: async () => foreign,
      groupAgents: async () => 0,
    },
    accountOf: async () => "ada",
    findAdapter: () => null,
    onOwnHost: async () => {
      printed += foreign.message;
      return 1;
    },
  });
  await program.parseAsync([...argv, "--data", join(root, "data")], { from: "user" });
  return [code, printed];
};

test.for([
  ["ps"],
  ["send", "ana", "hello"],
  ["screen", "ana"],
  ["answer", "ana", "--seen", "0", "Yes"],
  ["attach", "ana"],
  ["stop", "ana"],
  ["stop", "--all"],
])("%s names the account to which the data folder belongs", async (argv) => {
  const [code, printed] = await onForeignFolder(argv);
  expect(code).toBe(1);
  expect(printed).toContain("It is run by ada.");
});
