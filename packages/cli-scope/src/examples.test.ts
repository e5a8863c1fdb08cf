import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { crud } from "./commands/crud.ts";
import type { Resource } from "./commands/resource.ts";
import { dispatch } from "./dispatch/dispatch.ts";
import { memoryHost } from "./dispatch/memory-host.fixture.ts";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test(
  "examples/notes.ts limits an agent to its own notes, but not the operator",
  { tags: ["slow"] },
  async () => {
    const args = ["--conditions=@nc/source", "--import", "tsx", here("../examples/notes.ts")];
    const { stdout } = await run(process.execPath, args, { cwd: here("..") });
    expect(stdout).toMatchInlineSnapshot(`
      "  notes list: allow by group-open
      notes list [{"id":"n-1","agent_group_id":"ag-ada","text":"Buy milk"}]
        notes get: allow by group-open
      notes get n-2 not-found: There is no "n-2" in notes.
        notes list: deny by foreign-group
      notes list --Agent-Group_ID ag-bob forbidden: CLI access is scoped to this agent group: leave the group's id out, it is filled in.
        notes delete: approve by group-approval
      notes delete n-1 approval-pending: "notes delete" waits for a person's approval. The outcome comes as a message.
        can: allow by group-open
      can notes create {"effect":"deny","ruleId":"operator-only","reason":"\\"notes create\\" is operator-only: ask the operator to run it."}
        notes get: allow by host
      notes get n-2 {"id":"n-2","agent_group_id":"ag-bob","text":"Sell milk"}
        can: allow by host
      can notes delete --as-group ag-ada {"effect":"approve","ruleId":"group-approval","reason":"\\"notes delete\\" needs a person's approval."}
      "
    `);
  },
);

/** Serves the groups of `memoryHost` at a socket, and returns its path. */
const servedGroups = async (): Promise<string> => {
  const verb = { access: "open", reach: "host" } as const;
  const groups: Resource = {
    name: "group",
    plural: "groups",
    description: "Agents' homes.",
    id: { description: "The group." },
    columns: [{ name: "name", type: "string", description: "Its name." }],
    verbs: { list: verb, get: verb },
  };
  const host = {
    ...memoryHost(crud(groups)),
    referred: () => ({
      has: async () => true,
      meant: async () => [],
      isIdForm: null,
      beginning: async () => [{ id: "ag-own", names: ["Own home"], description: "Own home" }],
    }),
  };
  const folder = mkdtempSync(join(tmpdir(), "notes-"));
  const path = join(folder, "notes.sock");
  const answer = async (socket: Socket, line: Buffer): Promise<void> => {
    const frame = await dispatch(JSON.parse(line.toString()), { type: "host" }, host);
    socket.end(`${JSON.stringify(frame)}\n`);
  };
  const server = createServer((socket) => socket.on("data", (line: Buffer) => void answer(socket, line)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return path;
};

test("examples/client.ts shows answers and errors, and completes words", { tags: ["slow"] }, async () => {
  const NOTES_SOCKET = await servedGroups();
  const client = async (...argv: readonly string[]) => {
    const args = ["--conditions=@nc/source", "--import", "tsx", here("../examples/client.ts"), ...argv];
    const options = { cwd: here(".."), env: { ...process.env, NOTES_SOCKET } };
    const ran = await run(process.execPath, args, options).catch((error: unknown) => error);
    const { code = 0, stdout, stderr } = ran as { code?: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  };
  const answers = [
    await client("groups", "list"),
    await client("groups", "get", "ag-own", "--json"),
    await client("groups", "get", "none"),
    await client("groups", "-x"),
    await client("completion", "words", "bash", "--", "groups", "get", "Own"),
  ];
  expect(answers).toEqual([
    { code: 0, stdout: "id        name\nag-own    Own\nag-other  Other\n", stderr: "" },
    { code: 0, stdout: '{"id":"1","ok":true,"data":{"id":"ag-own","name":"Own"}}\n', stderr: "" },
    { code: 1, stdout: "", stderr: 'error: There is no "none" in groups. (not-found)\n' },
    { code: 2, stdout: "", stderr: expect.stringContaining("Unknown flag -x") as unknown },
    { code: 0, stdout: "Own\\ home\n", stderr: "" },
  ]);
  expect((await client("completion", "bash")).stdout).toContain("complete -o default -F _notes notes");
});
