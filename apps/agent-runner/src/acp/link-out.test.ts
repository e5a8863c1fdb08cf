import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace } from "../provider.fixture.ts";
import { copilot } from "./copilot.ts";
import { kimi } from "./kimi.ts";

/** A workload's folder with a link at a path of its working folder. */
const linked = (path: string, target: string) => {
  const place = providerPlace();
  const link = join(place.cwd, path);
  mkdirSync(dirname(link), { recursive: true });
  mkdirSync(join(place.cwd, "docs"), { recursive: true });
  writeFileSync(join(place.cwd, "docs/CLAUDE.md"), "x");
  writeFileSync(join(place.folder, "token"), "x");
  symlinkSync(target, link);
  return place;
};

describe.each([
  {
    title: "Copilot",
    agent: copilot,
    reads: ["AGENTS.md", "GEMINI.md", ".github/instructions/a.instructions.md"],
  },
  {
    title: "Kimi Code",
    agent: kimi,
    reads: ["AGENTS.md", ".kimi-code/AGENTS.md", ".agents/skills/a/SKILL.md"],
  },
])("$title reads files of its folder unasked, so it", ({ title, agent, reads }) => {
  test.each(reads)("does not work in a folder in which %s leads out", async (path) => {
    const place = linked(path, "/etc/hostname");
    expect(await agent.refusal(place)).toEqual({
      code: "failed",
      message: expect.stringContaining(
        `${title} would read ${join(place.cwd, path)}, which leads out`,
      ) as string,
    });
  });

  test.each([
    { what: "to a file of the folder", path: "AGENTS.md", target: "docs/CLAUDE.md" },
    { what: "to nothing", path: "AGENTS.md", target: "nowhere" },
    { what: "that it does not read", path: "docs/a.md", target: "/etc/hostname" },
  ])("works beside a link $what", async ({ path, target }) =>
    expect(await agent.refusal(linked(path, target))).toBeNull(),
  );

  test.each([
    { what: "to the session's own files", path: "AGENTS.md", target: "../token" },
    { what: "of a link", path: ".agents", target: "docs" },
  ])("looks behind a link $what", async ({ path, target }) => {
    const place = linked(path, target);
    if (target === "docs") symlinkSync("/etc/hostname", join(place.cwd, "docs/a"));
    expect(await agent.refusal(place)).toMatchObject({ code: "failed" });
  });
});
