import { describe, expect, test } from "vitest";
import { overview } from "./help/overview.ts";
import { ranCli } from "./ran-cli.fixture.ts";

const parse = (...args: readonly string[]) => ranCli({ dataDir: "/proc/nowhere" }, ...args);

describe("gatehouse", () => {
  test.for([
    { what: "no folder", args: ["run"] },
    { what: "two folders", args: ["run", "a", "b"] },
    { what: "a consent that does not exist", args: ["run", "a", "--consent", "api-key=maybe"] },
    { what: "a consent to nothing", args: ["run", "a", "--consent", "api-key"] },
    { what: "a flag that does not exist", args: ["run", "a", "--force"] },
    { what: "a command that does not exist", args: ["walk"], fix: "gatehouse --help" },
    { what: "no command", args: [], fix: "gatehouse --help" },
    { what: "no name of a group", args: ["init", "--folder", "a"], fix: "gatehouse init --help" },
    { what: "a command of users that does not exist", args: ["users", "ad"], fix: "gatehouse users --help" },
    {
      what: "a flag that users doctor lacks",
      args: ["users", "doctor", "--force"],
      fix: "gatehouse users doctor --help",
    },
    { what: "an empty folder, which would be the current one", args: ["run", ""] },
    { what: "a command in the place of a folder (npm start -- doctor)", args: ["run", "doctor"] },
    { what: "a misspelt command in the place of a folder", args: ["run", "docter"] },
    { what: "a word that other programs have as a command", args: ["run", "completion"] },
    { what: "a timeout that is not a number", args: ["run", "a", "--timeout", "soon"] },
    { what: "a provider that cannot be prepared yet", args: ["run", "a", "--provider", "codex"] },
  ])(
    "refuses $what as a usage error, as a document with --json",
    async ({ args, fix = "gatehouse run --help" }) => {
      const { code, stdout, stderr } = await parse(...args, "--json");
      expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({
        ok: false,
        error: { code: "usage", message: expect.not.stringContaining("(outputHelp)") as unknown, fix },
      });
      const plain = await parse(...args);
      expect(plain).toMatchObject({ code: 2, stdout: "" });
      if (args.length > 0) expect(plain.stderr).toMatch(new RegExp(`^error: [^]*\\nfix: ${fix}\\n$`));
    },
  );

  test("names every command once in its help, which fits a terminal", async () => {
    const { code, stdout } = await parse("--help");
    expect({ code, stdout }).toEqual({ code: 0, stdout: overview });
    const lines = overview.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(45);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const named = lines
      .filter((line) => /^ {2}[a-z]/.test(line))
      .flatMap((line) => line.slice(2, 18).match(/[a-z]+/g));
    // The words that the shell's script completes after `gatehouse`.
    const completed = await parse("completion", "words", "--");
    const commands = completed.stdout.match(/^[a-z]+/gm) ?? [];
    expect(commands).toContain("run");
    expect(named.toSorted()).toEqual(commands.toSorted());
  });

  test.for([{ args: ["run", "--help"] }, { args: ["doctor", "--help"] }, { args: ["help", "run"] }])(
    "shows examples and exit codes with $args",
    async ({ args }) => {
      const { code, stdout } = await parse(...args);
      expect(code).toBe(0);
      expect(stdout).toContain("Examples:");
      expect(stdout).toContain("3 a person is needed");
    },
  );

  test.for([
    { args: ["help"], says: /^Usage: gatehouse COMMAND/ },
    { args: ["help", "users", "add"], says: /^Usage: gatehouse users add / },
    { args: ["help", "examples"], says: /^ {2}gatehouse run ~\/repo/m },
    { args: ["help", "exit-codes"], says: /^Exit codes:\n/ },
    { args: ["help", "environment"], says: /^ {2}GATEHOUSE_DATA /m },
  ])("prints the help of $args", async ({ args, says }) =>
    expect(await parse(...args)).toEqual({ code: 0, stdout: expect.stringMatching(says), stderr: "" }),
  );

  test("names the topics if a word is no command and no topic", async () => {
    const { code, stderr } = await parse("help", "walk");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: "walk" is no command and no topic \(topics: examples, exit-codes, environment\)\nfix: gatehouse help --help\n$/,
    );
  });

  test.for([
    { command: "run", first: "gatehouse run ~/repo" },
    { command: "doctor", first: "gatehouse doctor" },
    { command: "init", first: "gatehouse init " },
    { command: "import", first: "gatehouse import ~/nanoclaw" },
    { command: "up", first: "gatehouse up" },
    { command: "users", first: "sudo gatehouse users add" },
    { command: "users add", first: "sudo make add-user" },
    { command: "users doctor", first: "sudo gatehouse users doctor" },
  ])("shows the examples of $command once, in its own help", async ({ command, first }) => {
    const { stdout } = await parse(...command.split(" "), "--help");
    const [, examples, ...more] = stdout.split("Examples:\n");
    expect(more).toEqual([]);
    expect(examples?.startsWith(`  ${first}`)).toBe(true);
    for (const line of examples?.split("\n\n")[0]?.split("\n") ?? [])
      expect(line).toMatch(new RegExp(`^ {2}(sudo )?(gatehouse ${command}\\b|make add-user)`));
  });

  test("prints its version", async () =>
    expect(await parse("--version")).toMatchObject({ code: 0, stdout: "1.2.3\n" }));
});
