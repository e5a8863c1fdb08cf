import { describe, expect, test } from "vitest";
import { hasAgentChanged, resolveAgent, type AgentChoice, type AgentSources } from "./agent-choice.ts";

type Case = {
  readonly says: string;
  readonly session?: Partial<AgentSources["session"]>;
  readonly person?: AgentSources["person"];
  readonly group?: Partial<AgentSources["group"]>;
  /** `value from`. */
  readonly provider: string;
  readonly model: string;
};

const opusOfSession = { agent_model: "opus", agent_model_provider: "claude" };

const cases: readonly Case[] = [
  { says: "no level has a value", provider: "claude default", model: "null default" },
  {
    says: "the group's values apply where no other level has one",
    group: { provider: "Codex", model: "gpt-1" },
    provider: "codex group",
    model: "gpt-1 group",
  },
  {
    says: "the group's model without a provider is for claude",
    group: { model: "sonnet" },
    provider: "claude default",
    model: "sonnet group",
  },
  {
    says: "a person's model wins over the group's",
    person: { model: "haiku" },
    group: { model: "sonnet" },
    provider: "claude default",
    model: "haiku person",
  },
  {
    says: "a person's backend wins over the group's provider, and the group's model is not for it",
    person: { agent_backend: "codex" },
    group: { provider: "claude", model: "sonnet" },
    provider: "codex person",
    model: "null default",
  },
  {
    says: "a person's model is for their backend",
    person: { agent_backend: "codex", model: "gpt-2" },
    group: { provider: "claude", model: "sonnet" },
    provider: "codex person",
    model: "gpt-2 person",
  },
  {
    says: "a person's model is not for another provider of the session, and the group's is",
    session: { agent_provider: "claude" },
    person: { agent_backend: "codex", model: "gpt-2" },
    group: { provider: "claude", model: "sonnet" },
    provider: "claude session",
    model: "sonnet group",
  },
  {
    says: "a person's model without a backend is for the group's provider, not for the session's",
    session: { agent_provider: "codex" },
    person: { model: "haiku" },
    provider: "codex session",
    model: "null default",
  },
  {
    says: "goose is passed over, with the model that was given for it",
    person: { agent_backend: "goose", model: "x" },
    group: { provider: "codex", model: "gpt-1" },
    provider: "codex group",
    model: "gpt-1 group",
  },
  {
    says: "an empty backend counts as unset",
    person: { agent_backend: "", model: "haiku" },
    provider: "claude default",
    model: "haiku person",
  },
  {
    says: "the session's values win over the person's and the group's",
    session: { agent_provider: "CLAUDE", ...opusOfSession },
    person: { agent_backend: "codex", model: "gpt-2" },
    group: { provider: "codex", model: "gpt-1" },
    provider: "claude session",
    model: "opus session",
  },
  {
    says: "the session's model needs no provider of the session",
    session: opusOfSession,
    group: { model: "sonnet" },
    provider: "claude default",
    model: "opus session",
  },
  {
    says: "the session's model stays behind when the group changes to another provider",
    session: opusOfSession,
    group: { provider: "codex", model: "gpt-1" },
    provider: "codex group",
    model: "gpt-1 group",
  },
  {
    says: "a person without values changes nothing",
    person: {},
    group: { provider: "claude", model: "sonnet" },
    provider: "claude group",
    model: "sonnet group",
  },
];

const noSession: AgentSources["session"] = {
  agent_provider: null,
  agent_model: null,
  agent_model_provider: null,
};

describe("resolveAgent", () => {
  test.each(cases)("$says", ({ session, person = null, group, provider, model }) => {
    const choice = resolveAgent({
      session: { ...noSession, ...session },
      person,
      group: { provider: null, model: null, ...group },
    });
    const shown = ({ value, from }: AgentChoice["model"]): string => `${value} ${from}`;
    expect([shown(choice.provider), shown(choice.model)]).toEqual([provider, model]);
  });
});

const choice = (provider: string, model: string): AgentChoice => {
  const decided = (text: string) => {
    const [value = "", from = ""] = text.split(" ");
    return { value, from } as { value: string; from: AgentChoice["model"]["from"] };
  };
  return { provider: decided(provider), model: decided(model) };
};

describe("hasAgentChanged", () => {
  test.each([
    { says: "the same choice", to: choice("claude group", "sonnet group"), is: false },
    { says: "the same model by another level", to: choice("claude group", "sonnet session"), is: false },
    { says: "a model of the session", to: choice("claude group", "opus session"), is: true },
    { says: "a model of the person", to: choice("claude group", "opus person"), is: true },
    { says: "another model of the group", to: choice("claude group", "opus group"), is: false },
    { says: "a provider of the session", to: choice("codex session", "x default"), is: true },
    { says: "another provider of the group", to: choice("codex group", "x group"), is: false },
  ])("$says: $is", ({ to, is }) => {
    expect(hasAgentChanged(choice("claude group", "sonnet group"), to)).toBe(is);
  });

  test("a model that the session no longer has", () => {
    const running = choice("claude group", "opus session");
    expect(hasAgentChanged(running, choice("claude group", "sonnet group"))).toBe(true);
    // The operator changed the provider, so the session's model is not for it.
    expect(hasAgentChanged(running, choice("codex group", "gpt group"))).toBe(false);
  });
});
