import { describe, expect, test } from "vitest";
import { installCodex, makeBed } from "@gatehouse/test-kit";
import { runPreflight } from "../execute.ts";
import { killedWhen, startProgram } from "../start-program.fixture.ts";

describe("our program killed with SIGKILL while it has Codex record folders", () => {
  // The last event in Codex's log before the kill, and its number: two greetings, then a read and a write per folder.
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
    "trusts no wrong folder at $event no. $times, and the next run confirms the rest and leaves nothing behind",
    { tags: ["slow"] },
    async ({ event, times }) => {
      const bed = makeBed();
      const codex = installCodex(bed);
      // Enough folders that some remain: only a run that starts Codex removes the killed run's leftovers.
      const named = [..."abcdefgh"].map((name) => bed.folder(name));
      const args = [...named, "--provider", "codex", "--persist"];
      await killedWhen(bed, startProgram(bed, args, { via: "control" }), () => codex.count(event) >= times);
      const before = codex.trusted();
      expect(named).toEqual(expect.arrayContaining([...before]));
      const { results } = await runPreflight(
        bed.request(named, { providers: ["codex"], persist: true, via: "auto" }),
      );
      expect(results.map(({ code }) => code)).toEqual(
        named.map((folder) => (before.includes(folder) ? "already-trusted" : "trusted")),
      );
      expect([...codex.trusted()].sort()).toEqual(named);
      expect(bed.leftovers()).toEqual([]);
    },
  );
});
