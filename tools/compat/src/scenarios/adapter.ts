import { trustSettings } from "@trust/codex-overrides";
import { setUpProfile, type Box } from "../box/box.ts";
import { agents } from "../record/agents.ts";
import { profile } from "./codex.ts";

/** One start of a CLI by the orchestrator's adapter, which presses no key. */
export type AdapterScenario = {
  readonly name: string;
  readonly why: string;
  /** Creates the profile and the folder. */
  readonly arrange: (box: Box) => void;
  readonly folder: string;
  /** True if workspace-trust prepares the folder first. */
  readonly isPrepared: boolean;
  readonly settings: (box: Box) => unknown;
  readonly args: (version: string) => readonly string[];
  /**
   * The CLI's own file that must not change, relative to HOME. Null for a CLI that writes it at each start.
   */
  readonly stateFile: string | null;
  readonly expect: {
    readonly exit: number;
    /** Events by name, with their code if they have one: `workspace_trust_required no-key`. */
    readonly events: readonly string[];
    /** The engine's reading of the last screen in the recording; null if nothing was started. */
    readonly recorded: "ready" | "select" | null;
  };
};

/** The adapter is ended once the agent is ready. */
const ready = { exit: 143, events: ["started", "ready", "exited"], recorded: "ready" } as const;

const folder = "w/my app.v2";

const claude = {
  arrange: (box: Box) => {
    box.write(".claude.json", setUpProfile());
    box.repository(folder);
  },
  folder,
  settings: () => ({}),
  args: () => [],
};

export const claudeAdapterScenarios: readonly AdapterScenario[] = [
  {
    ...claude,
    name: "adapter",
    why: "A folder that workspace-trust prepared: the agent reaches its prompt.",
    isPrepared: true,
    stateFile: null,
    expect: ready,
  },
  {
    ...claude,
    name: "adapter-untrusted",
    why: "An unprepared folder: nothing is started, and nothing is written.",
    isPrepared: false,
    stateFile: ".claude.json",
    expect: { exit: 3, events: ["workspace_trust_required no-key"], recorded: null },
  },
];

const codex = {
  arrange: (box: Box) => {
    profile(box);
    box.repository(folder);
  },
  folder,
  isPrepared: false,
  args: (version: string) => agents.codex.args?.(version) ?? [],
  stateFile: ".codex/config.toml",
};

export const codexAdapterScenarios: readonly AdapterScenario[] = [
  {
    ...codex,
    name: "adapter",
    why: "Trust in the settings: the agent reaches its prompt, and config.toml is unchanged.",
    settings: (box) => trustSettings([`projects."${box.path(folder)}".trust_level="trusted"`]),
    expect: ready,
  },
  {
    ...codex,
    name: "adapter-untrusted",
    why: "No trust in the settings: Codex asks, no key is pressed, and the agent is ended.",
    settings: () => ({}),
    expect: {
      exit: 3,
      events: ["started", "workspace_trust_required trust-dialog", "exited"],
      recorded: "select",
    },
  },
];
