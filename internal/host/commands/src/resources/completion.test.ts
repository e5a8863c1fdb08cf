import { dispatch, type Actor } from "@nc/cli-scope";
import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, steward } from "@gatehouse/dispatch/testing";

const prepared = async () => {
  const bed = await hostBed();
  const { db } = bed.central;
  for (const [id, name] of Object.entries({ "ag-a": "Zoë's", "ag-b": "twin", "ag-c": "twin" }))
    await addRow(db, "agent_groups", { id, name, folder: id });
  for (const actor of [member, steward])
    await bed.ask(actor, "groups", "config", "update", actor.groupId, "--model", "opus");
  return bed;
};

test.each<{ who: string; actor: Actor; words: string; current: string; offers: readonly string[] }>([
  { who: "the operator", actor: operator, words: "groups get", current: "Zo", offers: ["Zoë's"] },
  { who: "the operator", actor: operator, words: "groups get", current: "twin", offers: [] },
  { who: "the operator", actor: operator, words: "groups get", current: "tea", offers: ["team"] },
  { who: "a group's agent", actor: member, words: "groups get", current: "", offers: ["ag-team", "team"] },
  { who: "a group's agent", actor: member, words: "sessions get", current: "", offers: ["se-team"] },
  { who: "a group's agent", actor: member, words: "members add --user", current: "", offers: [] },
  { who: "a group's agent", actor: member, words: "wirings get", current: "", offers: [] },
  {
    who: "a global agent",
    actor: steward,
    words: "members add --user",
    current: "telegram:n",
    offers: ["telegram:nobody"],
  },
  {
    who: "a global agent, as its list",
    actor: steward,
    words: "approvals get",
    current: "",
    offers: ["its own"],
  },
])("completion after $words $current offers $who $offers", async ({ actor, words, current, offers }) => {
  const { host, central } = await prepared();
  const own = await central.db
    .selectFrom("pending_approvals")
    .select("approval_id")
    .where("agent_group_id", "=", "ag-home")
    .executeTakeFirstOrThrow();
  const frame = { id: "1", command: "complete", args: { words: words.split(" "), current } };
  const answer = await dispatch(frame, actor, host);
  const { candidates } = (answer.ok ? answer.data : expect.fail(answer.error.message)) as {
    readonly candidates: readonly { readonly value: string }[];
  };
  const values = candidates.map(({ value }) => (value === own.approval_id ? "its own" : value));
  expect(values.filter((value) => !value.startsWith("--"))).toEqual(offers);
});
