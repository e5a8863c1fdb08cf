// @module-tag rest
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { teamOfAgents, defaultFlags } from "@trust/team-launch";
import { agentContract, type AgentBehaviour, type AgentSubject } from "@trust/team-launch/testing";
import { describe, inject, test, expect } from "vitest";
import { providers } from "@trust/preflight";
import { heldAgentPort, promptOf } from "./held-agent-port.ts";
import { makeLaunchFixture } from "./launch.fixture.ts";

const starts: { readonly [B in AgentBehaviour]: string } = {
  ready: "composer",
  asks: "unknown",
  ends: "crash",
  missing: "composer",
};

/** A machine whose fake Claude behaves this way, and trusts the folder. */
const subjectOf = (behaviour: AgentBehaviour): AgentSubject => {
  const fixture = makeLaunchFixture({ start: starts[behaviour] });
  const { dataDir, env, home } = fixture;
  const folder = fixture.at("a");
  const projects = { [folder]: { hasTrustDialogAccepted: true } };
  writeFileSync(
    join(home, ".claude.json"),
    JSON.stringify({ hasCompletedOnboarding: true, theme: "dark", projects }),
  );
  const team = teamOfAgents(1, "claude", folder);
  if (!team.ok) throw new Error(team.error.code);
  const cli = behaviour === "missing" ? { cli: { claude: fixture.at("nowhere") } } : {};
  const request = { team: team.value, flags: defaultFlags, env, dataDir, ...cli };
  const adapter = inject("programs")["orchestrator-adapter"];
  return {
    launcher: () => heldAgentPort(request, new AbortController().signal, adapter),
    startOf: (name, member) => ({
      team: name,
      launch: "one",
      args: [],
      settings: null,
      env: {},
      member: { ...team.value.lead, name: member, cwd: folder },
    }),
  };
};

describe("held agents keep the agent contract:", { tags: ["slow"] }, () => {
  for (const { title, agents, check } of agentContract) test(title, () => check(subjectOf(agents)));
});

test.for(providers)(
  "promptOf types the prompt of %s, except for OpenCode, which gets it as an argument",
  (provider) => {
    const passed = promptOf({ provider, prompt: "-go" });
    expect(passed).toEqual(
      provider === "opencode" ? { args: ["--prompt", " -go"] } : { typed: "-go", args: [] },
    );
    expect(promptOf({ provider })).toEqual({ args: [] });
  },
);
