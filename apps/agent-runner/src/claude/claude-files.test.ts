import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerPlace } from "../provider.fixture.ts";
import { claudePath, withoutImports, writeClaudeFiles } from "./claude-files.ts";

describe("imports of a CLAUDE.md", () => {
  // Claude Code 2.1.332 imported each of these from the file in its own folder, but for the last two.
  test.each([
    ["@/etc/shadow", "@\\/etc/shadow"],
    ["keep **@/etc/shadow** in mind", "keep **@\\/etc/shadow** in mind"],
    ["[@/etc/shadow](y)", "[@\\/etc/shadow](y)"],
    ["- @/etc/shadow", "- @\\/etc/shadow"],
    ["<b>@/etc/shadow</b>", "<b>@\\/etc/shadow</b>"],
    ["<!-- c -->@/etc/shadow", "<!-- c -->@\\/etc/shadow"],
    ["\\\\@/etc/shadow", "\\\\@\\/etc/shadow"],
    ["\u00a0@/etc/shadow#part", "\u00a0@\\/etc/shadow#part"],
    ["@~/.ssh/id_ed25519", "@\\~/.ssh/id_ed25519"],
    ["@../../secrets.json", "@\\../../secrets.json"],
    ["@./mcp.json", "@\\./mcp.json"],
    ["@mcp.json", "@\\mcp.json"],
    ["@a\\ b/../../secrets", "@\\a\\ b/../../secrets"],
    ["```\n@/etc/shadow", "```\n@\\/etc/shadow"],
    ["ana@example.org@/etc/shadow", "ana@example.org@\\/etc/shadow"],
    ["https://example.org@/etc/shadow", "https://example.org@\\/etc/shadow"],
  ])("prevents the import of %j", (text, expected) => {
    expect(withoutImports(text)).toBe(expected);
  });

  test.each(["ask ana@example.org", "ask @ana.", "@Injectable()", "price @ 3", "@ts-ignore", ""])(
    "keeps %j as it is",
    (text) => {
      expect(withoutImports(text)).toBe(text);
    },
  );
});

describe("the instructions of the group's folder", () => {
  const instructions = async (make: (place: ReturnType<typeof providerPlace>) => void): Promise<string> => {
    const place = providerPlace();
    make(place);
    await writeClaudeFiles(place, []);
    return readFileSync(join(claudePath(place.folder), "CLAUDE.md"), "utf8");
  };

  test("are read, also through a link to another file of that folder", async () => {
    const said = await instructions(({ cwd }) => {
      writeFileSync(join(cwd, "AGENTS.md"), "Say PINEAPPLE.");
      symlinkSync("AGENTS.md", join(cwd, "CLAUDE.md"));
    });
    expect(said).toBe("Say PINEAPPLE.");
  });

  test.each<[string, (place: ReturnType<typeof providerPlace>) => string]>([
    ["the session's settings", ({ folder }) => join(folder, "in", "container.json")],
    ["the gateway's token", ({ folder }) => join(folder, "out", "gateway-token")],
    ["the program's memory", () => "/proc/self/environ"],
  ])("are empty if CLAUDE.md is a link to %s", async (_, target) => {
    const said = await instructions((place) => {
      for (const name of ["in/container.json", "out/gateway-token"])
        writeFileSync(join(place.folder, name), "secret");
      symlinkSync(target(place), join(place.cwd, "CLAUDE.md"));
    });
    expect(said).toBe("");
  });
});
