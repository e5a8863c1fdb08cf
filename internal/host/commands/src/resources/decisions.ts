import type { DecisionRow } from "@gatehouse/central-database";
import { defineCommand, type Call, type Command, type CommandError, type Flag } from "@nc/cli-scope";
import { durationOf, parseJson, type Result } from "@gatehouse/std";
import {
  type CommandContext,
  done,
  type ReadContext,
  refused,
  type ResourceOf,
} from "@gatehouse/command-context";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const resource: ResourceOf<"decisions"> = {
  name: "decision",
  plural: "decisions",
  description:
    "What was done and decided here: commands of ncl, tools that a rule or a policy decided about, acts of gatehouse.",
  id: { description: "The decision." },
  columns: [
    { name: "at", type: "string", description: "When it was made.", generated: true },
    { name: "actor", type: "string", description: "Who." },
    { name: "effect", type: "string", description: "The outcome.", values: ["allow", "approve", "deny"] },
    { name: "command", type: "string", description: "The words of the command." },
    { name: "args", type: "string", description: "The values by flag.", generated: true },
    { name: "account", type: "string", description: "The account behind host.", generated: true },
    { name: "rule_id", type: "string", description: "The rule." },
    { name: "reason", type: "string", description: "Why, in words.", generated: true },
    { name: "id", type: "string", description: "de-<uuid>", generated: true },
  ],
  verbs: {},
};

/** How many decisions are listed by default, and at most. */
const [usual, most] = [200, 10_000];

const timeForms = "2026-11-27, 2026-11-27T08:00Z, 24h or 7d";

const flags = [
  {
    name: "since",
    type: "string",
    description: `Only decisions from this time on: ${timeForms}. A time without a zone is in UTC.`,
    example: "24h",
  },
  {
    name: "until",
    type: "string",
    description: "Only decisions before this time, in the same forms. A day counts to its end.",
    example: "2026-11-27",
  },
  {
    name: "actor",
    type: "string",
    description:
      "Who: host, agent or user; a person, a group or a session by id or name; or an account of this machine.",
    example: "host",
  },
  { name: "command", type: "string", description: 'The words of a command, or a tool as "use Bash".' },
  {
    name: "effect",
    type: "string",
    description: "The outcome; approve: it waited for a person.",
    values: ["allow", "approve", "deny"],
  },
  {
    name: "rule_id",
    alias: "rule",
    type: "string",
    description: "The rule: an id of tool-rules list, tools-allow-all, tools-allow-read, host, ...",
  },
  {
    name: "text",
    type: "string",
    description: "A text in the command, a value or the reason.",
    example: "npm test",
  },
  {
    name: "limit",
    type: "integer",
    description: `How many at most; ${usual} if not given.`,
    min: 1,
    max: most,
  },
] as const satisfies readonly Flag[];

type Span = { readonly since?: string; readonly before?: string };

/** The span of `--since` and `--until`. `now`: ms since 1970. */
const spanOf = (
  { since, until }: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: number,
): Result<Span, CommandError> => {
  const times: { [end in "since" | "until"]?: number } = {};
  for (const [end, text] of [
    ["since", since],
    ["until", until],
  ] as const) {
    if (text === undefined) continue;
    const time = timeIn(text.trim(), now, end);
    if (time === null)
      return refused(
        "invalid-args",
        `--${end} is a day, a time, or how long ago, such as ${timeForms}: not ${JSON.stringify(text)}.`,
      );
    times[end] = time;
  }
  if (times.since !== undefined && times.until !== undefined && times.since >= times.until)
    return refused("invalid-args", "--since is not before --until, so no decision is between them.");
  return {
    ok: true,
    value: {
      ...(times.since === undefined ? {} : { since: new Date(times.since).toISOString() }),
      ...(times.until === undefined ? {} : { before: new Date(times.until).toISOString() }),
    },
  };
};

const day = 86_400_000;

