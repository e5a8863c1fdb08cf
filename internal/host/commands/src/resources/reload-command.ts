import type { ActCommand } from "@nc/cli-scope";

/** `ncl users reload`. The host that serves users.yaml carries it out. */
export const reloadCommand: ActCommand<unknown> = {
  words: "users reload",
  resource: "users",
  effect: "act",
  access: "operator",
  reach: "host",
  description: "Read users.yaml again: applied whole, or refused and everything stays.",
  examples: ["users reload"],
  flags: [],
  intent: async () => ({ ok: true, value: { kind: "reload", payload: null } }),
};
