import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { hostHere } from "./host.fixture.ts";
import { rawClient, tempFolder } from "@gatehouse/socket-server/testing";

const frame = (command: unknown, args: unknown = {}): string =>
  `${JSON.stringify({ id: "1", command, args })}\n`;
/** A frame with arguments as raw JSON text, for values that JSON.stringify cannot write. */
const written = (command: string, args: string): string =>
  `{"id":"1","command":${JSON.stringify(command)},"args":${args}}\n`;
const create = (name: unknown): string => frame("groups-create", { name, folder: "bad" });

type Bad = { readonly what: string; readonly bytes: string | Uint8Array; readonly code: string };

const bad: readonly Bad[] = [
  { what: "an unknown verb", bytes: frame("groups-fly"), code: "unknown-command" },
  { what: "an unknown resource", bytes: frame("gropus-list"), code: "unknown-command" },
  { what: "no verb", bytes: frame("groups"), code: "unknown-command" },
  { what: "an empty command", bytes: frame(""), code: "invalid-args" },
  { what: "a command that every object has", bytes: frame("constructor"), code: "unknown-command" },
  { what: "a verb that every object has", bytes: frame("groups-__proto__"), code: "unknown-command" },
  { what: "a missing value", bytes: frame("groups-create", { folder: "bad" }), code: "invalid-args" },
  { what: "null for a value", bytes: create(null), code: "invalid-args" },
  { what: "a wrong type", bytes: frame("groups-list", { limit: "many" }), code: "invalid-args" },
  { what: "a limit of -1", bytes: frame("groups-list", { limit: -1 }), code: "invalid-args" },
  { what: "a limit of -1, as text", bytes: frame("groups-list", { limit: "-1" }), code: "invalid-args" },
  { what: "a limit of 1.5", bytes: frame("groups-list", { limit: 1.5 }), code: "invalid-args" },
  { what: "an endless limit", bytes: written("groups-list", '{"limit":1e999}'), code: "invalid-args" },
  {
    what: "a limit beyond 2^53",
    bytes: written("groups-list", '{"limit":9007199254740993}'),
    code: "invalid-args",
  },
  { what: "an object for text", bytes: create({ toString: "x" }), code: "invalid-args" },
  { what: "a list for text", bytes: create(["a", "b"]), code: "invalid-args" },
  { what: "a NUL in a text", bytes: create("a\0b"), code: "invalid-args" },
  {
    what: "half a character",
    bytes: written("groups-create", '{"name":"a\\ud800","folder":"bad"}'),
    code: "invalid-args",
  },
  { what: "an unknown flag", bytes: frame("groups-list", { colour: "red" }), code: "invalid-args" },
  {
    what: "__proto__ for a flag",
    bytes: written("groups-list", '{"__proto__":{"limit":1}}'),
    code: "invalid-args",
  },
  {
    what: "__proto__ with the flags in it",
    bytes: written("groups-create", '{"__proto__":{"name":"x","folder":"bad"}}'),
    code: "invalid-args",
  },
  { what: "constructor for a flag", bytes: frame("groups-list", { constructor: "x" }), code: "invalid-args" },
  { what: "a list for the arguments", bytes: frame("groups-list", ["limit"]), code: "invalid-args" },
  { what: "a text for the arguments", bytes: frame("groups-list", "limit"), code: "invalid-args" },
  { what: "a number for the command", bytes: frame(7), code: "invalid-args" },
  { what: "a frame that is a number", bytes: "7\n", code: "invalid-args" },
  { what: "a frame that is null", bytes: "null\n", code: "invalid-args" },
  { what: "a frame that is a list", bytes: "[]\n", code: "invalid-args" },
  { what: "an empty frame", bytes: "{}\n", code: "invalid-args" },
  { what: "text that is not JSON", bytes: "groups list\n", code: "transport-error" },
  { what: "a NUL between frames", bytes: "\0\n", code: "transport-error" },
  {
    what: "invalid UTF-8",
    bytes: Buffer.from('{"id":"1","command":"\xff\xfe"}\n', "latin1"),
    code: "transport-error",
  },
  {
    what: "a frame of 100,000 levels",
    bytes: `${"[".repeat(100_000)}${"]".repeat(100_000)}\n`,
    code: "transport-error",
  },
  {
    what: "arguments of 100 levels",
    bytes: written("groups-list", `${'{"a":'.repeat(100)}1${"}".repeat(100)}`),
    code: "transport-error",
  },
];

/** The frames of a test share one host, so that damage by one frame shows in the next. */
describe("a real host", () => {
  test("answers every bad frame with its code, changes nothing, and keeps running", async () => {
    const host = await hostHere(tempFolder());
    const found: Bad[] = [];
    for (const { what, bytes } of bad) {
      const client = rawClient(host.socket);
      client.say(bytes);
      const [answer] = (await client.hear(1)) as { ok: boolean; error?: { code: string } }[];
      client.say(frame("groups-list"));
      expect({ what, next: (await client.hear(2))[1] }).toEqual({
        what,
        next: { id: "1", ok: true, data: [] },
      });
      client.socket.destroy();
      found.push({ what, bytes, code: answer?.error?.code ?? "ok" });
    }
    expect(found).toEqual(bad);
    expect(Object.hasOwn(Object.prototype, "limit")).toBe(false);
    expect([await host.stop(), host.bugs]).toEqual([true, []]);
  });

  test("survives a frame of 10 MB, half a frame, and a client that disconnects in a frame", async () => {
    const host = await hostHere(tempFolder());
    const long = rawClient(host.socket);
    long.say(`"${"x".repeat(10 * 2 ** 20)}"\n`);
    expect(await long.ended).toEqual([
      expect.objectContaining({
        ok: false,
        error: expect.objectContaining({ code: "transport-error" }) as unknown,
      }),
    ]);
    const half = rawClient(host.socket);
    half.socket.end('{"id":"1","comm');
    expect(await half.ended).toEqual([
      expect.objectContaining({
        ok: false,
        error: expect.objectContaining({ code: "transport-error" }) as unknown,
      }),
    ]);
    const gone = rawClient(host.socket);
    gone.say(frame("groups-list").slice(0, -5));
    gone.socket.destroy();
    const next = rawClient(host.socket);
    next.say(frame("groups-list"));
    expect(await next.hear(1)).toEqual([{ id: "1", ok: true, data: [] }]);
    expect([await host.stop(), host.bugs]).toEqual([true, []]);
  });

  test("answers 1,000 frames of one write in order, each once", async () => {
    const host = await hostHere(tempFolder());
    const client = rawClient(host.socket);
    const ids = Array.from({ length: 1_000 }, (_, index) => String(index));
    const one = (id: string) => {
      const command = Number(id) % 3 === 0 ? "users-create" : "users-fly";
      return `${JSON.stringify({ id, command, args: { id: `test:${id}`, kind: "test" } })}\n`;
    };
    client.say(ids.map(one).join(""));
    const answers = (await client.hear(1_000)) as { id: string; ok: boolean }[];
    expect(answers.map(({ id, ok }) => ({ id, ok }))).toEqual(
      ids.map((id) => ({ id, ok: Number(id) % 3 === 0 })),
    );
    client.say(frame("users-list", { limit: 1_000 }));
    expect((await client.hear(1_001))[1_000]).toMatchObject({ data: { length: 334 } });
  });
});
