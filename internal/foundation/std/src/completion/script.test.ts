import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { completionScript } from "./script.ts";

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).error === undefined;

describe("completionScript", () => {
  const shells = ["bash", "zsh", "fish"] as const;
  test.for(shells)("writes a script that %s can parse", { tags: ["rest"] }, (shell, { skip }) => {
    skip(!has(shell), `${shell} is not installed`);
    // The script is a file, because fish reads no script from a socket, and Node's pipes are sockets.
    const folder = mkdtempSync(join(tmpdir(), "completion-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "script"), completionScript(shell, "notes"));
    const env = { ...process.env, LC_ALL: "C", HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
    const { status, stderr } = spawnSync(shell, ["-n", join(folder, "script")], { env, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test.for([{ program: "a b" }, { program: "x;reboot" }, { program: "" }, { program: "-x" }])(
    "refuses the program name $program",
    ({ program }) => expect(() => completionScript("bash", program)).toThrow(TypeError),
  );
});

/**
 * Runs the script in bash: the words that the program `notes` receives, and the replies that bash reads from
 * it.
 */
const completed = (line: string, words: readonly string[], answer: string) => {
  const script = `
    notes() { printf 'given:%s\\n' "$@" >&3; printf '%s' "$ANSWER"; }
    source <(printf '%s' "$SCRIPT")
    COMP_LINE=$LINE; COMP_POINT=\${#LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    exec 3>&1
    _notes
    printf 'reply:%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...words], {
    // Bash warns of a locale that the machine does not have, as a session by ssh may bring one.
    env: {
      ...process.env,
      LC_ALL: "C",
      SCRIPT: completionScript("bash", "notes"),
      LINE: line,
      ANSWER: answer,
    },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const behind = (mark: string): readonly string[] =>
    stdout.split("\n").flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length)] : []));
  return { given: behind("given:"), reply: behind("reply:") };
};

describe("the completion script for bash", () => {
  test.for([
    { what: "the word under the cursor", line: "notes gr", words: ["notes", "gr"], given: ["gr"] },
    { what: "an empty word", line: "notes get ", words: ["notes", "get", ""], given: ["get", ""] },
    {
      what: "an id that bash splits at its colon",
      line: "notes get telegram:60",
      words: ["notes", "get", "telegram", ":", "60"],
      given: ["get", "telegram:60"],
    },
    {
      what: "a flag that bash splits from its value",
      line: "notes list --kind=",
      words: ["notes", "list", "--kind", "="],
      given: ["list", "--kind="],
    },
    {
      what: "a split word between two others",
      line: "notes get a:b  --x",
      words: ["notes", "get", "a", ":", "b", "--x"],
      given: ["get", "a:b", "--x"],
    },
    {
      what: "a word in an open quote, as it was typed",
      line: 'notes get "My Re',
      words: ["notes", "get", '"My Re'],
      given: ["get", '"My Re'],
    },
    { what: "a word with a star", line: "notes get a*", words: ["notes", "get", "a*"], given: ["get", "a*"] },
  ])("passes $what to the program", ({ line, words, given }) =>
    expect(completed(line, words, "").given).toEqual(["completion", "words", "bash", "--", ...given]),
  );

  test("takes each line as one candidate, and expands nothing in it", () => {
    const answer = "My\\ Research\n*\n$(reboot)\n";
    expect(completed("notes get ", ["notes", "get", ""], answer).reply).toEqual([
      "My\\ Research",
      "*",
      "$(reboot)",
    ]);
  });
});
