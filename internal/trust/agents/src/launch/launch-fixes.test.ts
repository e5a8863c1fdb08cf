import process from "node:process";
import { withFlags } from "@gatehouse/trust-cli";
import { agentClis, explain, type Verdict } from "@trust/preflight";
import { outcomes } from "@trust/team-launch";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addAgentCommands } from "../commands/add-commands.ts";

const file = "/h/.claude.json";
/**
 * Every verdict with which preflight blocks a launch. One fix names `persist`; a launch replaces it with a
 * command.
 */
const blocking: readonly Verdict[] = [
  { code: "not-a-folder", detail: "ENOENT" },
  { code: "home-not-persistable", key: "/h" },
  { code: "root-refused", key: "/" },
  { code: "key-outside-folder", key: "/", why: "/x/.git has no HEAD." },
  { code: "untrusted-by-user", key: "/w", file },
  { code: "consent-needed", dialog: "claude/mcp-server", consent: "mcp" },
  { code: "consent-needed", dialog: "claude/rate-limit" },
  { code: "sign-in-needed", dialog: "claude/theme" },
  { code: "no-connection", dialog: "claude/no-connection" },
  { code: "trust-wider-than-planned", planned: "/w", keys: ["/"], file },
];

const launchOptions = (): readonly string[] => {
  const { stdout, stderr, env } = process;
  const io = { cwd: "/", env, stdout, stderr, signal: new AbortController().signal };
  const program = new Command().option("--data <dir>").option("--json");
  addAgentCommands(program, io, () => {}, {
    onOwnHost: async (_flags, _io, act) => act(),
    ofHost: {
      listApprovals: async () => ({ ok: true, value: { approvals: [], more: 0, vendors: [] } }),
      whyForeign: async () => null,
      groupAgents: async () => 0,
    },
    accountOf: async () => "ada",
    findAdapter: () => null,
  });
  const launch = program.commands.find((command) => command.name() === "launch");
  return [program, launch].flatMap((command) => command?.options.map(({ long }) => long ?? "") ?? []);
};

test.for(blocking)("the fix of a launch for $code names only flags of launch", (verdict) => {
  expect(outcomes[verdict.code]).toBe("blocked");
  const { message, fix = "" } = explain(verdict, { workspace: "/w", cli: agentClis.claude });
  expect(fix).not.toBe("");
  const said = withFlags(`${message} ${fix}`);
  const named = [...said.matchAll(/(?<![\w-])--[a-z-]+/g)].map(([flag]) => flag);
  expect(launchOptions()).toEqual(expect.arrayContaining(named));
  expect(said).not.toContain("`");
});

test("the list of this test has every blocking verdict except grants, which a launch never refuses", () => {
  const codes = Object.entries(outcomes).flatMap(([code, outcome]) => (outcome === "blocked" ? [code] : []));
  expect(codes.filter((code) => code !== "grants-refused").sort()).toEqual(
    [...new Set(blocking.map(({ code }) => code))].sort(),
  );
});
