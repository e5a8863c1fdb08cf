import type { RulePack } from "../rules/rule.ts";

/**
 * Qwen Code's start-up screens. It is a fork of Gemini CLI, and restarts itself after an answered dialog in
 * the same way. It asks for trust only if security.folderTrust.enabled is set.
 */
export const qwenPack: RulePack = {
  provider: "qwen",
  deadWindowMs: 200,
  readyStandsMs: 3_000,
  // 0.15.10 points with ●, and begins its replies with it.
  lists: { pointers: "›●❯", bullets: "●" },
  rules: [
    {
      type: "passing",
      id: "qwen/restarting",
      anchors: ["Qwen Code is restarting to apply the trust changes..."],
      seenIn: ["0.24.4"],
      why: "The dialog above it was answered. Another Enter would reach the next process.",
    },
    {
      type: "select",
      id: "qwen/trust",
      kind: "trust",
      commits: true,
      title: "Do you trust this folder?",
      body: [
        "Trusting a folder allows Qwen Code to execute commands it suggests. This is a security feature to prevent accidental execution in untrusted directories.",
      ],
      want: { accept: ["Trust folder ({name})"] },
      never: ["Trust parent folder ({parent})", /^Don't trust( \(esc\))?$/u],
      needsAllLabels: true,
      memory: "once",
      seenIn: ["0.15.10", "0.24.4"],
      why: "The caller did not name the parent folder, so it is never trusted. One Enter only: a second one could reach the process that starts next.",
    },
    {
      type: "block",
      id: "qwen/provider",
      code: "sign-in-needed",
      anchors: ["Connect a Provider"],
      standsMs: 2_000,
      seenIn: ["0.24.4"],
      why: "A person decides about the provider and its key. The screen also appears for a moment before the trust dialog.",
    },
    {
      type: "block",
      id: "qwen/sign-in",
      code: "sign-in-needed",
      anchors: ["Select Authentication Method"],
      standsMs: 2_000,
      seenIn: ["0.15.10"],
      why: "The older title of the same choice.",
    },
    {
      type: "ready",
      id: "qwen/ready",
      anchors: [],
      composer: { prompts: ">", between: "rules" },
      status: ["? for shortcuts", "shift + tab to cycle"],
      seenIn: ["0.15.10", "0.24.4"],
      why: "The composer's frame and its status row are two signals.",
    },
  ],
};
