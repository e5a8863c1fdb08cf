// @module-tag rest
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifactFile } from "@trust/team-launch/node";
import { describe, expect, test } from "vitest";
import { makeLaunchFixture, type LaunchFixture } from "./launch.fixture.ts";

/** The question of Codex 0.169.0, as in `test-fixtures/codex/codex-0.169.0-trust-unanswered.cast`. */
const question = (folder: string): readonly string[] => [
  "  Folder access",
  "",
  `  ${folder}`,
  "",
  "  Trust this folder? Codex can read, edit, and run files here, subject to your permission settings. Folder settings",
  "  can run code automatically, even without a model request. Continue only if you trust these files. Your trust",
  "  decision will be saved.",
  "",
  "› 1. Trust and continue",
  "  2. Back to Agent Command Center",
  "",
  "  enter continue · esc back",
];

/** A fake Codex that asks for trust even if trust was passed, and may write into its config.toml. */
const program = (
  starts: string,
  rows: readonly string[],
  config: string | null,
): string => `#!/usr/bin/env node
const { appendFileSync } = require("node:fs");
if (process.stdout.isTTY !== true) { console.log("codex-cli 0.169.0"); process.exit(); }
appendFileSync(${JSON.stringify(starts)}, "start\\n");
const config = ${JSON.stringify(config)};
if (config !== null) appendFileSync(config, '[projects."/elsewhere"]\\ntrust_level = "trusted"\\n');
process.stdout.write(${JSON.stringify(rows.join("\r\n"))});
process.stdin.resume();
`;

const codexIn = (fixture: LaunchFixture, { writes = false } = {}) => {
  const [starts, config] = [fixture.at("starts"), join(fixture.home, ".codex", "config.toml")];
  mkdirSync(join(fixture.home, ".codex"));
  writeFileSync(config, 'model = "gpt-5"\n');
  writeFileSync(
    fixture.at("bin/codex"),
    program(starts, question(fixture.at("repo")), writes ? config : null),
    {
      mode: 0o755,
    },
  );
  const team = fixture.at("team.yaml");
  writeFileSync(team, "name: shop\nlead: { name: ana, provider: codex, folder: repo }\n");
  return {
    team,
    starts: () => (existsSync(starts) ? readFileSync(starts, "utf8").split("\n").length - 1 : 0),
  };
};

type Json = { readonly launch: { readonly id: string }; readonly error: { readonly code: string } };

describe("a held Codex that asks for trust", { tags: ["slow"] }, () => {
  test("is ended as workspace_trust_required, with the launch's artifact, and no key pressed", async () => {
    const fixture = makeLaunchFixture();
    const { team, starts } = codexIn(fixture);
    const ended = await fixture.gatehouse(["launch", team, "--json"]);
    const failure = {
      code: "workspace_trust_required",
      title: "Workspace trust required",
      fix: `workspace-trust ${fixture.at("repo")} --provider codex --persist, then launch again`,
    };
    expect(ended).toMatchObject({
      code: 1,
      json: {
        launch: { state: "ended" },
        members: [{ member: "ana", state: "ended", trustCode: "passed-at-launch", ...failure }],
        error: failure,
      },
    });
    expect(starts()).toBe(1);
    const file = artifactFile(fixture.dataDir, (ended.json as Json).launch.id);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      state: "ended",
      error: { code: "workspace_trust_required" },
    });
    const [agent] = await fixture.agents();
    expect(agent).toMatchObject({ state: "ended", endedAt: "workspace_trust_required" });
  });

  test("is started once more with the retry flag, and not a third time", async () => {
    const fixture = makeLaunchFixture({}, { AGENT_TEAMS_WORKSPACE_TRUST_RETRY: "1" });
    const { team, starts } = codexIn(fixture);
    const ended = await fixture.gatehouse(["launch", team, "--json"]);
    expect(ended).toMatchObject({ code: 1, json: { error: { code: "workspace_trust_required" } } });
    expect(starts()).toBe(2);
  });

  test("reports that config.toml was changed although trust was passed at the start", async () => {
    const fixture = makeLaunchFixture();
    const { team } = codexIn(fixture, { writes: true });
    await fixture.gatehouse(["launch", team, "--json"]);
    const [agent] = await fixture.agents();
    expect(agent).toMatchObject({
      state: "ended",
      notice: { code: "codex_config_changed_during_trust_override" },
    });
    const log = await fixture.gatehouse(["logs", "shop/ana", "--json"]);
    expect(log.stdout).toContain("codex_config_changed_during_trust_override");
  });
});
