import { crud, dispatch, type Actor, type CommandHost, type Reach, type Resource } from "@nc/cli-scope";
import { parseArgv } from "@nc/cli-scope/argv";

// A resource: five verbs from one description. An agent looks at its own notes, and asks a person before it
// deletes one.
const notes: Resource = {
  name: "note",
  plural: "notes",
  description: "Notes of an agent group.",
  id: { description: "The note." },
  rowGroup: "agent_group_id",
  columns: [
    {
      name: "agent_group_id",
      type: "string",
      description: "The owning group.",
      lock: "group",
      required: true,
    },
    { name: "text", type: "string", description: "The text of the note.", required: true },
  ],
  verbs: {
    list: { access: "open", reach: "group" },
    get: { access: "open", reach: "group" },
    create: { access: "operator", reach: "host" },
    delete: { access: "approval", reach: "group" },
  },
};

// A store, and the context of a handler: rows out of reach are not in it.
const stored = new Map([
  ["n-1", { id: "n-1", agent_group_id: "ag-ada", text: "Buy milk" }],
  ["n-2", { id: "n-2", agent_group_id: "ag-bob", text: "Sell milk" }],
]);
const good = async <T>(value: T): Promise<{ ok: true; value: T }> => ({ ok: true, value });
const contextOf = (reach: Reach) => {
  const rows = [...stored.values()].filter((row) => reach === "all" || row.agent_group_id === reach.groupId);
  const get = (id: string) => good(rows.find((row) => row.id === id) ?? null);
  const list = ({ limit }: { limit: number }) => good(rows.slice(0, limit));
  return { rows: () => ({ list, get, create: good, update: get, delete: get }) };
};

const host: CommandHost<ReturnType<typeof contextOf>> = {
  commands: crud(notes),
  authorization: async () => ({ scope: "group", wiringId: null }),
  groupAuthorization: async () => ({ scope: "group", wiringId: null }),
  read: (reach, run) => run(contextOf(reach)),
  change: (reach, run) => run(contextOf(reach)),
  hold: async () => good("ap-1"),
  record: async ({ command, effect, ruleId }) => console.log(`  ${command}: ${effect} by ${ruleId}`),
};

const operator: Actor = { type: "host" };
const ada: Actor = { type: "agent", sessionId: "se-1", groupId: "ag-ada", messagingGroupId: null };
const calls: [Actor, string][] = [
  [ada, "notes list"],
  [ada, "notes get n-2"],
  [ada, "notes list --Agent-Group_ID ag-bob"],
  [ada, "notes delete n-1"],
  [ada, "can notes create"],
  [operator, "notes get n-2"],
  [operator, "can notes delete --as-group ag-ada"],
];
for (const [actor, line] of calls) {
  const typed = parseArgv(line.split(" "));
  if (!typed.ok) continue;
  const answer = await dispatch({ id: "1", ...typed.value }, actor, host);
  console.log(
    line,
    answer.ok ? JSON.stringify(answer.data) : `${answer.error.code}: ${answer.error.message}`,
  );
}
