import { expectTypeOf, test } from "vitest";
import type { Command, Flag, Json } from "./command.ts";
import { defineCommand, type ArgsOf } from "./define-command.ts";
import { registryProblems } from "../testing/registry-problems.ts";

type Context = { readonly rows: number };

const about = { resource: "things", access: "open", reach: "host", description: "" } as const;
const id = { name: "id", type: "string", description: "", required: true } as const satisfies Flag;
const kinds = ["chat", "agent"] as const;
const good = { ok: true, value: { data: null } } as const;

test("defineCommand types a handler's arguments by the flags", () => {
  const command: Command<Context> = defineCommand({
    ...about,
    words: "things update",
    effect: "change",
    flags: [
      id,
      { name: "note", type: "string", description: "" },
      { name: "kind", type: "string", description: "", values: kinds, required: true },
      { name: "count", type: "integer", description: "", required: true },
      { name: "share", type: "number", description: "" },
      { name: "force", type: "boolean", description: "" },
      { name: "names", type: "list", description: "", required: true },
      { name: "unset", type: "list", description: "", values: ["model", "effort"] },
      { name: "env", type: "json", description: "", required: true },
    ],
    check: (args) => {
      expectTypeOf(args.id).toEqualTypeOf<string>();
      return null;
    },
    consequence: async (args, { context }) => {
      expectTypeOf(args.count).toEqualTypeOf<number>();
      expectTypeOf(context).toEqualTypeOf<Context>();
      return { ok: true, value: [] };
    },
    run: async (args, { context }) => {
      expectTypeOf(context).toEqualTypeOf<Context>();
      expectTypeOf(args.id).toEqualTypeOf<string>();
      expectTypeOf(args.note).toEqualTypeOf<string | undefined>();
      expectTypeOf(args.kind).toEqualTypeOf<"chat" | "agent">();
      expectTypeOf(args.count).toEqualTypeOf<number>();
      expectTypeOf(args.share).toEqualTypeOf<number | undefined>();
      expectTypeOf(args.force).toEqualTypeOf<boolean | undefined>();
      expectTypeOf(args.names).toEqualTypeOf<readonly string[]>();
      expectTypeOf(args.unset).toEqualTypeOf<readonly ("model" | "effort")[] | undefined>();
      expectTypeOf(args.env).toEqualTypeOf<Json>();
      // @ts-expect-error: it has no such flag.
      void args.other;
      return good;
    },
  });
  expectTypeOf(command).toEqualTypeOf<Command<Context>>();
});

test("defineCommand types an act in the same way", () => {
  const command: Command<Context> = defineCommand({
    ...about,
    words: "things stop",
    effect: "act",
    flags: [id],
    intent: async (args, { context }) => {
      expectTypeOf(args).toEqualTypeOf<ArgsOf<readonly [typeof id]>>();
      expectTypeOf(context).toEqualTypeOf<Context>();
      return { ok: true, value: { kind: "stop", payload: args.id } };
    },
  });
  expectTypeOf(command).toEqualTypeOf<Command<Context>>();
});

test("defineCommand makes commands with different flags fit into one list", () => {
  const commands: readonly Command<Context>[] = [
    defineCommand({ ...about, words: "things list", effect: "read", flags: [], run: async () => good }),
    defineCommand({
      ...about,
      words: "things get",
      effect: "read",
      flags: [id],
      run: async ({ id: name }) => ({ ok: true, value: { data: name } }),
    }),
  ];
  if (registryProblems(commands).length > 0) throw new Error("The commands are not good");
});

test("defineCommand refuses an act with a run, and a read with an intent", () => {
  const of = (): readonly Command<Context>[] => [
    // @ts-expect-error: an act has an intent.
    defineCommand({ ...about, words: "things act", effect: "act", flags: [], run: async () => good }),
    defineCommand({
      ...about,
      words: "things read",
      effect: "read",
      flags: [],
      // @ts-expect-error: a read has a run.
      intent: async () => ({ ok: true, value: { kind: "stop", payload: null } }),
    }),
  ];
  expectTypeOf(of).toBeFunction();
});
