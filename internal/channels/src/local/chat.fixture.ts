import { randomUUID } from "node:crypto";
import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/control-plane/testing";
import type { Central } from "@gatehouse/control-plane";
import { rawClient, type RawClient } from "@gatehouse/socket-server/testing";
import { expect, onTestFinished } from "vitest";
import type { Channel } from "../channel.ts";
import type { ReadUpTo, ServerFrame, ShownMessage } from "./frames.ts";
import { localChannel, type LocalChannelOptions } from "./local-channel.ts";

/** A central database with the groups Ana and Ops, the owner Ana, and Bo, who is a member of Ana. */
export type ChatBed = {
  readonly central: Central;
  readonly socketPath: string;
  readonly filesDir: string;
  /** What the channel reported. A test that expects none need not look: it fails if there is one. */
  readonly bugs: unknown[];
  readonly open: (more?: Partial<LocalChannelOptions>) => Channel;
  readonly client: () => RawClient;
};

export const chatBed = async (): Promise<ChatBed> => {
  const central = await openedCentral(temporaryFolder());
  const { db } = central;
  await addRow(db, "agent_groups", { id: "ag-ana", name: "Ana", folder: "ana" });
  await addRow(db, "agent_groups", { id: "ag-ops", name: "Ops", folder: "ops-team" });
  for (const [id, display_name] of [
    ["local:ana", "Ana"],
    ["local:bo", "Bo"],
    ["local:cy", "Cy"],
  ] as const)
    await addRow(db, "users", { id, kind: "local", display_name });
  await addRow(db, "user_roles", { user_id: "local:ana", role: "owner", agent_group_id: null });
  await addRow(db, "agent_group_members", { user_id: "local:bo", agent_group_id: "ag-ana" });
  const folder = mkdtempSync(join(tmpdir(), "chat-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "chat.sock");
  const bugs: unknown[] = [];
  return {
    central,
    socketPath,
    filesDir: join(folder, "files"),
    bugs,
    open: (more = {}) =>
      localChannel({
        db,
        socketPath,
        filesDir: join(folder, "files"),
        now: () => new Date().toISOString(),
        id: (prefix) => `${prefix}-${randomUUID()}`,
        report: (error) => bugs.push(error),
        retryMs: 5,
        ...more,
      }),
    client: () => rawClient(socketPath),
  };
};

/** The files of a box that the database has, as `message/name`, whether their time is over or not. */
export const filesIn = async (
  { central }: ChatBed,
  box: "chat-in" | "chat-out",
): Promise<readonly string[]> => {
  const rows = await central.db
    .selectFrom("session_files")
    .select(["message_id", "name"])
    .where("box", "=", box)
    .orderBy("message_id")
    .execute();
  return rows.map(({ message_id, name }) => `${message_id}/${name}`);
};

export const line = (frame: unknown): string => `${JSON.stringify(frame)}\n`;

export const hello = (group: string, as?: string, after?: ReadUpTo): string =>
  line({ type: "hello", version: 1, group, as, after });

/** The frames of a type that a client has heard. */
export const framesOf = <T extends ServerFrame["type"]>(
  client: RawClient,
  type: T,
): readonly Extract<ServerFrame, { readonly type: T }>[] =>
  (client.heard() as readonly ServerFrame[]).filter(
    (frame): frame is Extract<ServerFrame, { readonly type: T }> => frame.type === type,
  );

/** A client that was let in. */
export const welcomed = async (
  bed: ChatBed,
  group: string,
  as?: string,
  after?: ReadUpTo,
): Promise<RawClient> => {
  const client = bed.client();
  client.say(hello(group, as, after));
  await client.hear(1);
  expect(client.heard()[0]).toMatchObject({ type: "welcome" });
  return client;
};

export const messagesOf = (client: RawClient): readonly ShownMessage[] => framesOf(client, "message");