/** Ms since 1970; null for a text of another form, or for a day or time that no calendar has. */
const timeIn = (text: string, now: number, end: "since" | "until"): number | null => {
  if (/^now$/i.test(text)) return now;
  const ago = durationOf(text.replace(/\sago$/, "").trimEnd());
  if (ago !== null) return Math.max(0, now - ago);
  const iso =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(
      text,
    );
  if (iso === null) return null;
  const [, date = "", clock, seconds = ":00", fraction = "0", zone = "Z"] = iso;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // Node reads 2026-02-30 as 2 March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return null;
  if (clock === undefined) return end === "since" ? midnight : midnight + day;
  const offset = /^z$/i.test(zone)
    ? "Z"
    : zone.replace(/^(.\d\d):?(\d\d)?$/, (_, h: string, m = "00") => `${h}:${m}`);
  const time = Date.parse(`${date}T${clock}${seconds}.${fraction.slice(0, 3)}${offset}`);
  return Number.isNaN(time) || time < 0 ? null : time;
};

/** What an actor may be called in the log: the text itself, and the ids of the rows that have it as their name. */
const actorsOf = async (
  typed: string,
  { context }: Call<CommandContext>,
): Promise<Result<readonly string[], CommandError>> => {
  const text = typed.trim();
  if (text === "") return refused("invalid-args", "--actor is empty: name who acted, such as host.");
  const ids = [];
  for (const plural of ["groups", "users", "sessions"])
    for (const { id } of (await context.referred(plural, null)?.meant(text)) ?? []) ids.push(id);
  return { ok: true, value: [text, text.replace(/^(?:user|agent):/, ""), ...ids] };
};

const list: Command<CommandContext, ReadContext> = defineCommand({
  words: "decisions list",
  resource: "decisions",
  ...access.operator,
  description:
    "List what was done and decided, the newest first. Secrets and words for agents are left out of the values, and long values are cut.",
  examples: [
    "decisions list --since 24h",
    "decisions list --since 2026-11-20 --until 2026-11-27 --actor local:ada",
    "decisions list --rule tools-allow-all --since 7d",
  ],
  flags,
  run: async ({ since, until, actor, text, limit = usual, ...where }, call) => {
    const span = spanOf({ since, until }, Date.parse(call.context.now()));
    if (!span.ok) return span;
    const actors = actor === undefined ? null : await actorsOf(actor, call);
    if (actors?.ok === false) return actors;
    const found = await call.context.decisions({
      ...span.value,
      ...(actors === null ? {} : { actors: actors.value }),
      ...(text === undefined ? {} : { text }),
      where,
      limit: limit + 1,
    });
    const warnings =
      found.length > limit
        ? [`There are more than ${limit}, and these are the newest: --limit, at most ${most}, or --until.`]
        : [];
    return done(found.slice(0, limit).map(shown), { warnings });
  },
});

const verify: Command<CommandContext, ReadContext> = defineCommand({
  words: "decisions verify",
  resource: "decisions",
  // A read takes a while on a large log, and keeps no writer waiting.
  ...access.operator,
  effect: "read",
  description:
    "Check that no decision and no answered approval was changed, added or removed in the database. Names the first one that was.",
  examples: ["decisions verify"],
  flags: [],
  run: async (_args, { context }) => {
    const verified = await context.verifyLog();
    if (verified.ok) return done(verified.value);
    const { message, fix } = verified.error;
    return refused("handler-error", `${message} To mend it: ${fix}.`);
  },
});

const shown = ({ id, at, actor, effect, command, args, account, rule_id, reason }: DecisionRow) => ({
  at,
  actor,
  effect,
  command,
  args: parseJson(args),
  account,
  rule_id,
  reason,
  id,
});

export const decisions: StoredResource = storedResource({
  resource,
  commands: [list, verify],
  stored: {
    table: "decisions",
    id: "id",
    idPrefix: "de",
    group: null,
    stamp: "at",
    newestFirst: ["at", "id"],
  },
});
