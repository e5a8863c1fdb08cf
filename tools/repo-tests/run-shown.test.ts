import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

type Step = {
  readonly doing: string;
  readonly done: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly countIn: (said: string) => string;
};
type Shown = { readonly isTTY: boolean; readonly columns: number; write(text: string): unknown };
type Failure = Error & { readonly output: string };

/** Imported by URL: the scripts are plain JavaScript without types, since they run before anything is installed. */
const { SetUpError, runShown } = (await import(
  new URL("../scripts/run-shown.mjs", import.meta.url).href
)) as {
  readonly SetUpError: new () => Failure;
  readonly runShown: (step: Step, output: Shown) => Promise<void>;
};

const slow = { tags: ["slow"] };

/** Runs a shell script as a step, with a terminal or another stream as output. `onWrite` gets each text. */
const shown = async (script: string, isTTY: boolean, onWrite: (text: string) => void = () => {}) => {
  const written: string[] = [];
  const write = (text: string): void => {
    written.push(text);
    onWrite(text);
  };
  const output = { isTTY, columns: 40, write };
  const step = {
    doing: "Building",
    done: "Built",
    command: ["sh", "-c", script],
    cwd: "/",
    env: process.env,
    countIn: (said: string) => `${said.split("\n").length - 1} of 9`,
  };
  const error = await runShown(step, output).then(
    () => null,
    (failure: unknown) => failure as Failure,
  );
  return { written: written.join(""), error };
};

describe("runShown", () => {
  test(
    "redraws its line each second on a terminal, with the count, and ends with one line",
    slow,
    async () => {
      const place = mkdtempSync(join(tmpdir(), "run-shown-"));
      onTestFinished(() => rmSync(place, { recursive: true }));
      const seen = join(place, "seen");
      // The step ends once its count was drawn.
      const script = `echo a; echo b; until [ -e '${seen}' ]; do sleep 0.05; done`;
      const { written, error } = await shown(script, true, (text) => {
        if (text.includes("2 of 9")) writeFileSync(seen, "");
      });
      expect(error).toBeNull();
      const [first, ...drawn] = written.split("\r\x1b[K").map((line) => line.replace(/\d+ s/, "N s"));
      expect(first).toBe("Building ...");
      expect(drawn.slice(-2)).toEqual(["Building ... N s, 2 of 9", "Built in N s.\n"]);
    },
  );

  test("prints two plain lines without a terminal", slow, async () => {
    const { written } = await shown("echo a", false);
    expect(written).toMatch(/^Building \.\.\.\nBuilt in \d+ s\.\n$/);
  });

  test.for([
    { script: "echo no; exit 7", why: "Set-up failed (building): exit code 7.", output: "no\n" },
    {
      script: "echo 'npm error code EAI_AGAIN' >&2; exit 1",
      why: "Set-up failed (building): the npm registry cannot be reached.",
      output: /EAI_AGAIN/,
    },
    { script: "kill -9 $$", why: "Set-up failed (building): ended by SIGKILL.", output: "" },
  ])("throws the reason and the output of a failed step: $script", slow, async ({ script, why, output }) => {
    const { written, error } = await shown(script, false);
    expect(error).toBeInstanceOf(SetUpError);
    expect(error!.message).toBe(why);
    expect(error!.output).toMatch(output);
    expect(written).toBe("Building ...\n");
  });
});
