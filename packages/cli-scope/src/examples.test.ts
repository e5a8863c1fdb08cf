import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test(
  "examples/notes.ts: an agent is kept to its own notes, the operator is not",
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
      notes delete n-1 approval-pending: "notes delete" waits for a person: approval ap-1. The outcome comes as a message.
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
