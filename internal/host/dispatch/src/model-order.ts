import type { ResponseFrame } from "@nc/cli-scope";
import { mayAnswer } from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";

/** The host's answer to an order of a person in a chat. */
export type OrderAnswer = { readonly text: string; readonly failed: boolean };

type ModelOrderDeps = {
  readonly db: Kysely<CentralTables>;
  /** Answers the host's own frames, for this person. */
  readonly ask: (frame: unknown, userId: string) => Promise<ResponseFrame>;
};

type Given = {
  readonly words: readonly string[];
  readonly userId: string;
  readonly groupId: string;
  readonly makeSession: () => Promise<string | null>;
};

const usage =
  "/model shows the model, /model NAME sets it for this conversation, /model default takes that back.";

const notAllowed =
  "The model was not changed: the owners, and the admins of the agent's group, may change it.";

/**
 * `/model`, `/model NAME [--yes]` and `/model default`: the session's own model. People who may answer approvals of the
 * group may change it. The commands run with the rights of the host.
 */
export const modelOrder =
  ({ db, ask }: ModelOrderDeps) =>
  async ({ words: [name, ...more], userId, groupId, makeSession }: Given): Promise<OrderAnswer> => {
    const run = (command: string, args: object) => ask({ id: "order", command, args }, userId);
    const isUse = name === undefined || (more.every((word) => word === "--yes") && !name.startsWith("-"));
    if (!isUse) return { text: usage, failed: true };
    const mayChange = (): Promise<boolean> => mayAnswer(db, { type: "user", userId }, [groupId]);
    if (name !== undefined && !(await mayChange())) return { text: notAllowed, failed: true };
    const id = await makeSession();
    if (id === null) return { text: "This conversation has ended.", failed: true };
    if (name === undefined) return answerOf(await run("sessions-config-get", { id }), usage);
    const change = name.toLowerCase() === "default" ? { unset: "model" } : { model: name };
    const yes = more.length > 0 ? { yes: true } : {};
    return answerOf(await run("sessions-config-update", { id, ...change, ...yes }), inForce);
  };

const inForce = "The agent takes it as soon as it has nothing in work.";

type Shown = {
  readonly person: string | null;
  readonly effective_provider: string;
  readonly from: string;
  readonly effective_model: string | null;
  readonly model_from: string;
  readonly not_applied: readonly { readonly field: string; readonly reason: string }[];
};

const answerOf = (response: ResponseFrame, last: string): OrderAnswer => {
  if (!response.ok) return { text: response.error.message, failed: true };
  const shown = response.data as Shown;
  const { effective_provider: provider, effective_model: model } = shown;
  const lines = [
    `Model: ${model ?? `chosen by ${provider}`} (${decidedBy(shown.model_from, shown)}).`,
    `Provider: ${provider} (${decidedBy(shown.from, shown)}).`,
    ...shown.not_applied.map(({ field, reason }) => `The ${field} has no effect. ${reason}`),
    ...(response.warnings ?? []),
    last,
  ];
  return { text: lines.join("\n"), failed: false };
};

const decidedBy = (from: string, { person }: Shown): string => {
  const levels: Readonly<Record<string, string>> = {
    session: "set for this conversation",
    person: `of ${person ?? "its person"} in users.yaml`,
    group: "set for the group",
  };
  return levels[from] ?? "the default";
};
