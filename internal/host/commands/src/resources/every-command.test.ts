import type { ErrorCode } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { hostBed, member, mute, operator, person, steward, stranger } from "@gatehouse/dispatch/testing";
import { addRow } from "@gatehouse/central-database/testing";
import { commands } from "./index.ts";

type Code = ErrorCode | "ok";

/** The codes that the operator, an agent within its group and a global agent get for a valid command line. */
type Row = { readonly line: string; readonly operator: Code; readonly own: Code; readonly global: Code };

const read = { operator: "ok", own: "ok", global: "ok" } as const;
const change = { operator: "ok", own: "approval-pending", global: "approval-pending" } as const;
const readAll = { operator: "ok", own: "forbidden", global: "ok" } as const;
const changeAll = { operator: "ok", own: "forbidden", global: "approval-pending" } as const;
const noImage = { operator: "invalid-args", own: "invalid-args", global: "invalid-args" } as const;
const operatorOnly = { operator: "ok", own: "forbidden", global: "forbidden" } as const;

/** One line for each command. The agent within its group is that of `ag-team`. */
const table: readonly Row[] = [
  { line: "groups list", ...read },
  { line: "groups get ag-team", ...read },
  { line: "groups create --name New --folder new", ...changeAll },
  { line: "groups update ag-team --name Team", ...change },
  { line: "groups delete ag-team", ...changeAll },
  { line: "groups restart ag-team --message again", ...change },
  // The host of these tests runs processes.
  { line: "groups install-packages ag-team --apt jq", ...noImage },
  { line: "groups config get ag-team", ...read },
  { line: "groups config update ag-team --model opus", ...change },
  { line: "groups config add-mcp-server ag-team --name rss --command npx", ...change },
  { line: "groups config remove-mcp-server ag-team --name there", ...change },
  { line: "groups config add-package ag-team --apt ripgrep", ...change },
  { line: "groups config remove-package ag-team --npm there", ...change },
  { line: "groups config add-mount ag-team --host /opt --container opt", ...operatorOnly },
  { line: "groups config remove-mount ag-team --container there", ...operatorOnly },
  { line: "groups config history ag-team", ...read },
  { line: "groups config diff ag-team", ...read },
  { line: "groups config rollback ag-team --to 1", ...change },
  { line: "sessions config get se-team", ...read },
  { line: "sessions config update se-team --provider echo", ...change },
  { line: "messaging-groups list", ...readAll },
  { line: "messaging-groups get mg-team", ...readAll },
  { line: "messaging-groups create --channel-type discord --platform-id 7", ...changeAll },
  { line: "messaging-groups update mg-team --name Team", ...changeAll },
  { line: "messaging-groups ask-again mg-team", ...changeAll },
  { line: "messaging-groups delete mg-free", ...changeAll },
  { line: "wirings list", ...readAll },
  { line: "wirings get wi-team", ...read },
  { line: "wirings create --messaging-group-id mg-free --agent-group-id ag-team", ...changeAll },
  { line: "wirings update wi-team --engage-mode mention", ...change },
  { line: "wirings delete wi-team", ...changeAll },
  { line: "users list", ...readAll },
  { line: "users get telegram:owner", ...readAll },
  { line: "users create --id telegram:8 --kind telegram", ...changeAll },
  { line: "users update telegram:owner --display-name Ana", ...changeAll },
  { line: "users delete telegram:nobody", ...operatorOnly },
  { line: "users reload", ...operatorOnly },
  { line: "roles list", ...readAll },
  { line: "roles grant --user telegram:nobody --role admin --group ag-team", ...changeAll },
  { line: "roles revoke --user telegram:admin --role admin --group ag-team", ...changeAll },
  { line: "members list", ...read },
  { line: "members add --user telegram:nobody --group ag-team", ...change },
  { line: "members remove --user telegram:owner --group ag-team", ...change },
  { line: "destinations list", ...read },
  {
    line: "destinations add --agent-group-id ag-team --local-name all --target-type channel --target-id mg-free",
    ...change,
  },
  { line: "destinations remove --agent-group-id ag-team --local-name there", ...change },
  { line: "sessions list", ...read },
  { line: "sessions get se-team", ...read },
  { line: "sessions messages se-team", ...operatorOnly },
  { line: "sessions wake se-team", ...changeAll },
  { line: "sessions close se-team", ...changeAll },
  { line: "tasks list", ...read },
  { line: "tasks get ta-there", ...read },
  { line: "tasks create --group ag-team --text Hi --every 1d --yes", ...change },
  { line: "tasks update ta-there --every 1d", ...change },
  { line: "tasks pause ta-there", operator: "ok", own: "ok", global: "ok" },
  { line: "tasks resume ta-paused", ...change },
  { line: "tasks run ta-there", ...change },
  // The first agent deletes it at once, so the others do not find it.
  { line: "tasks delete ta-there", operator: "not-found", own: "ok", global: "not-found" },
  { line: "user-dms list", ...readAll },
  { line: "machines list", ...operatorOnly },
  { line: "machines delete ma-there", ...operatorOnly },
  { line: "dropped-messages list", ...readAll },
  { line: "approvals list", ...readAll },
  { line: "approvals get ap-there", operator: "ok", own: "forbidden", global: "not-found" },
  { line: "approvals approve ap-there", ...operatorOnly },
  // It is no question.
  {
    line: "approvals answer ap-there --text 1",
    operator: "invalid-args",
    own: "forbidden",
    global: "forbidden",
  },
  { line: "approvals reject ap-there", ...operatorOnly },
  { line: "tool-rules list", ...read },
  { line: "tool-rules delete tr-there", ...operatorOnly },
  { line: "intents list", ...read },
  { line: "intents get in-there", ...read },
  { line: "decisions list", ...operatorOnly },
  { line: "decisions verify", ...operatorOnly },
];

