import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { ResponseFrame } from "@nc/cli-scope";
import { countUp, type Journal, type KnownGroup } from "./journal.fixture.ts";
import type { Ask } from "./killed-host.fixture.ts";
import type { Chances } from "./random.fixture.ts";

/** The group, the session and the owner that exist from the start. */
export const team = { groupId: "ag-team", sessionId: "se-team", ownerId: "test:owner" };
/** The users that clients make members of groups. */
export const people = ["test:ada", "test:bob", "test:eve"] as const;

/** One of several clients that write at the same time. */
export type Client = {
  readonly name: string;
  readonly dataDir: string;
  /** The operator on a socket, the owner as a person, and the agent of the team. */
  readonly operator: Ask;
  readonly owner: Ask;
  readonly agent: Ask;
  readonly chances: Chances;
  readonly journal: Journal;
  /** Groups that only this client changes. */
  readonly own: KnownGroup[];
  /** Returns an unused name. */
  readonly newName: () => string;
  readonly isGone: () => boolean;
  /** Called at each answer. */
  readonly onAnswer: () => void;
};

type Data = Readonly<Record<string, unknown>>;

/**
 * Sends a command as the operator that has to succeed. Returns its data; null if the host ended first, refused it
 * as unchanged, or failed, which goes into the journal.
 */
const run = async (client: Client, words: string, args: Data): Promise<Data | null> => {
  const frame = await client.operator(requestOf(words, args));
  if (frame === null) return null;
  client.onAnswer();
  if (frame.ok) {
    countUp(client.journal.answered, words);
    return frame.data as Data;
  }
  if (isUnchanged(frame)) return refuse(client, newNameIn(words, args));
  client.journal.problems.push(`${words} ${JSON.stringify(args)}: ${frame.error.message}`);
  return null;
};

/** True for a refusal for want of the database's server, which says that nothing was changed. */
const isUnchanged = (frame: ResponseFrame): boolean =>
  !frame.ok && /^The database's server .*Nothing was changed/.test(frame.error.message);

const refuse = ({ journal }: Client, newName: string | null): null => {
  journal.refused.push(newName);
  return null;
};

/** The new name in a command's arguments; null if it has none. */
const newNameIn = (words: string, { apt, model, name }: Data): string | null =>
  /remove|delete|members/.test(words) ? null : String(apt ?? model ?? name);

const requestOf = (words: string, args: object) => ({ command: words.replaceAll(" ", "-"), args });

const create = async (client: Client): Promise<void> => {
  const folder = client.newName();
  const made = await run(client, "groups create", { name: folder, folder });
  if (made === null) return;
  const group: KnownGroup = {
    id: String(made["id"]),
    folder,
    names: [folder],
    sure: 0,
    fate: "kept",
    members: new Set(),
  };
  client.own.push(group);
  client.journal.groups.push(group);
};

const rename = async (client: Client): Promise<void> => {
  const group = client.own.at(-1);
  if (group === undefined) return create(client);
  group.names.push(client.newName());
  const sure = group.names.length - 1;
  const renamed = await run(client, "groups update", { id: group.id, name: group.names[sure] });
  if (renamed !== null) group.sure = sure;
};

const addMember = async (client: Client): Promise<void> => {
  const group = client.own.at(-1);
  if (group === undefined) return create(client);
  const user = client.chances.pick(people);
  const added = await run(client, "members add", { group: group.id, user });
  if (added !== null) group.members.add(user);
};

const remove = async (client: Client): Promise<void> => {
  if (client.own.length < 3) return create(client);
  const group = client.own.shift();
  if (group === undefined) return;
  group.fate = "leaving";
  const purge = client.chances.below(2) === 0;
  if (purge) {
    const notes = join(client.dataDir, "groups", group.folder, "notes");
    mkdirSync(notes, { recursive: true });
    writeFileSync(join(notes, "a.md"), "what the agent wrote");
  }
  const gone = await run(client, "groups delete", { id: group.id, ...(purge ? { purge } : {}) });
  if (gone !== null) group.fate = "gone";
};

/** A group to configure: the team, which all clients change at the same time, or the client's own newest group. */
const groupToConfigure = (client: Client): string =>
  client.chances.below(3) > 0 ? team.groupId : (client.own.at(-1)?.id ?? team.groupId);

