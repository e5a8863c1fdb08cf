import { describe, expect, test } from "vitest";
import { cliInstructions } from "@gatehouse/group-workspace";
import { hostBed, member, steward } from "./host.fixture.ts";

/** The indented command lines of a text, without the explanation that follows two spaces or "whether". */
const linesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^ {4}ncl (.*?)(?: {2,}| (?=whether)|$)/gm)].map(([, line = ""]) => line.trim());

describe("cliInstructions", () => {
  test.for([
    { scope: "group", agent: member },
    { scope: "global", agent: steward },
  ] as const)("names only commands that an agent of scope $scope may use", async ({ scope, agent }) => {
    const [reads = "", writes = ""] = cliInstructions[scope].split("These wait for a person:");
    const bed = await hostBed({ runtime: { name: "docker", isolation: "container", cannot: {} } });
    for (const { text, code } of [
      { text: reads, code: "ok" },
      { text: writes, code: "approval-pending" },
    ]) {
      const lines = linesOf(text);
      expect(lines.length).toBeGreaterThan(3);
      for (const line of lines) {
        const argv = line.replaceAll("<group-id>", "ag-other").split(" ");
        expect({ line, code: await bed.code(agent, ...argv) }).toEqual({ line, code });
      }
    }
  });

  test("is empty for an agent with the scope disabled", () => expect(cliInstructions.disabled).toBe(""));
});
