import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { installCodex, makeBed } from "@gatehouse/test-kit";
import { runPreflight } from "../execute.ts";
import { startProgram, until } from "../start-program.fixture.ts";

const trusted = (config: string): readonly string[] =>
  existsSync(config)
    ? [...readFileSync(config, "utf8").matchAll(/\[projects\.(".*")\]\ntrust_level = "trusted"/g)]
        .map(([, key]) => JSON.parse(key ?? "") as string)
        .sort()
    : [];

describe("our program killed with SIGKILL while it has Codex record folders", () => {
  // What Codex had seen by then, and how often: two greetings, then a look and a write for each folder.
  const steps: readonly { event: string; times: number }[] = [
    { event: "server", times: 1 },
    { event: "request", times: 1 },
    { event: "request", times: 3 },
    { event: "request", times: 5 },
    { event: "written", times: 1 },
    { event: "written", times: 2 },
    { event: "written", times: 3 },
  ];
  test.each(steps)(
    "at its $event no. $times: nothing wrong is trusted, nothing is left, the next run does the rest",
    { tags: ["slow"] },
    async ({ event, times }) => {
      const bed = makeBed();
      const codex = installCodex(bed);
      // Enough of them that some are left: only a run that starts Codex clears away what the killed one left.
      const named = [..."abcdefgh"].map((name) => bed.folder(name));
      const args = [...named, "--provider", "codex", "--persist"];
      const { child, ended } = startProgram(bed, args, { via: "control" });
      await until(() => codex.count(event) >= times);
      child.kill("SIGKILL");
      await ended;
      await until(() => !bed.leftovers().some((left) => left.startsWith("process")));
      const before = trusted(codex.config);
      expect(named).toEqual(expect.arrayContaining([...before]));
      const { results } = await runPreflight(
        bed.request(named, { providers: ["codex"], persist: true, via: "auto" }),
      );
      expect(results.map(({ code }) => code)).toEqual(
        named.map((folder) => (before.includes(folder) ? "already-trusted" : "trusted")),
      );
      expect(trusted(codex.config)).toEqual(named);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});
