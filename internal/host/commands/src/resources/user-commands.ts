import {
  defineCommand,
  type ActCommand,
  type Args,
  type ArgsOf,
  type Column,
  type Command,
  type CommandError,
  type Flag,
  type Row,
} from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import {
  type CommandContext,
  type Erased,
  type FileEntry,
  type ReadContext,
  type ResourceOf,
  done,
  problemOf,
  refused,
} from "@gatehouse/command-context";
import { providers } from "@nc/container-config";
import { fieldKeys, fieldOf } from "@nc/user-wizard";
import { access } from "./stored-resource.ts";

/** The limits of a person's day in all groups. The gateway enforces them at every request. */
const personLimits = [
  {
    name: "max_requests_per_day",
    type: "integer",
    description: "Requests to models in a day of the host's timezone.",
    min: 1,
    max: 1_000_000_000,
  },
  {
    name: "max_tokens_per_day",
    type: "integer",
    description: "Tokens in a day, of input and output together.",
    min: 1,
    max: 1_000_000_000_000,
  },
  {
    name: "max_cost_per_day",
    type: "number",
    description: "Money in a day, in the currency of gatehouse prices. Default: max_budget of users.yaml.",
    min: 0.000_001,
    max: 1_000_000_000,
  },
] as const satisfies readonly Column[];

export const limitColumns: ResourceOf<"users">["columns"] = personLimits;

const id = {
  name: "id",
  type: "string",
  description: "The user, <channel>:<handle>.",
  example: "telegram:6037840640",
  required: true,
  refersTo: "users",
} as const satisfies Flag;

const flags = [
  id,
  { name: "display_name", type: "string", description: "The name to show.", example: "Ana" },
  ...personLimits,
  { name: "unset", type: "list", description: "Limits to clear, separated by commas." },
] as const satisfies readonly Flag[];

const about = { resource: "users", positional: "id" } as const;

const limitNames = personLimits.map(({ name }) => name);

/** The values to save; null clears a limit. */
const valuesIn = (args: ArgsOf<typeof flags>): Result<Args, CommandError> => {
  const unset = (args.unset ?? []).map((name) => name.replaceAll("-", "_"));
  const unknown = unset.find((name) => !limitNames.some((each) => each === name));
  if (unknown !== undefined)
    return refused(
      "invalid-args",
      `--unset knows ${limitNames.join(", ")}, and not ${JSON.stringify(unknown)}.`,
    );
  const twice = unset.find((name) => Object.hasOwn(args, name));
  if (twice !== undefined)
    return refused("invalid-args", `Say either a value of ${twice}, or --unset ${twice}.`);
  const set = ["display_name", ...limitNames].filter((name) => Object.hasOwn(args, name));
  if (set.length + unset.length === 0)
    return refused("invalid-args", "Nothing to change: name a value, or --unset a limit.");
  const all: Args = args;
  return {
    ok: true,
    value: Object.fromEntries([
      ...set.map((name) => [name, all[name] ?? null] as const),
      ...unset.map((name) => [name, null] as const),
    ]),
  };
};

const noUser = (userId: string): { readonly ok: false; readonly error: CommandError } =>
  refused("not-found", `There is no user "${userId}": ncl users list`);

type NotUsed = { readonly field: string; readonly reason: string };

/** The fields of a person's entry that have a value, and on which no part of the host acts. */
const notUsed = (entry: FileEntry | null): readonly NotUsed[] => [
  ...otherBackend(entry),
  ...fieldKeys
    .filter((key) => !fieldOf(key).isUsed && (entry?.[key] ?? null) !== null)
    .map((field) => ({ field, reason: "users.yaml has it, and no part of the host acts on it yet." })),
];

/** A backend that is no provider is passed over, and so is the model that was given for it. */
const otherBackend = (entry: FileEntry | null): readonly NotUsed[] => {
  const { agent_backend: backend = null, model = null } = entry ?? {};
  if (backend === null || providers.some((name) => name === backend)) return [];
  const reason = `No agent of this host is ${String(backend)}, so the provider and model of the group apply.`;
  const fields = model === null ? ["agent_backend"] : ["agent_backend", "model"];
  return fields.map((field) => ({ field, reason }));
};

/** The limit of money from users.yaml, if `users update` has set none. */
const budgetOf = (row: Row, entry: FileEntry | null): unknown =>
  row["max_cost_per_day"] === null ? (entry?.["max_budget"] ?? null) : null;

const get: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "users get",
  ...access.readAcrossGroups,
  description:
    "Show one user, with the limits of the day, and the fields of users.yaml that have no effect yet.",
  examples: ["users get telegram:6037840640"],
  flags: [id],
  run: async (args, { context }) => {
    const found = await context.rows("users").get(args.id);
    if (!found.ok) return found;
    if (found.value === null) return noUser(args.id);
    const entry = await context.fileEntry(args.id);
    return done({ ...found.value, max_budget: budgetOf(found.value, entry), not_applied: notUsed(entry) });
  },
});