/** The rows that the command lines above need: entries to remove, and a pending command of `ag-team`. */
const prepared = async () => {
  const bed = await hostBed();
  const { ok, ask, central } = bed;
  for (const line of [
    "groups config add-mcp-server ag-team --name there --command npx",
    "groups config add-package ag-team --npm there",
    "groups config add-mount ag-team --host /opt --container there",
    "members add --user telegram:owner --group ag-team",
    "destinations add --agent-group-id ag-team --local-name there --target-type agent --target-id ag-other",
  ])
    await ok(operator, ...line.split(" "));
  const held = await ask(member, "groups", "update", "--name", "Held");
  await central.db
    .updateTable("pending_approvals")
    .set({ approval_id: "ap-there" })
    .where("approval_id", "=", held.ok ? "" : (held.approvalId ?? ""))
    .execute();
  await addRow(central.db, "tool_rules", { id: "tr-there", agent_group_id: "ag-team" });
  await addRow(central.db, "machines", { id: "ma-there", agent_group_id: "ag-team" });
  const task = { agent_group_id: "ag-team", messaging_group_id: "mg-team" };
  await addRow(central.db, "tasks", { id: "ta-there", ...task });
  await addRow(central.db, "tasks", { id: "ta-paused", ...task, status: "paused" });
  await addRow(central.db, "intents", { id: "in-there", agent_group_id: "ag-team" });
  return bed;
};

describe("every command", () => {
  test("the table has a line for every command", () =>
    expect(
      commands
        .map(({ words }) => words)
        .filter((words) => !table.some(({ line }) => `${line} `.startsWith(`${words} `))),
    ).toEqual([]));

  // The operator comes last: the calls of the others change nothing.
  test.each(table)(
    "$line gives each caller the code of its line",
    async ({ line, operator: host, own, global }) => {
      const { code } = await prepared();
      const argv = line.split(" ");
      const answers = {
        "an agent of the group": await code(member, ...argv),
        "a global agent": await code(steward, ...argv),
        "an agent that is disabled": await code(mute, ...argv),
        "an agent whose session is not there": await code({ ...member, sessionId: "se-none" }, ...argv),
        "an agent in another's session": await code({ ...stranger, sessionId: "se-team" }, ...argv),
        "a person without a role": await code(person("nobody"), ...argv),
        "the operator": await code(operator, ...argv),
      };
      expect(answers).toEqual({
        "an agent of the group": own,
        "a global agent": global,
        "an agent that is disabled": "forbidden",
        "an agent whose session is not there": "forbidden",
        "an agent in another's session": "forbidden",
        "a person without a role": "permission-denied",
        "the operator": host,
      });
    },
  );
});
