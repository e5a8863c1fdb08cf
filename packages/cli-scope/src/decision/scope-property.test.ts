import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Actor, Scope } from "./actor.ts";
import { parseArgv } from "../wire/argv.ts";
import type { Args, Command } from "../commands/command.ts";
import { dispatch } from "../dispatch/dispatch.ts";
import { wireName } from "../commands/find-command.ts";
import type { ResponseFrame } from "../wire/frame.ts";
import { replay } from "../dispatch/replay.ts";
import type { RowsContext } from "../commands/resource.ts";
import { agent, type MemoryHost, memoryHost, other, own } from "../dispatch/memory-host.fixture.ts";
import { sampleCommands } from "../commands/sample-commands.fixture.ts";

// No handler gets another group's id, for any command, scope and spelling of a flag.

const oddNames = [
  "agent_group_id",
  "group",
  "id",
  "cli_scope",
  "clis_cope",
  "as_group",
  "help",
  "__proto__",
  "constructor",
];
const oddTexts = [
  own,
  other,
  "wi-own",
  "wi-other",
  "se-other",
  "global",
  "all",
  "",
  ` ${own}`,
  `${own},${other}`,
  "1",
  "{}",
  '["x"]',
];

/** Random spellings: each letter in either case; each `_` kept, doubled, dropped or written as a dash. */
const spelled = (name: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...[...name].map((letter) =>
        letter === "_"
          ? fc.constantFrom("_", "-", "__", "")
          : fc.constantFrom(letter, letter, letter.toUpperCase()),
      ),
    )
    .map((letters) => letters.join(""));

const flagName = ({ flags }: Command<RowsContext>): fc.Arbitrary<string> =>
  fc.constantFrom(...flags.map(({ name }) => name), ...oddNames);

const written = (command: Command<RowsContext>): fc.Arbitrary<string> =>
  flagName(command).chain((name) =>
    fc.oneof(fc.constant(name), fc.constant(name.replaceAll("_", "-")), spelled(name)),
  );

/** Valid values for required flags, so that some calls are allowed. */
const needed = ({ flags }: Command<RowsContext>): string[] =>
  flags
    .filter(({ required, lock }) => required === true && lock === undefined)
    .map(({ name }) => `--${name}=x`);

const argvOf = (command: Command<RowsContext>): fc.Arbitrary<string[]> => {
  const text = fc.constantFrom(...oddTexts);
  const pair = fc
    .tuple(written(command), text, fc.constantFrom("=", " ", "alone"))
    .map(([name, value, form]) => {
      if (form === "=") return [`--${name}=${value}`];
      return form === " " ? [`--${name}`, value] : [`--${name}`];
    });
  const rest = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    text.map((id) => [id]),
  );
  const most = fc.array(pair, { maxLength: 3 });
  return fc
    .tuple(rest, most, fc.boolean())
    .map(([id, pairs, complete]) => [
      ...command.words.split(" "),
      ...id,
      ...pairs.flat(),
      ...(complete ? needed(command) : []),
    ]);
};

const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.constantFrom(null, true, false, 0, [own, other], [other], [[other]], { id: other }, [true]),
  fc.jsonValue(),
);

const frameOf = (command: Command<RowsContext>): fc.Arbitrary<unknown> =>
  fc.oneof(
    argvOf(command).map((argv) => {
      const line = parseArgv(argv);
      return line.ok ? { id: "1", command: line.value.command, args: line.value.args } : {};
    }),
    fc
      .dictionary(written(command), odd, { maxKeys: 4 })
      .map((args) => ({ id: "1", command: wireName(command.words), args })),
  );

type Expected = {
  readonly command: Command<RowsContext>;
  readonly host: MemoryHost;
  readonly frame: ResponseFrame;
};

const expectOwn = ({ flags, reach, access }: Command<RowsContext>, args: Args): void => {
  expect(reach).toBe("group");
  expect(access).not.toBe("operator");
  for (const { name, lock, escalates } of flags) {
    if (lock === "group") expect(args[name]).toBe(own);
    if (lock === "wiring") expect(args[name]).toBe("wi-own");
    if (escalates === true) expect(args).not.toHaveProperty(name);
  }
  expect(flags.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(args)));
  if (flags.every(({ name }) => name !== "cli_scope")) expect(args).not.toHaveProperty("cli_scope");
};

const byWords = (words: string): Command<RowsContext> => {
  const command = sampleCommands.find((each) => each.words === words);
  if (command === undefined) throw new Error(`There is no ${words}.`);
  return command;
};

const expectConfined = ({ host: { seen }, frame, command }: Expected): void => {
  for (const run of seen.runs) expectOwn(byWords(run.command), run.args);
  for (const held of seen.held) expectOwn(byWords(held.command), held.args);
  expect(seen.reaches.every((reach) => reach !== "all" && reach.groupId === own)).toBe(true);
  if (frame.ok && command.rowGroup !== undefined && seen.runs.length > 0)
    for (const row of [frame.data].flat()) expect(row).toMatchObject({ [command.rowGroup]: own });
};

const expectNothing = ({ host: { seen } }: Expected): void => {
  expect({ runs: seen.runs, held: seen.held }).toEqual({ runs: [], held: [] });
};

const expectGated = ({ host: { seen } }: Expected): void => {
  for (const { command } of seen.runs) expect(byWords(command).access).toBe("open");
  for (const { command } of seen.held) expect(byWords(command).access).toBe("approval");
};

const person: Actor = { type: "user", userId: "telegram:1" };

const callers: readonly {
  readonly who: string;
  readonly actor: Actor;
  readonly scope: Scope | null;
  readonly holds: readonly ((seen: Expected) => void)[];
}[] = [
  { who: "an agent of scope disabled", actor: agent, scope: "disabled", holds: [expectNothing] },
  { who: "an agent whose session is gone", actor: agent, scope: null, holds: [expectNothing] },
  { who: "an agent of scope group", actor: agent, scope: "group", holds: [expectConfined, expectGated] },
  { who: "an agent of scope global", actor: agent, scope: "global", holds: [expectGated] },
  {
    who: "a person",
    actor: person,
    scope: null,
    holds: [
      ({ host: { seen } }) => {
        for (const { command } of seen.runs) expect(byWords(command).resource).toBe("approvals");
        expect(seen.held).toEqual([]);
      },
    ],
  },
];

describe.each(callers)("the limits of $who", ({ actor, scope, holds }) => {
  test.each(sampleCommands)("hold in calls of $words", async (command) => {
    await fc.assert(
      fc.asyncProperty(frameOf(command), async (frame) => {
        const host = memoryHost(sampleCommands, scope);
        const answer = await dispatch(frame, actor, host);
        for (const held of host.seen.held) await replay(held, memoryHost(sampleCommands, scope), "2");
        for (const expectIt of holds) expectIt({ command, host, frame: answer });
        expect(host.seen.reported).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test("the generated calls reach every command that an agent of scope group may use", async () => {
  const reached = new Set<string>();
  for (const command of sampleCommands)
    for (const frame of fc.sample(frameOf(command), { numRuns: 400, seed: 1 })) {
      const host = memoryHost(sampleCommands);
      await dispatch(frame, agent, host);
      for (const { command: words } of [...host.seen.runs, ...host.seen.held]) reached.add(words);
    }
  const allowed = sampleCommands.filter(({ reach, access }) => reach === "group" && access !== "operator");
  expect([...reached].sort()).toEqual(allowed.map(({ words }) => words).sort());
});