const update: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "users update",
  ...access.changeAcrossGroups,
  description: "Change the name or the limits of one user. A limit applies from the next request.",
  examples: [
    "users update telegram:6037840640 --display-name Ana",
    "users update telegram:6037840640 --max-cost-per-day 5",
    "users update telegram:6037840640 --unset max-cost-per-day",
  ],
  flags,
  check: problemOf(valuesIn),
  run: async (args, { context }) => {
    const values = valuesIn(args);
    if (!values.ok) return values;
    const saved = await context.rows("users").update(args.id, values.value);
    if (!saved.ok) return saved;
    return saved.value === null ? noUser(args.id) : done(saved.value);
  },
});

const remove: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "users delete",
  ...access.operator,
  description:
    "Delete a person: roles, memberships, and their own direct chats with the sessions there. Messages elsewhere stay, unless --erase is given.",
  examples: ["users delete local:bo", "users delete local:bo --erase"],
  flags: [
    {
      name: "id",
      type: "string",
      description: "The user, <channel>:<handle>.",
      required: true,
      refersTo: "users",
    },
    {
      name: "erase",
      type: "boolean",
      description: "Remove the words of the person too, where the host has them, and say what stays.",
    },
  ],
  run: async ({ id: userId, erase = false }, { context }) => {
    const person = context.person(userId);
    const found = await context.rows("users").get(userId);
    if (!found.ok) return found;
    if (found.value === null && !erase) return noUser(userId);
    if ((await context.fileEntry(userId)) !== null)
      return refused(
        "forbidden",
        `${userId} is in users.yaml, and was not deleted: sudo gatehouse users remove ${userId}, then this command again.`,
      );
    if (await person.isOnlyOwner())
      return refused(
        "forbidden",
        `${userId} is the only owner of this host, and was not deleted. Make another person owner first: ncl roles grant --user CHANNEL:ID --role owner`,
      );
    const chats = await person.ownChats();
    const removed: Record<string, number> = { roles: 0, members: 0 };
    for (const what of Object.keys(removed)) {
      const listed = await context.rows(what).list({ where: { user_id: userId }, limit: mostRows });
      removed[what] = listed.ok ? listed.value.length : 0;
    }
    let stopping = 0;
    for (const { id } of chats) {
      const gone = await context.rows("messaging-groups").delete(id);
      if (!gone.ok) return gone;
      stopping += Number(gone.value?.["stopping"] ?? 0);
      const counts = Object.entries((gone.value?.["removed"] ?? {}) as Readonly<Record<string, number>>);
      for (const [what, count] of counts) removed[what] = (removed[what] ?? 0) + count;
    }
    const isThere = await person.forget(chats);
    const erased = erase ? await person.erase(chats) : null;
    if (!isThere && erased !== null && erased.chat_messages + erased.session_messages + erased.in_work === 0)
      return noUser(userId);
    const what = { ...removed, direct_chats: chats.length };
    const data = {
      id: userId,
      deleted: isThere,
      removed: what,
      ...(stopping === 0 ? {} : { stopping }),
      erased,
    };
    const stays = erased === null ? [notErased(userId)] : staysAfter(erased, userId);
    return done(
      { ...data, stays },
      {
        human: [
          ...(isThere ? [deletedText(userId, what, stopping)] : []),
          ...erasedText(erased),
          ...stays,
        ].join("\n"),
      },
    );
  },
});

const mostRows = 10_000;

const deletedText = (userId: string, removed: Readonly<Record<string, number>>, stopping: number): string => {
  const counts = Object.entries(removed).filter(([, count]) => count > 0);
  const what = counts.map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ");
  return `Deleted ${userId}, and with it: ${what || "nothing"}.${stopping === 0 ? "" : " Their sessions are being stopped."}`;
};

const notErased = (userId: string): string =>
  `Their messages stay. To remove those as well: ncl users delete ${userId} --erase`;

const erasedText = (erased: Erased | null): readonly string[] =>
  erased === null
    ? []
    : [`Erased: ${erased.chat_messages} messages of chats, ${erased.session_messages} messages of sessions.`];

/** What an erasure cannot reach, and why. */
const staysAfter = ({ in_work: inWork }: Erased, userId: string): readonly string[] => [
  ...(inWork === 0
    ? []
    : [
        `Stays: ${inWork} messages that an agent has not finished, so that it gets no other message than it has begun. Once they have ended: ncl users delete ${userId} --erase`,
      ]),
  "Stays: what agents keep themselves: the history of their CLI, their memory and the files of their groups. /clear ends a history.",
  `Stays: that ${userId} asked, answered and used models, without the words: approvals, decisions and usage, for the audit.`,
  "Stays: messages on other platforms, the host's log, and your backups.",
];

/** The host that serves users.yaml carries it out. */
const reload: ActCommand<unknown> = {
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

export const userCommands: readonly Command<CommandContext, ReadContext>[] = [get, update, remove, reload];
