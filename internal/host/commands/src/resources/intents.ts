import { crud, type CommandError, type Reply } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { ResourceOf } from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

/** The payload is left out: it is internal to the host and may hold anything. */
const resource: ResourceOf<"intents"> = {
  name: "intent",
  plural: "intents",
  description: "Work that commands asked the host to do, and its outcome. Kept for 90 days after its end.",
  id: { description: "The intent.", example: "in-1" },
  rowGroup: "agent_group_id",
  columns: [
    { name: "id", type: "string", description: "in-<uuid>", generated: true },
    { name: "kind", type: "string", description: "The kind of work." },
    { name: "command", type: "string", description: "The words of the command that asked for it." },
    { name: "asked_by", type: "string", description: "Who: host, or agent:<group>/<session>." },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group within which it was asked for; none for the whole host.",
      lock: "group",
      refersTo: "groups",
    },
    { name: "created_at", type: "string", description: "When it was asked for.", generated: true },
    {
      name: "done_at",
      type: "string",
      description: "When it ended; none while it is open.",
      generated: true,
    },
    { name: "outcome", type: "string", description: "The answer to the command.", generated: true },
  ],
  verbs: { list: access.read, get: access.read },
};

/** The stored outcome in the form of an answer: `{"ok":true,"data":...}`, or `{"ok":false,"error":...}`. */
const asAnswer = (stored: unknown): unknown => {
  if (typeof stored !== "string") return null;
  const outcome = JSON.parse(stored) as Result<Reply, CommandError>;
  return outcome.ok ? { ok: true, ...outcome.value } : outcome;
};

export const intents: StoredResource = storedResource({
  resource,
  commands: crud(resource),
  stored: {
    table: "intents",
    id: "id",
    idPrefix: "in",
    label: "command",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
    present: ({ outcome, ...row }) => ({ ...row, outcome: asAnswer(outcome) }),
  },
});
