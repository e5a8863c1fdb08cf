import { describe, expect, test } from "vitest";
import { runCli } from "./cli.ts";

/** Runs the command line in this process, as far as it comes without a folder. */
const parse = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: {},
    cwd: "/",
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runCli(args, "1.2.3", io);
  return { code, stdout, stderr };
};

describe("gatehouse", () => {
  test.for([
    { what: "no folder", args: ["run"] },
    { what: "two folders", args: ["run", "a", "b"] },
    { what: "a consent that does not exist", args: ["run", "a", "--consent", "api-key=maybe"] },
    { what: "a consent to nothing", args: ["run", "a", "--consent", "api-key"] },
    { what: "a flag that does not exist", args: ["run", "a", "--force"] },
    { what: "a command that does not exist", args: ["walk"] },
    { what: "an empty folder, which would be the current one", args: ["run", ""] },
    { what: "a timeout that is no time", args: ["run", "a", "--timeout", "soon"] },
    { what: "a provider that cannot be prepared yet", args: ["run", "a", "--provider", "codex"] },
  ])("calls $what a usage error, as a document with --json", async ({ args }) => {
    const { code, stdout, stderr } = await parse(...args, "--json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: "usage", fix: "gatehouse --help" },
    });
    expect(await parse(...args)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error: /) as unknown,
    });
  });

  test.for([{ args: ["--help"] }, { args: ["run", "--help"] }, { args: ["doctor", "--help"] }])(
    "shows examples and exit codes with $args",
    async ({ args }) => {
      const { code, stdout } = await parse(...args);
      expect(code).toBe(0);
      expect(stdout).toContain("Examples:");
      expect(stdout).toContain("3 a person is needed");
    },
  );

  test("says its version", async () =>
    expect(await parse("--version")).toMatchObject({ code: 0, stdout: "1.2.3\n" }));
});
