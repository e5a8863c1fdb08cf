import type { Command } from "@nc/cli-scope";

/** What `users reload` gives back to dispatch: the reload itself needs the database, which its transaction still holds. */
export const reloadAsked: object = Object.freeze({ asked: "reload" });

/** `ncl users reload`. It only decides who may: what it does is done by who serves the transport. */
export const reloadCommand: Command<unknown> = {
  words: "users reload",
  resource: "users",
  access: "operator",
  reach: "host",
  description: "Read users.yaml again: applied whole, or refused and everything stays.",
  examples: ["users reload"],
  flags: [],
  run: async () => ({ ok: true, value: { data: reloadAsked } }),
};
