import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { Option } from "commander";
import { describe, expect, onTestFinished, test } from "vitest";
import { runProgram, type CliDefinition } from "./run-program.ts";

const notes: CliDefinition = {
  name: "notes",
  description: "",
  help: "",
  add: (program) => {
    const add = program.command("add").description("add a note").argument("<file>");
    add
      .addOption(new Option("-k, --kind <kind>", "what it is").choices(["idea", "task"]))
      .option("--tag <tag...>", "may be repeated")
      .addOption(new Option("--debug").hideHelp());
    program.command("tags").description("all tags").command("rename").argument("<old>");
    program.command("hidden", { hidden: true });
  },
};

const run = async (...argv: string[]) => {
  let [stdout, stderr] = ["", ""];
  const code = await runProgram(notes, argv, "1.0.0", {
    env: {},
    cwd: "/",
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  });
  return { code, stdout, stderr };
};

/** Completes a line in bash. Its last word is under the cursor. */
const offered = async (...words: string[]): Promise<readonly string[]> =>
  (await run("completion", "words", "bash", "--", ...words)).stdout.split("\n").slice(0, -1);

describe("completion words", () => {
  const globals = ["--version", "--json", "--data", "--help"];
  test.for([
    { line: [""], offers: ["add", "tags", "completion", "help"] },
    { line: ["ta"], offers: ["tags"] },
    { line: ["--data", "/x", "ta"], offers: ["tags"] },
    { line: ["--data=/x", "ta"], offers: ["tags"] },
    { line: ["tags", ""], offers: ["rename", "help"] },
    { line: ["add", "--"], offers: ["--kind", "--tag", ...globals] },
    { line: ["add", "--kind", "idea", "--tag", "x", "--"], offers: ["--tag", ...globals] },
    { line: ["add", "-k", ""], offers: ["idea", "task"] },
    { line: ["add", "--kind=t"], offers: ["--kind=task"] },
    { line: ["completion", ""], offers: ["bash", "zsh", "fish"] },
  ])("offers $offers for $line", async ({ line, offers }) =>
    expect((await offered(...line)).toSorted()).toEqual(offers.toSorted()),
  );

  test.for([
    { what: "the value of an option without choices", line: ["--data", ""] },
    { what: "an argument without choices", line: ["add", ""] },
    { what: "an option after --", line: ["add", "--", "--k"] },
    { what: "a command after an argument", line: ["tags", "rename", "old", ""] },
    { what: "the value of an unknown option", line: ["add", "--nonsense=x"] },
    { what: "a command that the help hides", line: ["hid"] },
  ])("offers no words for $what", async ({ line }) => expect(await offered(...line)).toEqual([]));

  test("prints descriptions in zsh and fish", async () => {
    expect((await run("completion", "words", "fish", "--", "ad")).stdout).toBe("add\tadd a note\n");
  });
});

describe("completion SHELL", () => {
  test("prints a script", async () =>
    expect(await run("completion", "zsh")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^#compdef notes/) as unknown,
    }));

  test.for([{ argv: [] }, { argv: ["tcsh"] }])("refuses the arguments $argv", async ({ argv }) =>
    expect(await run("completion", ...argv)).toMatchObject({ code: 2, stdout: "" }),
  );

  /** Runs fish on a line, with the program `notes` in its PATH. */
  const inFish = async (line: string): Promise<readonly string[]> => {
    const folder = mkdtempSync(join(tmpdir(), "completion-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { stdout: script } = await run("completion", "fish");
    const answers = (await run("completion", "words", "fish", "--", "ta")).stdout;
    writeFileSync(join(folder, "script"), script);
    writeFileSync(join(folder, "a file"), "");
    writeFileSync(join(folder, "answers"), answers);
    // It answers for the word `ta` only.
    writeFileSync(
      join(folder, "notes"),
      `#!/bin/sh\nfor last; do :; done\n[ "$last" != ta ] || cat "${join(folder, "answers")}"\n`,
    );
    chmodSync(join(folder, "notes"), 0o755);
    const { stdout } = spawnSync("fish", ["--no-config", "-c", `source script; complete -C "${line}"`], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`, HOME: folder, TERM: "dumb" },
    });
    return stdout.split("\n").slice(0, -1);
  };

  test(
    "completes words in fish, and files where there are none",
    { tags: ["rest", "slow"] },
    async ({ skip }) => {
      skip(spawnSync("fish", ["--version"]).error !== undefined, "fish is not installed");
      expect(await inFish("notes ta")).toEqual(["tags\tall tags"]);
      expect(await inFish("notes add a")).toEqual(
        expect.arrayContaining([expect.stringMatching(/^a.*file/)]),
      );
    },
  );
});
