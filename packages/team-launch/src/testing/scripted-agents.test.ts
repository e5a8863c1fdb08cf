import { describe, test } from "vitest";
import { agentContract, type AgentBehaviour, type AgentSubject } from "./agent-contract.ts";
import { scriptedAgents, type Script } from "./scripted-agents.ts";

const scripts: { readonly [B in AgentBehaviour]: Script } = {
  ready: { becomes: ["starting", "ready"] },
  asks: { becomes: ["waiting"] },
  ends: { becomes: ["starting", "ended"] },
  missing: { fails: { code: "cli-not-found", message: "There is no claude." } },
};

const subjectOf = (behaviour: AgentBehaviour): AgentSubject => {
  const agents = scriptedAgents();
  const member = { name: "ana", role: "lead", provider: "claude", folder: "/a", worktree: false } as const;
  return {
    launcher: () => agents.port({ ana: scripts[behaviour] }),
    startOf: (team, name) => ({
      team,
      launch: "one",
      member: { ...member, name, cwd: "/a" },
      args: [],
      settings: null,
      env: {},
    }),
  };
};

describe("scripted agents keep the contract of agents:", () => {
  for (const { title, agents, check } of agentContract) test(title, () => check(subjectOf(agents)));
});