const setModel = async (client: Client): Promise<void> => {
  const [groupId, model] = [groupToConfigure(client), client.newName()];
  const saved = await run(client, "groups config update", { id: groupId, model });
  if (saved === null) return;
  const generation = Number(saved["generation"]);
  client.journal.saved.push({ groupId, generation, what: model, isIn: (now) => now.model === model });
};

const addServer = async (client: Client): Promise<void> => {
  const [groupId, name] = [groupToConfigure(client), client.newName()];
  const added = await run(client, "groups config add-mcp-server", { id: groupId, name, command: "npx" });
  if (added === null) return;
  const generation = Number(added["generation"]);
  client.journal.saved.push({ groupId, generation, what: name, isIn: (now) => name in now.mcp_servers });
  const removed = await run(client, "groups config remove-mcp-server", { id: groupId, name });
  if (removed === null) return;
  client.journal.saved.push({
    groupId,
    generation: Number(removed["generation"]),
    what: `no ${name}`,
    isIn: (now) => !(name in now.mcp_servers),
  });
};

const addPackage = async (client: Client): Promise<void> => {
  const [groupId, apt] = [groupToConfigure(client), client.newName()];
  const added = await run(client, "groups config add-package", { id: groupId, apt });
  if (added === null) return;
  const generation = Number(added["generation"]);
  client.journal.saved.push({
    groupId,
    generation,
    what: apt,
    isIn: (now) => now.packages_apt.includes(apt),
  });
  await removePackage(client, groupId, apt);
};

const removePackage = async (client: Client, groupId: string, apt: string): Promise<void> => {
  const removed = await run(client, "groups config remove-package", { id: groupId, apt });
  if (removed === null) return;
  client.journal.saved.push({
    groupId,
    generation: Number(removed["generation"]),
    what: `no ${apt}`,
    isIn: (now) => !now.packages_apt.includes(apt),
  });
};

const askAndApprove = async (client: Client): Promise<void> => {
  const apt = client.newName();
  const held = await client.agent(requestOf("groups config add-package", { apt }));
  if (held === null) return;
  client.onAnswer();
  if (isUnchanged(held)) return void refuse(client, apt);
  if (held.ok || held.error.approvalId === undefined)
    return void client.journal.problems.push(`It did not wait: ${JSON.stringify(held)}`);
  client.journal.held.add(held.error.approvalId);
  await approveTwice(client, { id: held.error.approvalId, apt });
};

/**
 * The operator and the owner approve the same approval at the same time. Then the approved package is removed
 * again, so that a second run of the approval would show.
 */
export const approveTwice = async (
  client: Client,
  { id, apt }: { readonly id: string; readonly apt: string },
): Promise<void> => {
  const request = requestOf("approvals approve", { id });
  const answers = await Promise.all([client.operator(request), client.owner(request)]);
  const approved = answers.filter((answer) => isApproved(answer));
  approved.forEach(() => countUp(client.journal.approved, id));
  if (answers[0]?.ok === true) countUp(client.journal.answered, "approvals approve");
  for (const answer of answers) if (answer !== null) client.onAnswer();
  const unchanged = answers.filter((answer) => answer !== null && isUnchanged(answer));
  unchanged.forEach(() => refuse(client, null));
  // Both were refused as unchanged, so they ask again.
  if (unchanged.length === 2) return client.isGone() ? undefined : approveTwice(client, { id, apt });
  // A host that is killed while it waits for the disk leaves an unacknowledged commit. A copy of the file has it, but
  // the next host may not: the lock that says whether the file is open belongs to a process, and this one has it too.
  const isMissing = answers.every((answer) => answer?.ok === false && answer.error.code === "not-found");
  if (isMissing && !client.journal.held.has(id)) return;
  if (!answers.includes(null) && approved.length !== 1)
    client.journal.problems.push(`${id}: of two who approve, one runs it: ${JSON.stringify(answers)}`);
  if (approved.length > 0) await removePackage(client, team.groupId, apt);
};

const isApproved = (answer: ResponseFrame | null): boolean =>
  answer?.ok === true && (answer.data as Data)["status"] === "approved";

const steps = [
  create,
  rename,
  addMember,
  remove,
  setModel,
  addServer,
  addPackage,
  askAndApprove,
  askAndApprove,
] as const;

/** Runs random commands until the host has ended. */
export const writeOn = async (client: Client): Promise<void> => {
  while (!client.isGone()) {
    await client.chances.pick(steps)(client);
    // Requests to an ended host are answered at once. Without this pause its end event would never be handled.
    await turn();
  }
};
